// Untrusted JSON → ModelManifest. Each complaint names the field and what stands there. Kept in step with
// public/model.schema.json by a test that feeds both the same broken manifests.
import { EosinError } from '#errors/failure.ts';
import {
  type ImageInput,
  type ModelClass,
  type ModelManifest,
  type ModelTasks,
  type PatchManifest,
  type PatchOutput,
  type RowsInput,
  type RowsManifest,
  type RowsOutput,
  readsPatches,
} from './manifest.ts';

/** A value of the JSON and where it stands: '' is the whole, then 'input.mean[1]'. */
interface At {
  readonly value: unknown;
  readonly path: string;
}

interface Bounds {
  readonly min?: number;
  readonly above?: number;
  readonly max?: number;
  readonly whole?: boolean;
}

/** @throws EosinError ModelInvalid: which field, what was seen, what it must be */
export function parseManifest(json: unknown): ModelManifest {
  const root = { value: json, path: '' };
  const model =
    typeof json === 'object' && json !== null && 'id' in json && typeof json.id === 'string' ? json.id : 'model.json';
  try {
    return checked(manifestOf(root));
  } catch (thrown) {
    if (!(thrown instanceof Complaint)) throw thrown;
    throw new EosinError({ tag: 'ModelInvalid', model, seen: thrown.message, todo: 'Correct its model.json.' });
  }
}

/** @throws EosinError ModelInvalid, also where the model reads features and not patches */
export function parsePatchManifest(json: unknown): PatchManifest {
  return patchManifest(parseManifest(json));
}

/** @throws EosinError ModelInvalid where the model reads features, not patches */
export function patchManifest(manifest: ModelManifest): PatchManifest {
  if (readsPatches(manifest)) return manifest;
  const seen = `it is of the task ${manifest.task} and reads features of ${manifest.input.encoder.id}, not patches`;
  throw new EosinError({ tag: 'ModelInvalid', model: manifest.id, seen, todo: 'Choose a segmentation or an encoder.' });
}

/** @throws EosinError ModelInvalid where the model reads patches, not features */
export function rowsManifest(manifest: ModelManifest): RowsManifest {
  if (!readsPatches(manifest)) return manifest;
  const seen = `it is of the task ${manifest.task} and reads patches, not features`;
  throw new EosinError({ tag: 'ModelInvalid', model: manifest.id, seen, todo: 'Choose an attention model or a head.' });
}

class Complaint extends Error {}

function complain({ value, path }: At, expected: string): never {
  const seen = value === undefined ? 'is missing' : `is ${JSON.stringify(value).slice(0, 60)}`;
  throw new Complaint(`${path || 'the manifest'} ${seen}, expected ${expected}`);
}

function field(at: At, name: string): At {
  const { value, path } = at;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return complain(at, 'an object');
  return {
    value: Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined,
    path: path ? `${path}.${name}` : name,
  };
}

function text(at: At, pattern?: RegExp, expected = 'a text'): string {
  if (typeof at.value !== 'string' || (pattern && !pattern.test(at.value))) return complain(at, expected);
  return at.value;
}

function oneOf<const T extends string | number>(at: At, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === at.value);
  return found ?? complain(at, choices.map((choice) => JSON.stringify(choice)).join(' or '));
}

function number(at: At, { min = -Infinity, above = -Infinity, max = Infinity, whole = false }: Bounds = {}): number {
  const { value } = at;
  if (typeof value === 'number' && Number.isFinite(value) && value >= min && value > above && value <= max) {
    if (!whole || Number.isInteger(value)) return value;
  }
  const limits = [
    min > -Infinity ? `at least ${min}` : '',
    above > -Infinity ? `above ${above}` : '',
    max < Infinity ? `at most ${max}` : '',
  ].filter(Boolean);
  return complain(at, [whole ? 'a whole number' : 'a number', ...limits].join(', '));
}

function list<T>(at: At, each: (item: At) => T, length?: number, least = 0): T[] {
  const { value, path } = at;
  if (!Array.isArray(value) || (length !== undefined && value.length !== length) || value.length < least) {
    return complain(
      at,
      length === undefined ? `a list${least > 0 ? ` of at least ${least}` : ''}` : `a list of ${length}`,
    );
  }
  return value.map((item, index) => each({ value: item, path: `${path}[${index}]` }));
}

const optional = <T>(at: At, parse: (at: At) => T): T | undefined => (at.value === undefined ? undefined : parse(at));

function triple(at: At, bounds?: Bounds): readonly [number, number, number] {
  const [first = 0, second = 0, third = 0] = list(at, (item) => number(item, bounds), 3);
  return [first, second, third];
}

const FILE = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/; // a name in the model's own folder, never a path
const ID = /^[a-z0-9][a-z0-9.-]*$/;
const SHA256 = /^[0-9a-f]{64}$/;
const SIDE = { min: 1, whole: true } as const;
const LEVEL = { min: 0, max: 255 } as const; // an 8-bit probability
const AMOUNT = { min: 0 } as const;

function manifestOf(at: At): ModelManifest {
  const described = describedOf(at);
  const task = oneOf(field(at, 'task'), ['segmentation', 'encoder', 'attention', 'head']);
  if (task === 'segmentation' || task === 'encoder') {
    return {
      ...described,
      task,
      input: inputOf(field(at, 'input')),
      outputs: list(field(at, 'outputs'), outputOf, undefined, 1),
      tasks: tasksOf(field(at, 'tasks')),
      golden: {
        image: text(field(field(at, 'golden'), 'image'), FILE, 'a file name'),
        ...goldenOf(field(at, 'golden')),
      },
    };
  }
  return {
    ...described,
    task,
    input: rowsInputOf(field(at, 'input')),
    outputs: list(field(at, 'outputs'), rowsOutputOf, undefined, 1),
    golden: {
      features: text(field(field(at, 'golden'), 'features'), FILE, 'a file name'),
      ...goldenOf(field(at, 'golden')),
    },
  };
}

function describedOf(at: At) {
  return {
    schema: oneOf(field(at, 'schema'), [1] as const),
    id: text(field(at, 'id'), ID, 'small letters, digits, dots and dashes'),
    name: text(field(at, 'name')),
    version: text(field(at, 'version')),
    summary: text(field(at, 'summary')),
    licence: text(field(at, 'licence')),
    licenceNote: text(field(at, 'licenceNote')),
    data: list(field(at, 'data'), (item) => text(item)),
    metrics: list(field(at, 'metrics'), metricOf),
    file: text(field(at, 'file'), FILE, 'a file name'),
    bytes: number(field(at, 'bytes'), SIDE),
    sha256: text(field(at, 'sha256'), SHA256, '64 hexadecimal digits'),
    parameters: number(field(at, 'parameters'), { min: 0, whole: true }),
    gflopPerMegapixel: number(field(at, 'gflopPerMegapixel'), AMOUNT),
  };
}

function metricOf(at: At): ModelManifest['metrics'][number] {
  const ci = optional(field(at, 'ci'), (item): readonly [number, number] => {
    const [low = 0, high = 0] = list(item, (end) => number(end), 2);
    return [low, high];
  });
  return { name: text(field(at, 'name')), value: number(field(at, 'value')), ci };
}

const inputOf = (at: At): ImageInput => ({
  name: text(field(at, 'name')),
  mpp: number(field(at, 'mpp'), { above: 0 }),
  layout: oneOf(field(at, 'layout'), ['NCHW']),
  channels: oneOf(field(at, 'channels'), ['RGB']),
  mean: triple(field(at, 'mean')),
  std: triple(field(at, 'std'), { above: 0 }),
  window: number(field(at, 'window'), SIDE),
  margin: number(field(at, 'margin'), { min: 0, whole: true }),
  multiple: number(field(at, 'multiple'), SIDE),
});

const classOf = (at: At): ModelClass => ({
  name: text(field(at, 'name')),
  color: text(field(at, 'color'), /^#[0-9a-f]{6}$/i, 'a colour like #1fa2ff'),
});

function rowsInputOf(at: At): RowsInput {
  const encoder = field(at, 'encoder');
  return {
    name: text(field(at, 'name')),
    layout: oneOf(field(at, 'layout'), ['NC']),
    channels: number(field(at, 'channels'), SIDE),
    encoder: {
      id: text(field(encoder, 'id'), ID, 'small letters, digits, dots and dashes'),
      sha256: text(field(encoder, 'sha256'), SHA256, '64 hexadecimal digits'),
      output: text(field(encoder, 'output')),
    },
  };
}

function rowsOutputOf(at: At): RowsOutput {
  const name = text(field(at, 'name'));
  const classes = (): ModelClass[] => list(field(at, 'classes'), classOf, undefined, 1);
  if (oneOf(field(at, 'kind'), ['rows', 'bag']) === 'bag') return { name, kind: 'bag', classes: classes() };
  if (field(at, 'classes').value !== undefined) return { name, kind: 'rows', classes: classes() };
  return { name, kind: 'rows', channels: number(field(at, 'channels'), SIDE) };
}

function outputOf(at: At): PatchOutput {
  const name = text(field(at, 'name'));
  const kind = oneOf(field(at, 'kind'), ['packed', 'grid', 'features', 'pooled']);
  if (kind === 'pooled') return { name, kind, channels: number(field(at, 'channels'), SIDE) };
  const stride = number(field(at, 'stride'), { above: 0 });
  switch (kind) {
    case 'packed':
      return { name, kind: 'packed', stride, planes: list(field(at, 'planes'), (item) => text(item), undefined, 1) };
    case 'grid':
      return { name, kind: 'grid', stride, classes: list(field(at, 'classes'), classOf, undefined, 1) };
    case 'features':
      return { name, kind: 'features', stride, channels: number(field(at, 'channels'), SIDE) };
  }
}

const tasksOf = (at: At): ModelTasks => ({
  nuclei: optional(field(at, 'nuclei'), (task) => {
    const rules = field(task, 'postprocess');
    return {
      classes: list(field(task, 'classes'), classOf, undefined, 1),
      postprocess: {
        upsample: oneOf(field(rules, 'upsample'), [1, 2]),
        foreground: number(field(rules, 'foreground'), LEVEL),
        marker: number(field(rules, 'marker'), LEVEL),
        minMarkerUm2: number(field(rules, 'minMarkerUm2'), AMOUNT),
        minAreaUm2: number(field(rules, 'minAreaUm2'), AMOUNT),
        minProbability: optional(field(rules, 'minProbability'), (at) => number(at, LEVEL)) ?? 0,
      },
    };
  }),
  glands: optional(field(at, 'glands'), (task) => {
    const rules = field(task, 'postprocess');
    return {
      classes: list(field(task, 'classes'), classOf, undefined, 1),
      postprocess: {
        foreground: number(field(rules, 'foreground'), LEVEL),
        seed: number(field(rules, 'seed'), LEVEL),
        minSeedUm2: number(field(rules, 'minSeedUm2'), AMOUNT),
        growUm: number(field(rules, 'growUm'), AMOUNT),
        minAreaUm2: number(field(rules, 'minAreaUm2'), AMOUNT),
      },
    };
  }),
  lumina: optional(field(at, 'lumina'), (task) => {
    const rules = field(task, 'postprocess');
    return {
      classes: list(field(task, 'classes'), classOf, undefined, 1),
      postprocess: {
        foreground: number(field(rules, 'foreground'), LEVEL),
        minAreaUm2: number(field(rules, 'minAreaUm2'), AMOUNT),
      },
    };
  }),
});

const goldenOf = (at: At): Pick<ModelManifest['golden'], 'outputs' | 'tolerance'> => ({
  outputs: text(field(at, 'outputs'), FILE, 'a file name'),
  tolerance: number(field(at, 'tolerance'), { min: 0, max: 1 }),
});

const MOST_WINDOW = 4096; //    px: its input alone takes 200 MB
const MOST_BYTES = 2 ** 31; //  of the ONNX file: an array holds no more everywhere
const MOST_NUCLEUS_CLASSES = 4; // three in the plane "types", the fourth is what they leave

/** What spans several fields or is a limit of this workbench, and so is not in the JSON Schema. */
function checked(manifest: ModelManifest): ModelManifest {
  if (manifest.bytes > MOST_BYTES) throw new Complaint(`bytes is ${manifest.bytes}, expected at most ${MOST_BYTES}`);
  const names = new Set<string>();
  for (const [index, { name }] of manifest.outputs.entries()) {
    if (names.has(name)) throw new Complaint(`outputs[${index}].name is "${name}", which an output before it has`);
    names.add(name);
  }
  if (readsPatches(manifest)) checkPatches(manifest);
  else checkRows(manifest);
  return manifest;
}

function checkRows({ task, outputs }: RowsManifest): void {
  if (task === 'head') {
    if (outputs.some((output) => output.kind === 'rows' && 'classes' in output)) return;
    throw new Complaint('outputs of a head need one of the kind "rows" with classes');
  }
  const attention = outputs.find(({ name }) => name === 'attention');
  if (attention?.kind !== 'rows' || !('channels' in attention) || attention.channels !== 1)
    throw new Complaint('outputs of an attention model need "attention", of the kind "rows" with 1 channel');
  const patch = outputs.find(({ name }) => name === 'patch');
  if (patch?.kind !== 'rows' || !('classes' in patch))
    throw new Complaint('outputs of an attention model need "patch", of the kind "rows" with classes');
}

function checkPatches(manifest: PatchManifest): void {
  const { window, margin, multiple } = manifest.input;
  if (window > MOST_WINDOW) throw new Complaint(`input.window is ${window}, expected at most ${MOST_WINDOW}`);
  if (window % multiple !== 0)
    throw new Complaint(`input.window is ${window}, expected a multiple of input.multiple, ${multiple}`);
  if (2 * margin >= window)
    throw new Complaint(`input.margin is ${margin}, expected less than half of input.window, ${window}`);
  for (const [index, output] of manifest.outputs.entries()) {
    if (output.kind !== 'pooled' && !Number.isInteger(multiple / output.stride)) {
      const { stride } = output;
      throw new Complaint(`outputs[${index}].stride is ${stride}, expected a divisor of input.multiple, ${multiple}`);
    }
  }
  if (manifest.task === 'encoder' && !manifest.outputs.some(({ kind }) => kind === 'pooled'))
    throw new Complaint('outputs of an encoder need one of the kind "pooled"');
  const planes = new Set(manifest.outputs.flatMap((output) => (output.kind === 'packed' ? output.planes : [])));
  const needed = {
    nuclei: manifest.tasks.nuclei && (manifest.tasks.nuclei.classes.length > 1 ? ['nuclei', 'types'] : ['nuclei']),
    glands: manifest.tasks.glands && ['glands'],
    lumina: manifest.tasks.lumina && ['lumina'],
  };
  for (const [task, wanted] of Object.entries(needed)) {
    const missing = wanted?.find((plane) => !planes.has(plane));
    if (missing) throw new Complaint(`tasks.${task} needs the plane "${missing}", which no packed output has`);
  }
  checkTasks(manifest);
}

function checkTasks({ tasks, outputs }: PatchManifest): void {
  const classes = tasks.nuclei?.classes.length ?? 0;
  if (classes > MOST_NUCLEUS_CLASSES)
    throw new Complaint(`tasks.nuclei.classes has ${classes} entries, expected at most ${MOST_NUCLEUS_CLASSES}`);
  if (!tasks.lumina) return;
  if (!tasks.glands) throw new Complaint('tasks.lumina needs tasks.glands: lumina are looked for inside glands');
  const strideOf = (plane: string): number | undefined =>
    outputs.flatMap((output) => (output.kind === 'packed' && output.planes.includes(plane) ? [output.stride] : []))[0];
  if (strideOf('lumina') !== strideOf('glands'))
    throw new Complaint(
      `the planes "glands" and "lumina" have strides ${strideOf('glands')} and ${strideOf('lumina')}, expected the same`,
    );
}

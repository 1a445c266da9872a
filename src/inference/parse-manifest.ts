// Untrusted JSON → ModelManifest. Each complaint names the field and what stands there. Kept in step with
// public/model.schema.json by a test that feeds both the same broken manifests.
import { EosinError } from '#errors/failure.ts';
import type { ModelClass, ModelInput, ModelManifest, ModelOutput, ModelTasks } from './manifest.ts';

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
const SIDE = { min: 1, whole: true } as const;
const LEVEL = { min: 0, max: 255 } as const; // an 8-bit probability
const AMOUNT = { min: 0 } as const;

function manifestOf(at: At): ModelManifest {
  return {
    schema: oneOf(field(at, 'schema'), [1]),
    id: text(field(at, 'id'), /^[a-z0-9][a-z0-9.-]*$/, 'small letters, digits, dots and dashes'),
    name: text(field(at, 'name')),
    version: text(field(at, 'version')),
    task: oneOf(field(at, 'task'), ['segmentation', 'encoder', 'attention', 'head']),
    summary: text(field(at, 'summary')),
    licence: text(field(at, 'licence')),
    licenceNote: text(field(at, 'licenceNote')),
    data: list(field(at, 'data'), (item) => text(item)),
    metrics: list(field(at, 'metrics'), metricOf),
    file: text(field(at, 'file'), FILE, 'a file name'),
    bytes: number(field(at, 'bytes'), SIDE),
    sha256: text(field(at, 'sha256'), /^[0-9a-f]{64}$/, '64 hexadecimal digits'),
    parameters: number(field(at, 'parameters'), { min: 0, whole: true }),
    gflopPerMegapixel: number(field(at, 'gflopPerMegapixel'), AMOUNT),
    input: inputOf(field(at, 'input')),
    outputs: list(field(at, 'outputs'), outputOf, undefined, 1),
    tasks: tasksOf(field(at, 'tasks')),
    golden: goldenOf(field(at, 'golden')),
  };
}

function metricOf(at: At): ModelManifest['metrics'][number] {
  const ci = optional(field(at, 'ci'), (item): readonly [number, number] => {
    const [low = 0, high = 0] = list(item, (end) => number(end), 2);
    return [low, high];
  });
  return { name: text(field(at, 'name')), value: number(field(at, 'value')), ci };
}

const inputOf = (at: At): ModelInput => ({
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

function outputOf(at: At): ModelOutput {
  const name = text(field(at, 'name'));
  const stride = number(field(at, 'stride'), { above: 0 });
  switch (oneOf(field(at, 'kind'), ['packed', 'grid', 'features'])) {
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

const goldenOf = (at: At): ModelManifest['golden'] => ({
  image: text(field(at, 'image'), FILE, 'a file name'),
  outputs: text(field(at, 'outputs'), FILE, 'a file name'),
  tolerance: number(field(at, 'tolerance'), { min: 0, max: 1 }),
});

const MOST_WINDOW = 4096; //    px: its input alone takes 200 MB
const MOST_BYTES = 2 ** 31; //  of the ONNX file: an array holds no more everywhere
const MOST_NUCLEUS_CLASSES = 4; // three in the plane "types", the fourth is what they leave

/** What spans several fields or is a limit of this workbench, and so is not in the JSON Schema. */
function checked(manifest: ModelManifest): ModelManifest {
  const { window, margin, multiple } = manifest.input;
  if (window > MOST_WINDOW) throw new Complaint(`input.window is ${window}, expected at most ${MOST_WINDOW}`);
  if (manifest.bytes > MOST_BYTES) throw new Complaint(`bytes is ${manifest.bytes}, expected at most ${MOST_BYTES}`);
  if (window % multiple !== 0)
    throw new Complaint(`input.window is ${window}, expected a multiple of input.multiple, ${multiple}`);
  if (2 * margin >= window)
    throw new Complaint(`input.margin is ${margin}, expected less than half of input.window, ${window}`);
  const names = new Set<string>();
  for (const [index, { name, stride }] of manifest.outputs.entries()) {
    if (names.has(name)) throw new Complaint(`outputs[${index}].name is "${name}", which an output before it has`);
    names.add(name);
    if (!Number.isInteger(multiple / stride)) {
      throw new Complaint(`outputs[${index}].stride is ${stride}, expected a divisor of input.multiple, ${multiple}`);
    }
  }
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
  return manifest;
}

function checkTasks({ tasks, outputs }: ModelManifest): void {
  const classes = tasks.nuclei?.classes.length ?? 0;
  if (classes > MOST_NUCLEUS_CLASSES)
    throw new Complaint(`tasks.nuclei.classes has ${classes} entries, expected at most ${MOST_NUCLEUS_CLASSES}`);
  if (!tasks.lumina) return;
  if (!tasks.glands) throw new Complaint('tasks.lumina needs tasks.glands: lumina are looked for inside glands');
  const strideOf = (plane: string): number | undefined =>
    outputs.find((output) => output.kind === 'packed' && output.planes.includes(plane))?.stride;
  if (strideOf('lumina') !== strideOf('glands'))
    throw new Complaint(
      `the planes "glands" and "lumina" have strides ${strideOf('glands')} and ${strideOf('lumina')}, expected the same`,
    );
}

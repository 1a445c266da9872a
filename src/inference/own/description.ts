// What authors say beside an ONNX file: WSInfer's config.json and the rdf.yaml of bioimage.io (0.4 and 0.5). Read loosely:
// a field that is not there, or not of its kind, is a field that nobody stated.
import { EosinError } from '#errors/failure.ts';

type Triple = readonly [number, number, number];

export interface Description {
  readonly source: 'WSInfer' | 'bioimage.io';
  readonly name: string | undefined;
  readonly summary: string | undefined;
  readonly licence: string | undefined;
  readonly window: number | undefined; //   px, as the network reads it
  readonly channels: number | undefined; // of the picture
  readonly mpp: number | undefined; //      µm a px of the window
  readonly mean: Triple | undefined; //     of value / 255
  readonly std: Triple | undefined;
  readonly classes: readonly string[] | undefined;
}

const MOST_CHARACTERS = 2 ** 20;

/**
 * @param text of the file
 * @returns undefined for a file of another kind
 * @throws EosinError BadInput where it is no JSON or YAML, or says two things at once
 */
export async function readDescription(file: string, text: string): Promise<Description | undefined> {
  if (text.length > MOST_CHARACTERS)
    throw bad(file, 'it is longer than a description is', 'Drop the model without it.');
  if (/\.json$/i.test(file)) {
    const json = parsed(file, text, JSON.parse);
    return hasAny(json, ['patch_size_pixels', 'spacing_um_px']) ? wsinfer(file, json) : undefined;
  }
  if (!/\.ya?ml$/i.test(file)) return undefined;
  const { parse } = await import('yaml');
  const yaml = parsed(file, text, (source) => parse(source, { maxAliasCount: 100 }));
  return hasAny(yaml, ['format_version']) && hasAny(yaml, ['inputs']) ? bioimage(yaml) : undefined;
}

const bad = (file: string, seen: string, todo: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: file, seen, todo });

function parsed(file: string, text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text);
  } catch (thrown) {
    const said = thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : String(thrown);
    throw bad(file, `it cannot be read (${said})`, 'Correct it, or drop the model without it.');
  }
}

function wsinfer(file: string, json: unknown): Description {
  const patch = positive(at(json, 'patch_size_pixels'));
  const spacing = positive(at(json, 'spacing_um_px'));
  const steps = listOf(at(json, 'transform'));
  const argumentsOf = (name: string): unknown =>
    at(
      steps.find((step) => at(step, 'name') === name),
      'arguments',
    );
  const resized = positive(at(argumentsOf('Resize'), 'size'));
  const window = resized ?? patch;
  const normalise = argumentsOf('Normalize');
  const classes = texts(at(json, 'class_names'));
  const count = positive(at(json, 'num_classes'));
  if (count !== undefined && classes && classes.length !== count) {
    const seen = `it says ${count} classes and names ${classes.length}`;
    throw bad(file, seen, 'Correct it, or drop the model without it.');
  }
  return {
    source: 'WSInfer',
    name: textOf(at(json, 'architecture')),
    summary: undefined,
    licence: undefined,
    window,
    channels: 3,
    mpp: spacing !== undefined && patch !== undefined && window !== undefined ? (spacing * patch) / window : spacing,
    mean: triple(at(normalise, 'mean')),
    std: triple(at(normalise, 'std')),
    classes: classes ?? (count === undefined ? undefined : Array.from({ length: count }, (_, k) => `class ${k + 1}`)),
  };
}

function bioimage(yaml: unknown): Description {
  const input = listOf(at(yaml, 'inputs'))[0];
  const axes = at(input, 'axes');
  const shape = listOf(at(input, 'shape'));
  const places = typeof axes === 'string' ? [...axes].map((letter) => ({ id: letter })) : listOf(axes);
  const find = (names: readonly string[]): number =>
    places.findIndex((axis) => names.some((name) => [at(axis, 'id'), at(axis, 'type')].includes(name)));
  const sizeAt = (index: number): number | undefined => {
    const axis = places[index];
    const size = at(axis, 'size') ?? shape[index];
    return positive(size) ?? positive(at(size, 'min'));
  };
  const [channel, width] = [find(['c', 'channel']), find(['x'])];
  const names = texts(at(places[channel], 'channel_names'));
  const x = places[width];
  const unit = textOf(at(x, 'unit'));
  const scale = positive(at(x, 'scale'));
  return {
    source: 'bioimage.io',
    name: textOf(at(yaml, 'name')),
    summary: textOf(at(yaml, 'description')),
    licence: textOf(at(yaml, 'license')),
    window: sizeAt(width),
    channels: names?.length ?? sizeAt(channel),
    mpp: unit === 'micrometer' ? scale : unit === 'nanometer' && scale !== undefined ? scale / 1000 : undefined,
    ...steps(listOf(at(input, 'preprocessing'))),
    classes: undefined,
  };
}

/** bioimage.io's steps as (value / 255 − mean) / std; none where a step depends on the picture itself. */
function steps(all: readonly unknown[]): Pick<Description, 'mean' | 'std'> {
  let [gain, offset]: [Triple, Triple] = [
    [255, 255, 255],
    [0, 0, 0],
  ]; // of value / 255: they work on 0 to 255
  for (const step of all) {
    const name = at(step, 'id') ?? at(step, 'name');
    const given = at(step, 'kwargs');
    if (name === 'ensure_dtype' || name === 'binarize') continue;
    if (name === 'scale_linear') {
      const [by, plus] = [each(at(given, 'gain'), 1), each(at(given, 'offset'), 0)];
      gain = [gain[0] * by[0], gain[1] * by[1], gain[2] * by[2]];
      offset = [offset[0] * by[0] + plus[0], offset[1] * by[1] + plus[1], offset[2] * by[2] + plus[2]];
      continue;
    }
    const isFixed = name === 'fixed_zero_mean_unit_variance' || at(given, 'mode') === 'fixed';
    if (!isFixed) return { mean: undefined, std: undefined };
    const [mean, std] = [each(at(given, 'mean'), 0), each(at(given, 'std'), 1)];
    gain = [gain[0] / std[0], gain[1] / std[1], gain[2] / std[2]];
    offset = [(offset[0] - mean[0]) / std[0], (offset[1] - mean[1]) / std[1], (offset[2] - mean[2]) / std[2]];
  }
  if (all.length === 0) return { mean: undefined, std: undefined };
  return {
    mean: [-offset[0] / gain[0], -offset[1] / gain[1], -offset[2] / gain[2]],
    std: [1 / gain[0], 1 / gain[1], 1 / gain[2]],
  };
}

const at = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
const hasAny = (value: unknown, names: readonly string[]): boolean =>
  names.some((name) => at(value, name) !== undefined);
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const positive = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
const finite = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

function texts(value: unknown): readonly string[] | undefined {
  const all = listOf(value).filter((item) => typeof item === 'string');
  return all.length > 0 ? all : undefined;
}

function triple(value: unknown): Triple | undefined {
  const [a, b, c] = listOf(value).map(finite);
  return a !== undefined && b !== undefined && c !== undefined ? [a, b, c] : undefined;
}

/** One number for all three colours, or a number each. */
function each(value: unknown, otherwise: number): Triple {
  const one = finite(value) ?? finite(listOf(value)[0]);
  return triple(value) ?? [one ?? otherwise, one ?? otherwise, one ?? otherwise];
}

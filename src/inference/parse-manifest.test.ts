import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { parseManifest, parsePatchManifest, patchManifest, rowsManifest } from './parse-manifest.ts';
import { matchesSchema } from './testing/json-schema.ts';
import { manifestExample, rowsExample } from './testing/manifest-example.ts';

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
const schema = readJson('public/model.schema.json');

type Path = readonly (string | number)[];

/** Where a value stands in the example, for all values in it. */
function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...path, key]))];
}

/** The example with one value replaced, or removed where the replacement is undefined. */
function withValue(path: Path, replacement: unknown, example: unknown = manifestExample): unknown {
  const copy: unknown = structuredClone(example);
  let at: unknown = copy;
  for (const key of path.slice(0, -1)) at = Reflect.get(Object(at), key);
  const last = path.at(-1);
  if (last === undefined) return replacement;
  if (replacement === undefined && Array.isArray(at)) at.splice(Number(last), 1);
  else if (replacement === undefined) Reflect.deleteProperty(Object(at), last);
  else Reflect.set(Object(at), last, replacement);
  return copy;
}

function messageOf(json: unknown): string | undefined {
  try {
    parseManifest(json);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof EosinError && thrown.failure.tag === 'ModelInvalid') return thrown.message;
    throw thrown;
  }
}

const fiveClasses = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, color: '#ff7a1a' }));

describe('parseManifest', () => {
  test('takes the example as it stands', () => {
    const manifest = parseManifest(manifestExample);
    expect(manifest.metrics[1]).toEqual({ name: 'tissue accuracy', value: 0.9, ci: undefined });
    expect({ ...manifest, metrics: [] }).toEqual({ ...manifestExample, metrics: [] });
  });

  test('takes nuclei of any probability where the manifest asks for none: those of before did not', () => {
    const { minProbability: _, ...postprocess } = manifestExample.tasks.nuclei.postprocess;
    const { nuclei } = manifestExample.tasks;
    const { tasks } = parsePatchManifest({ ...manifestExample, tasks: { nuclei: { ...nuclei, postprocess } } });
    expect(tasks.nuclei?.postprocess.minProbability).toBe(0);
  });

  test('takes an encoder without tasks', () => {
    const outputs = [{ name: 'block1', kind: 'pooled', channels: 64 }];
    const { tasks } = parsePatchManifest({ ...manifestExample, task: 'encoder', tasks: {}, outputs });
    expect(tasks).toEqual({ nuclei: undefined, glands: undefined, lumina: undefined });
  });

  test.each([
    [['input', 'mean', 1], 'x', 'input.mean[1] is "x", expected a number'],
    [['input', 'std', 0], 0, 'input.std[0] is 0, expected a number, above 0'],
    [
      ['outputs', 0, 'kind'],
      'mask',
      'outputs[0].kind is "mask", expected "packed" or "grid" or "features" or "pooled"',
    ],
    [
      ['tasks', 'glands', 'postprocess', 'seed'],
      300,
      'tasks.glands.postprocess.seed is 300, expected a number, at least 0',
    ],
    [['sha256'], undefined, 'sha256 is missing, expected 64 hexadecimal digits'],
    [['file'], '../other/model.onnx', 'file is "../other/model.onnx", expected a file name'],
    [['input', 'window'], 1000, 'input.window is 1000, expected a multiple of input.multiple, 64'],
    [['input', 'margin'], 512, 'input.margin is 512, expected less than half'],
    [['outputs', 1, 'name'], 'nuclei', 'outputs[1].name is "nuclei", which an output before it has'],
    [['outputs', 1, 'stride'], 3, 'outputs[1].stride is 3, expected a divisor of input.multiple, 64'],
    [['outputs', 1, 'planes'], ['types', 'lumina'], 'tasks.glands needs the plane "glands"'],
    [[], 'hello', 'the manifest is "hello", expected an object'],
    [['input', 'window'], 4096 + 64, 'input.window is 4160, expected at most 4096'],
    [['bytes'], 2 ** 40, 'bytes is 1099511627776, expected at most 2147483648'],
    [['tasks', 'nuclei', 'classes'], fiveClasses, 'tasks.nuclei.classes has 5 entries, expected at most 4'],
    [['tasks', 'glands'], undefined, 'tasks.lumina needs tasks.glands'],
    [
      ['outputs', 1],
      { name: 'coarse', kind: 'packed', stride: 2, planes: ['types', 'glands'] },
      'tasks.lumina needs the plane "lumina"',
    ],
    [
      ['outputs'],
      [
        ...manifestExample.outputs.slice(0, 1),
        { name: 'coarse', kind: 'packed', stride: 2, planes: ['types', 'glands'] },
        { name: 'coarser', kind: 'packed', stride: 4, planes: ['lumina'] },
      ],
      'the planes "glands" and "lumina" have strides 2 and 4, expected the same',
    ],
  ] as const)('says of %j = %j what was seen', (path, value, message) => {
    expect(messageOf(withValue(path, value))).toContain(message);
  });

  test('takes an attention model, and knows it from one that reads patches', () => {
    const manifest = parseManifest(rowsExample);
    expect({ ...manifest, metrics: [] }).toEqual({ ...rowsExample, metrics: [] });
    expect(rowsManifest(manifest)).toBe(manifest);
    expect(() => patchManifest(manifest)).toThrow('reads features of resnet18-simclr, not patches');
    expect(() => rowsManifest(parseManifest(manifestExample))).toThrow('reads patches, not features');
  });

  test.each([
    [['outputs', 0, 'channels'], 2, 'need "attention", of the kind "rows" with 1 channel'],
    [['outputs', 1, 'name'], 'tile', 'need "patch", of the kind "rows" with classes'],
    [['input', 'encoder', 'sha256'], 'abc', 'input.encoder.sha256 is "abc", expected 64 hexadecimal digits'],
    [['task'], 'segmentation', 'input.mpp is missing'],
    [['outputs', 2, 'kind'], 'grid', 'outputs[2].kind is "grid", expected "rows" or "bag"'],
  ] as const)('says of an attention model with %j = %j what was seen', (path, value, message) => {
    expect(messageOf(withValue(path, value, rowsExample))).toContain(message);
  });

  const shipped = readJson('public/models/index.json');
  const folders = Array.isArray(shipped) ? shipped.map((id) => `public/models/${String(id)}`) : [];
  test.each([...folders, 'e2e/fixtures/models/cerberus-sibling'])('takes %s', (folder) => {
    const json = readJson(`${folder}/model.json`);
    expect(matchesSchema(json, schema)).toBe(true);
    expect(folder).toContain(parseManifest(json).id);
  });
});

describe('the published schema and the parser', () => {
  // Each value of the example, replaced by each of these or removed. `checked` spans fields, so it is left out where
  // only it objects: the schema cannot say so.
  const replacements = [
    undefined,
    null,
    '',
    'no such thing',
    'UPPER',
    '#12',
    -1,
    0,
    0.5,
    1,
    2,
    256,
    true,
    [],
    {},
    [1, 2, 3],
  ];
  const acrossFields =
    /expected a multiple of|expected less than half|which an output before|expected a divisor of|needs the plane|needs tasks.glands|outputs of an? .* need/;
  const cases = [manifestExample, rowsExample].flatMap((example) =>
    pathsIn(example).flatMap((path) => replacements.map((value) => ({ example, path, value }))),
  );

  test.each([manifestExample, rowsExample])('agree on the example $id', (example) => {
    expect(matchesSchema(example, schema)).toBe(true);
  });
  test(`agree on ${cases.length} broken ones`, () => {
    let refused = 0;
    for (const { example, path, value } of cases) {
      const json = withValue(path, value, example);
      const message = messageOf(json);
      const accepted = message === undefined || acrossFields.test(message);
      expect({ path, value, accepted }).toEqual({ path, value, accepted: matchesSchema(json, schema) });
      if (!accepted) refused++;
    }
    expect(refused).toBeGreaterThan(cases.length / 2);
  });
});

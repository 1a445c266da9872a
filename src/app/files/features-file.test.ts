// Embeddings go out in pieces, which give the same bytes as one; whoever stops in between gets the signal's reason.
import { expect, test } from 'vitest';
import { FeatureSet } from '#analysis/feature-set.ts';
import { encoder } from '../attention/testing/attention-bench.ts';
import { featuresFile } from './features-file.ts';
import { entriesOf } from './stored-zip.ts';

const calm = { signal: new AbortController().signal };

/** Every third of its patches is left out. */
function set(count: number) {
  const features = new FeatureSet(encoder);
  for (let k = 0; k < count; k++) {
    const outputs = Object.fromEntries(
      features.blocks.map(({ name, channels }, b) => [
        name,
        { dims: [1, channels], data: Float32Array.from({ length: channels }, (_, c) => k + b / 8 + c / 1024) },
      ]),
    );
    features.add(`${k}`, { x: 10 * k, y: 0, width: 224, height: 224 }, outputs);
  }
  const rows = Uint32Array.from({ length: count }, (_, k) => k).filter((k) => k % 3 !== 0);
  return { name: 'resnet18-simclr', of: 'patches' as const, features, rows };
}

/** Header and values of a part. */
async function part(file: Blob, name: string): Promise<{ shape: string; values: Float32Array }> {
  const blob = (await entriesOf(file, calm)).get(name);
  const bytes = (await blob?.arrayBuffer()) ?? new ArrayBuffer(0);
  const length = 10 + new DataView(bytes).getUint16(8, true);
  const [, shape = ''] = /'shape': \(([^)]*)\)/.exec(new TextDecoder().decode(bytes.slice(10, length))) ?? [];
  return { shape, values: new Float32Array(bytes.slice(length)) };
}

test('each block and the boxes, rows in their order, over several pieces', async () => {
  const of = set(6200);
  const told: number[] = [];
  const file = await featuresFile(of, { ...calm, onProgress: (done) => told.push(done) });
  const boxes = await part(file, 'boxes.npy');
  expect(boxes.shape).toBe(`${of.rows.length}, 4`);
  expect(Array.from(boxes.values.filter((_, k) => k % 4 === 0))).toEqual(Array.from(of.rows, (row) => 10 * row));
  for (const { name, channels } of of.features.blocks) {
    const { shape, values } = await part(file, `${name}.npy`);
    expect(shape).toBe(`${of.rows.length}, ${channels}`);
    const all = of.features.values(name);
    const isSame = of.rows.every((row, k) =>
      values.subarray(k * channels, (k + 1) * channels).every((value, c) => value === all[row * channels + c]),
    );
    expect(isSame, name).toBe(true);
  }
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect(told.at(-1)).toBe(of.rows.length);
});

test('stopped in the middle', async () => {
  const left = new AbortController();
  const why = new DOMException('Stopped.', 'AbortError');
  const onProgress = (done: number): void => void (done > 500 && left.abort(why));
  await expect(featuresFile(set(3300), { signal: left.signal, onProgress })).rejects.toBe(why);
});

test('nothing embedded is a sentence', async () => {
  await expect(featuresFile(undefined, calm)).rejects.toThrow(/nothing was embedded yet. Embed a region/);
});

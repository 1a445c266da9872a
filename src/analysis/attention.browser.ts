// The committed bag once more where it counts: attention by the worker's WASM in the browser against PyTorch's numbers.
import { expect, test } from 'vitest';
import { openTestInference } from '#inference/testing/sibling.ts';
import golden from '../../models/goldens/attention-bag.json';
import { attend } from './attend.ts';
import { pooled } from './attention.ts';
import { FeatureSet } from './feature-set.ts';

const { signal } = new AbortController();

async function bag(): Promise<Float32Array<ArrayBuffer>> {
  const url = new URL('../../models/goldens/attention-bag.bin.gz', import.meta.url);
  const bytes = await (await fetch(url)).arrayBuffer();
  // A server may have unpacked it on the way.
  if (bytes.byteLength === golden.rows * golden.channels * 4) return new Float32Array(bytes);
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Float32Array(await new Response(unpacked).arrayBuffer());
}

test('attention on the committed bag is PyTorch’s to 1e-4, from first to last and from last to first', async () => {
  using inference = openTestInference();
  using model = await inference.loadRows('/models/attention-crc/', { signal });
  expect(golden.sha256).toBe(model.manifest.sha256);
  const { encoder, channels } = model.manifest.input;
  const features = await bag();
  expect(features.length).toBe(golden.rows * channels);
  const rows = Array.from({ length: golden.rows }, (_, row) => row);
  for (const order of [rows, rows.toReversed()]) {
    const set = new FeatureSet({ ...encoder, outputs: [{ name: encoder.output, kind: 'pooled', channels }] });
    for (const row of order) {
      const data = features.slice(row * channels, (row + 1) * channels);
      const box = { x: row, y: 0, width: 1, height: 1 };
      set.add(String(row), box, { [encoder.output]: { dims: [1, channels], data } });
    }
    const attended = await attend(model, set, { signal });
    for (const [k, row] of order.entries()) {
      expect(Math.abs((attended.attention[k] ?? Number.NaN) - (golden.attention[row] ?? 0))).toBeLessThan(1e-4);
    }
    const { prediction } = pooled(attended, undefined);
    for (const [k, probability] of golden.prediction.entries()) {
      expect(Math.abs((prediction?.[k] ?? Number.NaN) - probability)).toBeLessThan(1e-4);
    }
  }
});

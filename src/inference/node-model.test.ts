import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import type { Patch } from './model.ts';
import { type NodeModelParts, openNodeModel } from './node-model.ts';
import { maxDifference } from './outputs.ts';
import { parseManifest } from './parse-manifest.ts';

const { signal } = new AbortController();

async function partsOf(folder: string, threads = 1): Promise<NodeModelParts> {
  const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
  const manifest = parseManifest(JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')));
  const { data, info } = await sharp(read(manifest.golden.image))
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const image = { width: info.width, height: info.height, rgba: new Uint8ClampedArray(data) };
  return {
    manifest,
    onnx: read(manifest.file),
    golden: { image, outputs: read(manifest.golden.outputs).buffer },
    threads,
  };
}

const SIBLING = 'e2e/fixtures/models/cerberus-sibling';

describe('a model in Node', () => {
  test.each([SIBLING, 'public/models/cerberus-lite'])('%s passes its golden patch', async (folder) => {
    using model = await openNodeModel(await partsOf(folder));
    const { device, trust } = model.report;
    expect(device).toBe('wasm');
    expect(trust.maxDifference).toBeLessThanOrEqual(trust.tolerance);
  });

  test('runs in the order asked and gives what is asked for', async () => {
    const parts = await partsOf(SIBLING);
    using model = await openNodeModel(parts);
    const patch: Patch = {
      tiles: [{ image: parts.golden.image, x: 0, y: 0 }],
      x: 0,
      y: 0,
      scaleX: 1,
      scaleY: 1,
      size: 64,
    };
    const [usual, features] = await Promise.all([
      model.run(patch, { signal }),
      model.run(patch, { signal, outputs: ['features'] }),
    ]);
    expect(Object.keys(usual)).toEqual(['nuclei', 'coarse', 'tissue']);
    expect(features.features?.dims).toEqual([1, 12, 16, 16]);
    expect(maxDifference(usual, await model.run(patch, { signal }))).toBe(0);
  });

  test('a bad patch or an abort does not hold up the next', async () => {
    using model = await openNodeModel(await partsOf(SIBLING));
    const glass: Patch = { tiles: [], x: 0, y: 0, scaleX: 1, scaleY: 1, size: 64 };
    await expect(model.run({ ...glass, size: 65 }, { signal })).rejects.toThrow(
      'cerberus-sibling takes multiples of 32',
    );
    await expect(model.run(glass, { signal, outputs: ['nothing'] })).rejects.toThrow('has none named nothing');
    await expect(model.run(glass, { signal: AbortSignal.abort(new Error('cancelled')) })).rejects.toThrow('cancelled');
    expect(Object.keys(await model.run(glass, { signal }))).toHaveLength(3);
  });

  test('refuses a model whose golden patch comes out otherwise', async () => {
    const parts = await partsOf(SIBLING);
    const outputs = parts.golden.outputs.slice(0);
    new Int32Array(outputs)[5] = 0;
    await expect(openNodeModel({ ...parts, golden: { ...parts.golden, outputs } })).rejects.toThrow(
      'the golden patch differs by',
    );
  });

  test('refuses what is no model', async () => {
    const parts = await partsOf(SIBLING);
    const page = new TextEncoder().encode('<!doctype html>');
    const failed = openNodeModel({ ...parts, onnx: page });
    await expect(failed).rejects.toBeInstanceOf(EosinError);
    await expect(failed).rejects.toMatchObject({ failure: { tag: 'ModelInvalid' } });
  });

  test('two threads compute the same', async () => {
    using model = await openNodeModel(await partsOf(SIBLING, 2));
    expect(model.report.deviceName).toBe('WebAssembly in Node, 2 threads');
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test, vi } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { Engine } from './cpu/engine.ts';
import type { Patch } from './model.ts';
import { type NodeModelParts, openNodeModel, openNodeRows } from './node-model.ts';
import { maxDifference } from './outputs.ts';
import { parseManifest, parsePatchManifest, rowsManifest } from './parse-manifest.ts';

const { signal } = new AbortController();

async function partsOf(folder: string, threads = 1): Promise<NodeModelParts> {
  const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
  const manifest = parsePatchManifest(JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')));
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

const shipped: unknown = JSON.parse(readFileSync('public/models/index.json', 'utf8'));
const folders = Array.isArray(shipped) ? shipped.map((id) => `public/models/${String(id)}`) : [];
const manifestOf = (folder: string) => parseManifest(JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')));
const readers = (layout: 'NCHW' | 'NC') => folders.filter((folder) => manifestOf(folder).input.layout === layout);

/** The golden picture as one tile of a patch of 64 px. */
const goldenPatch = ({ golden }: Awaited<ReturnType<typeof partsOf>>): Patch => ({
  tiles: [{ image: golden.image, x: 0, y: 0 }],
  x: 0,
  y: 0,
  scaleX: 1,
  scaleY: 1,
  size: 64,
});

describe('a model in Node', () => {
  test.each([SIBLING, ...readers('NCHW')])('%s passes its golden patch', async (folder) => {
    using model = await openNodeModel(await partsOf(folder));
    const { device, trust } = model.report;
    expect(device).toBe('wasm');
    expect(trust.maxDifference).toBeLessThanOrEqual(trust.tolerance);
  });

  test('runs in the order asked and gives what is asked for', async () => {
    const parts = await partsOf(SIBLING);
    using model = await openNodeModel(parts);
    const patch = goldenPatch(parts);
    const [usual, features] = await Promise.all([
      model.run(patch, { signal }),
      model.run(patch, { signal, outputs: ['features'] }),
    ]);
    expect(Object.keys(usual)).toEqual(['nuclei', 'coarse', 'tissue']);
    expect(features.features?.dims).toEqual([1, 12, 16, 16]);
    expect(maxDifference(usual, await model.run(patch, { signal }))).toBe(0);
  });

  test('with four views a mirrored picture gives mirrored maps, bit for bit; with one it does not', async () => {
    const parts = await partsOf(SIBLING);
    using model = await openNodeModel(parts);
    const patch = goldenPatch(parts);
    const turned = (data: ArrayLike<number>, side: number): number[] =>
      Array.from(data, (_, i) => data[i - (i % side) + side - 1 - (i % side)] ?? Number.NaN);
    for (const views of [1, 4] as const) {
      const [straight, mirrored] = await Promise.all([
        model.run(patch, { signal, views }),
        model.run({ ...patch, flip: { across: true, down: false } }, { signal, views }),
      ]);
      const side = straight.nuclei?.dims[3] ?? 0;
      const isTurned =
        turned(mirrored.nuclei?.data ?? [], side).join() === Array.from(straight.nuclei?.data ?? []).join();
      expect(isTurned).toBe(views === 4);
    }
    const [one, four] = await Promise.all([model.run(patch, { signal }), model.run(patch, { signal, views: 4 })]);
    expect(four.tissue).toEqual(one.tissue);
    const types = (one.coarse?.data.length ?? 0) / 3;
    expect(four.coarse?.data.slice(0, types)).toEqual(one.coarse?.data.slice(0, types));
    expect(four.coarse?.data.slice(types)).not.toEqual(one.coarse?.data.slice(types));
    expect(await model.run(patch, { signal, views: 1 })).toEqual(one);
    expect(await model.run(patch, { signal, views: 4 })).toEqual(four);
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

  test('computes with own kernels where they know the graph, else with the runtime’s and so many threads', async () => {
    using known = await openNodeModel(await partsOf(SIBLING, 2));
    expect(known.report.deviceName).toBe('WebAssembly in Node, 1 thread, Eosin’s own kernels');
    using other = await openNodeModel(await partsOf('public/models/efficientnet-lite0-imagenet', 2));
    expect(other.report.deviceName).toBe('WebAssembly in Node, 2 threads');
    expect(other.report.trust).toMatchObject({ verdict: 'trusted', why: undefined });
  });
});

describe('own kernels that fail', () => {
  const glass: Patch = { tiles: [], x: 0, y: 0, scaleX: 1, scaleY: 1, size: 64 };
  const why = 'Eosin’s own kernels failed (memory access out of bounds), so the runtime’s compute instead.';
  const broken = () =>
    vi.spyOn(Engine.prototype, 'run').mockImplementation(() => {
      throw new WebAssembly.RuntimeError('memory access out of bounds');
    });

  test('over the golden patch leave it to the runtime, and it is said', async () => {
    using _ = broken();
    using model = await openNodeModel(await partsOf(SIBLING));
    expect(model.report.deviceName).toBe('WebAssembly in Node, 1 thread');
    expect(model.report.trust).toMatchObject({ verdict: 'fell back', why });
    expect(Object.keys(await model.run(glass, { signal }))).toHaveLength(3);
  });

  test('over a patch later: the runtime computes it, and all that come', async () => {
    using model = await openNodeModel(await partsOf(SIBLING));
    const wanted = await model.run(glass, { signal });
    using run = broken();
    const both = await Promise.all([model.run(glass, { signal }), model.run(glass, { signal })]);
    for (const seen of both) expect(maxDifference(wanted, seen)).toBeLessThanOrEqual(1.01 / 255);
    expect(run).toHaveBeenCalledOnce();
    expect(model.report.trust).toMatchObject({ verdict: 'fell back', why });
  });
});

describe('an attention network or a head in Node', () => {
  const open = (folder: string) => {
    const manifest = rowsManifest(manifestOf(folder));
    const read = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
    const golden = { features: read(manifest.golden.features).buffer, outputs: read(manifest.golden.outputs).buffer };
    return openNodeRows({ manifest, onnx: read(manifest.file), golden });
  };

  test.each(readers('NC'))('%s passes its golden features', async (folder) => {
    using model = await open(folder);
    const { trust } = model.report;
    expect(trust.maxDifference).toBeLessThanOrEqual(trust.tolerance);
    const { channels } = model.manifest.input;
    const outputs = await model.run(new Float32Array(3 * channels).fill(0.1), { signal });
    expect(Object.keys(outputs)).toEqual(model.manifest.outputs.map(({ name }) => name));
    for (const { name, kind } of model.manifest.outputs) expect(outputs[name]?.dims[0]).toBe(kind === 'bag' ? 1 : 3);
  });

  test('features that are no numbers, or of another length, are told', async () => {
    using model = await open('public/models/attention-crc');
    const features = new Float32Array(2 * model.manifest.input.channels);
    features[300] = Number.NaN;
    await expect(model.run(features, { signal })).rejects.toThrow('row 1 holds NaN');
    await expect(model.run(new Float32Array(7), { signal })).rejects.toThrow('7 numbers are no rows of 256');
  });

  test('disposed, it ends what runs, refuses what comes, and may be disposed again', async () => {
    const model = await open('public/models/attention-crc');
    const features = new Float32Array(2 * model.manifest.input.channels).fill(0.1);
    const running = model.run(features, { signal });
    model[Symbol.dispose]();
    expect((await running).attention?.dims).toEqual([2, 1]);
    await expect(model.run(features, { signal })).rejects.toMatchObject({ failure: { tag: 'UseAfterDispose' } });
    model[Symbol.dispose](); // a second release would reject unhandled, which fails the run
    await new Promise((resolve) => setTimeout(resolve, 50));
  });
});

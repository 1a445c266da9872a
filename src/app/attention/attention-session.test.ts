import { expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import type { LoadedModel, LoadedRows } from '#inference/model.ts';
import { parseManifest, parsePatchManifest, rowsManifest } from '#inference/parse-manifest.ts';
import pooling from '../../../public/models/attention-crc/model.json';
import simclr from '../../../public/models/resnet18-simclr/model.json';
import type { RunParts } from '../run-parts.ts';
import { createSlideSession } from '../slide-session.ts';
import { createStores } from '../stores.ts';
import { stubSlide } from '../testing/stub-slide.ts';
import { stubViewer } from '../testing/stub-viewer.ts';
import { AttentionSession } from './attention-session.ts';

const encoder = parsePatchManifest(simclr);
const manifest = rowsManifest(parseManifest(pooling));
const { signal } = new AbortController();
const unused = async (): Promise<never> => {
  throw new Error('attention does not use this');
};

/** 1000 × 800 px of 0.5 µm, all tissue: patches of 224 px. Features say where a patch lies. */
async function bench() {
  const stores = createStores(undefined);
  stores.models.setState({ manifests: [encoder, manifest] });
  const viewer = stubViewer();
  const read = async () => ({ slide: stubSlide('photo.png'), truth: undefined });
  const slides = createSlideSession(
    { sample: async () => ({ slide: stubSlide('phantom:1'), truth: undefined }), read },
    viewer,
    stores,
  );
  const report = {
    device: 'wasm',
    deviceName: 'WebAssembly',
    whyNotGpu: undefined,
    trust: { verdict: 'trusted', precision: 'fp32', maxDifference: 0, tolerance: 0.01, since: 0, why: undefined },
  } as const;
  let embedded = 0;
  const network: LoadedModel = {
    manifest: encoder,
    report,
    window: encoder.input.window,
    ahead: 2,
    run: async ({ x, y }) => {
      embedded++;
      const block = (channels: number) => ({
        dims: [1, channels],
        data: Float32Array.from({ length: channels }, (_, c) => (c === 0 ? x / 1000 : c === 1 ? y / 1000 : 0)),
      });
      return { block1: block(64), block2: block(128), block3: block(256), block4: block(512) };
    },
    [Symbol.dispose]: () => undefined,
  };
  // Attention grows to the right; so does the logit of the second class.
  const rows: LoadedRows = {
    manifest,
    report,
    run: async (features, _options) => {
      const n = features.length / 256;
      const right = Array.from({ length: n }, (_, row) => features[256 * row] ?? 0);
      return {
        attention: { dims: [n, 1], data: Float32Array.from(right, (at) => 4 * at) },
        patch: { dims: [n, 2], data: Float32Array.from(right.flatMap((at) => [0, 4 * at])) },
      };
    },
    [Symbol.dispose]: () => undefined,
  };
  const parts: RunParts = {
    analyse: () => {
      throw new Error('attention does not use this');
    },
    postprocess: { atOnce: 1, patch: unused, pool: unused, openMosaic: unused, [Symbol.dispose]: () => undefined },
    model: async () => ({ ...network, judgeAgain: async () => network.report }),
    rows: async () => rows,
  };
  const whole = { x0: 0, y0: 0, cellPx: 50, cols: 20, rows: 16, mask: new Uint8Array(320).fill(1) };
  const regions = {
    resolve: async () => ({ x: 0, y: 0, width: 1000, height: 800 }),
    work: unused,
    tissue: async () => whole,
    foundTissue: unused,
  };
  const disk = async () => undefined;
  const needs = { stores, viewer, slides, regions, read, parts: async () => parts, shelf: Promise.resolve(), disk };
  const session = new AttentionSession(needs);
  await slides.open('phantom:1', { signal });
  slides.onChange(() => session.forget());
  return { session, stores, slides, embedded: () => embedded };
}

const tumour = (of: readonly number[] | undefined): number => of?.[1] ?? Number.NaN;

test('a region by itself brings a prediction, a strip and how much half of the attention is', async () => {
  const { session, stores } = await bench();
  await session.compute('view');
  const { findings, problem, embedding } = stores.attention.getState();
  expect([problem, embedding]).toEqual([undefined, undefined]);
  expect(findings).toMatchObject({ model: 'attention-crc', patches: 16, counted: 16 });
  expect(findings?.prediction?.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
  expect(findings?.most[0]?.box.x).toBeCloseTo(672); // the last of four columns
  expect(findings?.least[0]?.box.x).toBe(0);
  expect(findings?.half).toBeLessThan(8);
  expect(findings?.histogram.reduce((sum, n) => sum + n, 0)).toBe(16);
});

test('what is lassoed out counts no more, and counts again when put back; nothing is embedded for it', async () => {
  const { session, stores, embedded } = await bench();
  await session.compute('view');
  const before = stores.attention.getState().findings;
  const runs = embedded();
  session.leaveOut(Float64Array.from([650, 0, 1000, 0, 1000, 900, 650, 900]));
  const { findings, pieces } = stores.attention.getState();
  expect(pieces).toEqual([{ id: 1, patches: 4 }]);
  expect(findings?.counted).toBe(12);
  expect(tumour(findings?.prediction)).toBeLessThan(tumour(before?.prediction));
  expect(findings?.whole).toEqual(before?.prediction);
  expect(findings?.most[0]?.box.x).toBeCloseTo(448);
  session.putBack();
  expect(stores.attention.getState().findings).toEqual(before);
  await session.compute('view');
  expect(embedded()).toBe(runs);
});

test('a line around no patch is taken back, and said', async () => {
  const { session, stores } = await bench();
  await session.compute('view');
  session.leaveOut(Float64Array.from([1, 1, 5, 1, 5, 5]));
  expect(stores.attention.getState().pieces).toEqual([]);
  expect(stores.window.getState().notice?.text).toMatch(/No patch has its centre inside/);
});

test('another slide forgets what was found and the sets of the console', async () => {
  const { session, stores, slides } = await bench();
  const { set, rows } = await session.console.embed({ encoder: encoder.id, region: 'tissue' }, { signal });
  expect([rows, session.console.features(set, 'block2').dims]).toEqual([16, 128]);
  await slides.open('phantom:2', { signal });
  expect(() => session.console.features(set, undefined)).toThrow(/none named/);
  expect(stores.attention.getState().embedding).toBeUndefined();
});

test('an encoder that the attention model does not read is refused before anything is computed', async () => {
  const { session, stores, embedded } = await bench();
  const other = { ...encoder, id: 'other', sha256: '0'.repeat(64) };
  stores.models.setState({ manifests: [encoder, other, manifest] });
  stores.attention.setState({ encoder: 'other' });
  await session.compute('view');
  const { problem } = stores.attention.getState();
  expect(problem && new EosinError(problem).message).toMatch(/reads those of resnet18-simclr/);
  expect(embedded()).toBe(0);
});

test('the console: rows left out change prediction and order, never the logits', async () => {
  const { session } = await bench();
  const { set } = await session.console.embed({ encoder: encoder.id, region: 'tissue' }, { signal });
  const all = await session.console.attend('attention-crc', set, undefined, { signal });
  const part = await session.console.attend('attention-crc', set, all.top.slice(0, 4), { signal });
  expect(part.raw).toEqual(all.raw);
  expect(part.top).toEqual(all.top.slice(4));
  expect(part.prediction.Tumour).toBeLessThan(all.prediction.Tumour ?? 0);
  await expect(session.console.attend('attention-crc', set, [99], { signal })).rejects.toThrow(/Give 0 to 15/);
  await expect(session.console.attend('attention-crc', set, all.top, { signal })).rejects.toThrow(/left out/);
});

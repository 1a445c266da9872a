// Attention on a small slide without a network or a disk, for tests.
import type { JudgedModel, LoadedRows } from '#inference/model.ts';
import { parseManifest, parsePatchManifest, rowsManifest } from '#inference/parse-manifest.ts';
import pooling from '../../../../public/models/attention-crc/model.json';
import simclr from '../../../../public/models/resnet18-simclr/model.json';
import type { RunParts } from '../../run-parts.ts';
import { createSlideSession } from '../../slide-session.ts';
import { createStores } from '../../stores.ts';
import { stubSlide } from '../../testing/stub-slide.ts';
import { stubViewer } from '../../testing/stub-viewer.ts';
import { trustedReport } from '../../testing/trusted-report.ts';
import { type AttentionNeeds, AttentionSession } from '../attention-session.ts';

export const encoder = parsePatchManifest(simclr);
export const manifest = rowsManifest(parseManifest(pooling));
const { signal } = new AbortController();
const unused = async (): Promise<never> => {
  throw new Error('attention does not use this');
};

/** Features say where a patch lies. @param ran is told of each patch */
export const standInEncoder = (ran: () => void): JudgedModel => ({
  manifest: encoder,
  report: trustedReport,
  window: encoder.input.window,
  ahead: 2,
  run: async ({ x, y }) => {
    ran();
    const block = (channels: number) => ({
      dims: [1, channels],
      data: Float32Array.from({ length: channels }, (_, c) => (c === 0 ? x / 1000 : c === 1 ? y / 1000 : 0)),
    });
    return { block1: block(64), block2: block(128), block3: block(256), block4: block(512) };
  },
  giveBack: () => undefined,
  judgeAgain: async () => trustedReport,
  [Symbol.dispose]: () => undefined,
});

/** Attention grows to the right; so does the logit of the second class. */
export const standInRows = (): LoadedRows => ({
  manifest,
  report: trustedReport,
  run: async (features, _options) => {
    const n = features.length / 256;
    const right = Array.from({ length: n }, (_, row) => features[256 * row] ?? 0);
    return {
      attention: { dims: [n, 1], data: Float32Array.from(right, (at) => 4 * at) },
      patch: { dims: [n, 2], data: Float32Array.from(right.flatMap((at) => [0, 4 * at])) },
    };
  },
  [Symbol.dispose]: () => undefined,
});

/** A mask of 1000 × 800 px, all tissue. */
export const allTissue = { x0: 0, y0: 0, cellPx: 50, cols: 20, rows: 16, mask: new Uint8Array(320).fill(1) };

/** 1000 × 800 px of 0.5 µm, all tissue: patches of 224 px. */
export async function attentionBench(disk: AttentionNeeds['disk'] = async () => undefined) {
  const stores = createStores(undefined);
  stores.models.setState({ manifests: [encoder, manifest] });
  const viewer = stubViewer();
  const read = async () => ({ slide: stubSlide('photo.png'), truth: undefined });
  const slides = createSlideSession(
    { sample: async () => ({ slide: stubSlide('phantom:1'), truth: undefined }), read },
    viewer,
    stores,
  );
  let embedded = 0;
  const network = standInEncoder(() => embedded++);
  const parts: RunParts = {
    analyse: () => {
      throw new Error('attention does not use this');
    },
    postprocess: { atOnce: 1, patch: unused, pool: unused, openMosaic: unused, [Symbol.dispose]: () => undefined },
    model: async () => network,
    rows: async () => standInRows(),
  };
  const regions = {
    resolve: async () => ({ x: 0, y: 0, width: 1000, height: 800 }),
    work: unused,
    tissue: async () => allTissue,
    foundTissue: unused,
  };
  const needs = { stores, viewer, slides, regions, read, parts: async () => parts, shelf: Promise.resolve(), disk };
  const session = new AttentionSession(needs);
  await slides.open('phantom:1', { signal });
  slides.onChange(() => session.forget());
  return { session, stores, slides, needs, embedded: () => embedded };
}

// A slide and a model for tests whose truth is in the pixels: what the model says is read off the picture, so that
// places, scales and seams can be checked to the pixel.
import type { Waits } from '#channel/waits.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import type { LoadedModel, Patch, PatchOutputs } from '#inference/model.ts';
import { type Pixels, type Slide, type TileAt, untold } from '#slide/slide.ts';
import { mpp } from '#units/units.ts';

export interface Disc {
  readonly x: number; // level-0 px
  readonly y: number;
  readonly r: number;
}

/** White is glass. 255 - red is how surely a pixel is a nucleus, 255 - green a gland, 255 - blue a lumen. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly nuclei: readonly Disc[];
  readonly glands: readonly Disc[];
  readonly lumina: readonly Disc[];
}

export interface SceneSlide extends Slide {
  readonly reads: TileAt[];
  readonly openReads: () => number;
}

/** A slide of one level, or of two, whose tiles are drawn when read. */
export function sceneSlide(
  scene: Scene,
  {
    downsamples = [1],
    fails = () => false,
    tile: { width: tileWidth, height: tileHeight } = { width: 100, height: 90 },
  }: { downsamples?: number[]; fails?: (at: TileAt) => boolean; tile?: { width: number; height: number } } = {},
): SceneSlide {
  const reads: TileAt[] = [];
  let open = 0;
  const levels = downsamples.map((downsample) => ({
    widthPx: scene.width / downsample,
    heightPx: scene.height / downsample,
    tileWidth,
    tileHeight,
    downsample,
  }));
  return {
    ...untold,
    name: 'scene',
    format: 'Test',
    levels,
    mpp: { x: mpp(0.25), y: mpp(0.25) },
    fingerprint: async () => 'scene',
    reads,
    openReads: () => open,
    readTile: async (at, { signal }) => {
      reads.push(at);
      open++;
      try {
        await pause(signal);
        if (fails(at)) throw new Error('made to fail');
        return draw(
          scene,
          at,
          levels[at.level] ?? { widthPx: 0, heightPx: 0, tileWidth: 1, tileHeight: 1, downsample: 1 },
        );
      } finally {
        open--;
      }
    },
    [Symbol.dispose]: () => undefined,
  };
}

/** Lets others run; rejects with the signal's reason. */
export async function pause(signal: AbortSignal, ms = 0): Promise<void> {
  await new Promise<void>((resolve) => setTimeout(resolve, ms));
  signal.throwIfAborted();
}

function draw(scene: Scene, at: TileAt, level: Slide['levels'][number]): Pixels {
  const [x0, y0] = [at.col * level.tileWidth, at.row * level.tileHeight];
  const width = Math.min(level.tileWidth, level.widthPx - x0);
  const height = Math.min(level.tileHeight, level.heightPx - y0);
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  const channels = [scene.nuclei, scene.glands, scene.lumina];
  for (const [c, discs] of channels.entries()) {
    for (const { x, y, r } of discs) {
      const [left, right] = [x - r, x + r].map((edge) => Math.floor(edge / level.downsample) - x0);
      const [top, bottom] = [y - r, y + r].map((edge) => Math.floor(edge / level.downsample) - y0);
      for (let row = Math.max(0, top ?? 0); row <= Math.min(height - 1, bottom ?? 0); row++) {
        for (let col = Math.max(0, left ?? 0); col <= Math.min(width - 1, right ?? 0); col++) {
          const [cx, cy] = [(x0 + col + 0.5) * level.downsample, (y0 + row + 0.5) * level.downsample];
          if ((cx - x) ** 2 + (cy - y) ** 2 < r ** 2) rgba[4 * (row * width + col) + c] = 15;
        }
      }
    }
  }
  return { width, height, rgba };
}

const named = (name: string): { name: string; color: string } => ({ name, color: '#123456' });

export const sceneManifest: PatchManifest = {
  schema: 1,
  id: 'stand-in',
  name: 'Stand-in',
  version: '1',
  task: 'segmentation',
  summary: 'Reads its answer off the picture.',
  licence: 'none',
  licenceNote: '',
  data: [],
  metrics: [],
  file: '',
  bytes: 0,
  sha256: '',
  parameters: 0,
  gflopPerMegapixel: 0,
  input: {
    name: 'image',
    mpp: 0.5,
    layout: 'NCHW',
    channels: 'RGB',
    mean: [0, 0, 0],
    std: [1, 1, 1],
    window: 160,
    margin: 16,
    multiple: 16,
  },
  outputs: [
    { name: 'nuclei', kind: 'packed', stride: 1, planes: ['nuclei'] },
    { name: 'coarse', kind: 'packed', stride: 2, planes: ['types', 'glands', 'lumina'] },
    { name: 'tissue', kind: 'grid', stride: 16, classes: [named('Gland'), named('Rest')] },
  ],
  tasks: {
    nuclei: {
      classes: ['Epithelial', 'Inflammatory', 'Connective', 'Other'].map(named),
      postprocess: { upsample: 2, foreground: 128, marker: 150, minMarkerUm2: 1, minAreaUm2: 4, minProbability: 0 },
    },
    glands: {
      classes: [named('Gland')],
      postprocess: { foreground: 128, seed: 128, minSeedUm2: 50, growUm: 5, minAreaUm2: 100 },
    },
    lumina: { classes: [named('Lumen')], postprocess: { foreground: 128, minAreaUm2: 20 } },
  },
  golden: { image: '', outputs: '', tolerance: 0 },
};

export interface SceneModel extends LoadedModel {
  readonly runs: () => number;
  readonly openRuns: () => number;
}

/** Called before each run of a model, which waits for it. */
export type Before = (run: number) => Promise<void> | void;

/** @param before called with the number of the run; may throw */
export function sceneModel(before: Before = () => undefined): SceneModel {
  let [runs, open] = [0, 0];
  return {
    manifest: sceneManifest,
    report: {
      device: 'wasm',
      deviceName: 'test',
      whyNotGpu: undefined,
      trust: { verdict: 'trusted', precision: 'fp32', maxDifference: 0, tolerance: 0, since: 0, why: undefined },
    },
    window: sceneManifest.input.window,
    ahead: 2,
    runs: () => runs,
    openRuns: () => open,
    run: async (patch: Patch, { signal }: Waits) => {
      const run = runs++;
      open++;
      try {
        await pause(signal);
        await before(run);
        return answer(patch);
      } finally {
        open--;
      }
    },
    giveBack: () => undefined,
    [Symbol.dispose]: () => undefined,
  };
}

function answer(patch: Patch): PatchOutputs {
  const { size, bounds } = patch;
  const mirrored = (at: number, end: number | undefined): number =>
    end === undefined ? at : at < 0 ? -at : at >= end ? 2 * end - at - 1e-6 : at;
  /** How surely the pixels are what a channel stands for, row by row: one in the middle of each `stride` of the network's. */
  const surely = (channel: number, stride: number): Uint8Array => {
    const side = size / stride;
    const sure = new Uint8Array(side * side);
    for (let v = 0; v < side; v++) {
      const y = mirrored(patch.y + (v + 0.5) * stride * patch.scaleY, bounds?.height);
      const row = patch.tiles.filter((tile) => y >= tile.y && y < tile.y + tile.image.height);
      let last = row[0];
      for (let u = 0; u < side; u++) {
        const x = mirrored(patch.x + (u + 0.5) * stride * patch.scaleX, bounds?.width);
        if (!last || x < last.x || x >= last.x + last.image.width)
          last = row.find((tile) => x >= tile.x && x < tile.x + tile.image.width); // the next pixel mostly lies there, too
        if (!last || !('rgba' in last.image)) continue;
        const { rgba, width } = last.image;
        sure[v * side + u] =
          255 - (rgba[4 * (Math.floor(y - last.y) * width + Math.floor(x - last.x)) + channel] ?? 255);
      }
    }
    return sure;
  };
  /** Three values of 8 bits an element: how surely, how surely not, and the class, which is the first. */
  const plane = (channel: number, stride: number): Int32Array => {
    const sure = surely(channel, stride);
    const packed = new Int32Array(sure.length);
    for (let i = 0; i < packed.length; i++) packed[i] = 255 + 255 * (sure[i] ?? 0);
    return packed;
  };
  const [half, cells] = [size / 2, size / 16];
  const coarse = new Int32Array(3 * half * half).fill(256 * 200, 0, half * half); // all nuclei of the second class
  coarse.set(plane(1, 2), half * half);
  coarse.set(plane(2, 2), 2 * half * half);
  const glands = new Float32Array(surely(1, 16)).map((sure) => sure / 255);
  const tissue = new Float32Array(2 * cells * cells);
  tissue.set(glands);
  tissue.set(
    glands.map((gland) => 1 - gland),
    cells * cells,
  );
  return {
    nuclei: { dims: [1, 1, size, size], data: plane(0, 1) },
    coarse: { dims: [1, 3, half, half], data: coarse },
    tissue: { dims: [1, 2, cells, cells], data: tissue },
  };
}

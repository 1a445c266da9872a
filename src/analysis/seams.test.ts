// A slide cut into patches gives what one patch over all of it gives: on the truth of a synthetic slide, by panoptic quality.
import { expect, test } from 'vitest';
import type { ObjectColumns } from '#objects/columns.ts';
import { labelImage } from '#phantom/label-image.ts';
import { Plan } from '#phantom/plan.ts';
import { shapesTouching } from '#phantom/truth.ts';
import type { Slide } from '#slide/slide.ts';
import { dqOf, pqOf, score } from './evaluate/metrics.ts';
import { rasterise } from './evaluate/rasterise.ts';
import { all, asked, type Told } from './testing/scene-run.ts';
import { sceneModel, sceneSlide } from './testing/stand-in.ts';

const SIDE = 1536; // level-0 px
const KINDS = ['nuclei', 'glands', 'lumina'] as const;

/** The truth of a part of the phantom as a picture: what the stand-in's network reads its answers from. */
function truthSlide(seed: number, at: { x: number; y: number }): Slide {
  const plan = new Plan(seed);
  const blank = { width: SIDE, height: SIDE, nuclei: [], glands: [], lumina: [] };
  const slide = sceneSlide(blank, { tile: { width: 512, height: 512 } });
  return {
    ...slide,
    async readTile(tile, waits) {
      const pixels = await slide.readTile(tile, waits);
      if (!('rgba' in pixels)) return pixels;
      const { width, height, rgba } = pixels;
      const region = { x: at.x + tile.col * 512, y: at.y + tile.row * 512, width, height };
      for (const [channel, kind] of KINDS.entries()) {
        const rings = shapesTouching(plan, kind, region).map(({ ring }) => ring);
        const { ids } = labelImage(rings, region, 1, width, height);
        for (const [i, id] of ids.entries()) if (id > 0) rgba[4 * i + channel] = 15;
      }
      return pixels;
    },
  };
}

/** The shipped network's margin, 64 px on each side. */
async function through(slide: Slide, windowPx: number): Promise<Told> {
  const model = sceneModel();
  const input = { ...model.manifest.input, margin: 64, window: windowPx };
  return all(
    asked({
      slide,
      region: { x: 0, y: 0, width: SIDE, height: SIDE },
      model: { ...model, window: windowPx, manifest: { ...model.manifest, input } },
      viewCentre: () => ({ x: SIDE / 2, y: SIDE / 2 }),
    }),
  );
}

const labels = (columns: ObjectColumns) => rasterise(columns, SIDE, SIDE);

test.each([
  { seed: 7, at: { x: 48_000, y: 40_000 } },
  { seed: 8, at: { x: 30_000, y: 36_000 } },
])('in 9 patches and in one, %o', { timeout: 240_000 }, async ({ seed, at }) => {
  const slide = truthSlide(seed, at);
  const cut = await through(slide, 384);
  const whole = await through(slide, SIDE / 2 + 128);
  expect([cut.end.patches, whole.end.patches]).toEqual([9, 1]);
  expect(whole.nuclei.count).toBeGreaterThan(200);
  expect(whole.glands.count).toBeGreaterThan(2);
  for (const kind of KINDS) {
    const agreement = score(labels(whole[kind]), labels(cut[kind]));
    const seen = `${kind}: ${JSON.stringify(agreement)}`;
    expect(cut[kind].count, seen).toBe(whole[kind].count);
    expect(dqOf(agreement), seen).toBeGreaterThanOrEqual(0.99);
    expect(pqOf(agreement), seen).toBeGreaterThanOrEqual(0.99);
  }
});

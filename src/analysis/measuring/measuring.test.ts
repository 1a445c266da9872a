import { describe, expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { ColumnsBuilder } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { type Shapes, shapesOf } from '#objects/measures/shape.ts';
import { SUMS, stainColumns } from '#objects/measures/stain-sums.ts';
import { sumsOfStains } from '#objects/measures/stains.ts';
import { ObjectStore } from '#objects/store.ts';
import { random } from '#objects/testing/random.ts';
import { readRegion } from '#slide/region.ts';
import type { Slide } from '#slide/slide.ts';
import { RUIFROK_JOHNSTON } from '#stain/vectors.ts';
import type { Rect } from '#units/rect.ts';
import { type Scene, sceneSlide } from '../testing/stand-in.ts';
import { estimateSlideStains } from './estimate-stains.ts';
import { measureShapes } from './measure-shapes.ts';
import { measureStains } from './measure-stains.ts';
import { measureWork } from './measure-work.ts';

const calm = { signal: new AbortController().signal };

function discs(count: number, width: number, height: number, seed: number, corners = 16): ObjectColumns {
  const next = random(seed);
  const builder = new ColumnsBuilder('nuclei', [{ name: 'Disc', color: '#ffffff' }], count, count * corners);
  for (let i = 0; i < count; i++) {
    const [x, y, r, flat] = [next() * width, next() * height, 4 + 8 * next(), 0.5 + next() / 2];
    const ring = Array.from({ length: 2 * corners }, (_, k) => {
      const angle = (2 * Math.PI * (k >> 1)) / corners;
      return k % 2 === 0 ? x + r * Math.cos(angle) : y + flat * r * Math.sin(angle);
    });
    builder.add({ classIndex: 0, probability: 1, x, y, areaPx: r * r, ring });
  }
  return builder.view();
}

describe('shapes', () => {
  const columns = discs(70_000, 9000, 9000, 1);

  test('in parts they are those of all at once', async () => {
    const parts: number[] = [];
    const work = {
      shapes: async (task: Parameters<typeof measureWork.shapes>[0]): Promise<Shapes> => {
        parts.push(task.outlines.count);
        return shapesOf(task.outlines, task.scale);
      },
    };
    const scale = { x: 0.25, y: 0.5 };
    expect(await measureShapes(columns, scale, work, calm)).toEqual(shapesOf(columns, scale));
    expect(parts.length).toBeGreaterThan(2);
  });

  test('a cancel ends them after the parts that are under way', async () => {
    const left = new AbortController();
    let parts = 0;
    const work = {
      shapes: async (task: Parameters<typeof measureWork.shapes>[0], { signal }: { signal: AbortSignal }) => {
        if (++parts === 2) left.abort(new Error('left'));
        signal.throwIfAborted();
        return shapesOf(task.outlines, task.scale);
      },
    };
    await expect(measureShapes(columns, { x: 1, y: 1 }, work, left)).rejects.toThrow('left');
    expect(parts).toBeLessThanOrEqual(3);
  });
});

describe('stains', () => {
  const scene: Scene = {
    width: 800,
    height: 720,
    nuclei: [
      { x: 180, y: 170, r: 30 },
      { x: 640, y: 500, r: 50 },
    ],
    glands: [{ x: 300, y: 400, r: 150 }],
    lumina: [],
  };
  const store = (): ObjectStore => {
    const objects = new ObjectStore('nuclei');
    objects.append(discs(60, 420, 400, 2)); // the right and the bottom of the slide hold none
    return objects;
  };
  const asked = (slide: Slide, objects = store()) => ({
    slide,
    mpp: slide.mpp,
    objects,
    vectors: RUIFROK_JOHNSTON,
    work: measureWork,
    onProgress: () => undefined,
  });

  test('tile by tile they are those of the whole picture; tiles without objects are not read', async () => {
    const slide = sceneSlide(scene, { downsamples: [1, 2] });
    const { columns, failedTiles } = await measureStains(asked(slide), calm);
    const tiles = [...slide.reads];
    expect(failedTiles).toBe(0);
    expect(tiles.every(({ level }) => level === 1)).toBe(true); // 0.5 µm a pixel
    expect(tiles.length).toBeLessThan(4 * 4);
    const whole = await readRegion(slide, { x: 0, y: 0, width: 800, height: 720 }, 2, calm);
    const place = { x: 0, y: 0, pixelX: 2, pixelY: 2 };
    const expected = stainColumns(sumsOfStains(store().columns, { ...whole, ...place }, RUIFROK_JOHNSTON));
    for (const [name, column] of Object.entries(expected)) {
      const ours = Reflect.get(columns, name);
      for (const [row, value] of column.entries()) expect(ours[row]).toBeCloseTo(value, 5);
    }
    expect(slide.openReads()).toBe(0);
  });

  test('objects on a tile that would not decode are not known; the others are', async () => {
    const base = sceneSlide(scene, { downsamples: [1, 2] });
    const broken: Slide = {
      ...base,
      readTile: async (at, waits) => {
        if (at.col === 0 && at.row === 0)
          throw new EosinError({ tag: 'CorruptTile', ...at, reason: 'it is cut short' });
        return base.readTile(at, waits);
      },
    };
    const { columns, failedTiles } = await measureStains(asked(broken), calm);
    expect(failedTiles).toBe(1);
    const meets = new Set(store().query({ x: 0, y: 0, width: 200, height: 180 }));
    for (const [row, mean] of columns.haematoxylin_mean.entries()) expect(Number.isNaN(mean)).toBe(meets.has(row));
  });

  test('objects that change meanwhile end it; a cancel leaves nothing being read', async () => {
    const slide = sceneSlide(scene, { downsamples: [1, 2] });
    const objects = store();
    const changing = { ...asked(slide, objects), onProgress: () => objects.append(discs(1, 100, 100, 3)) };
    await expect(measureStains(changing, calm)).rejects.toThrow('objects changed while they were measured');
    const left = new AbortController();
    const leaving = { ...asked(slide), onProgress: () => left.abort(new Error('left')) };
    await expect(measureStains(leaving, { signal: left.signal })).rejects.toThrow('left');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(slide.openReads()).toBe(0);
  });

  test('the slide’s own stains come from tiles with tissue', async () => {
    const slide = sceneSlide(scene, { downsamples: [1, 2] });
    const isTissue = ({ x, y }: Rect): boolean => x < 400 && y < 400;
    const seen: number[] = [];
    const work = {
      estimate: async (task: Parameters<typeof measureWork.estimate>[0]) => {
        seen.push(task.images.length, task.step);
        return RUIFROK_JOHNSTON;
      },
    };
    await estimateSlideStains({ slide, mpp: slide.mpp, isTissue, work }, calm);
    expect(slide.reads.every(({ col, row }) => col < 2 && row < 3)).toBe(true);
    expect(seen).toEqual([slide.reads.length, 1]);
    const none = estimateSlideStains({ slide, mpp: slide.mpp, isTissue: () => false, work: measureWork }, calm);
    await expect(none).rejects.toMatchObject({ failure: { tag: 'TooLittleTissue' } });
  });

  test('sums know how many pixels they saw', () => {
    expect(stainColumns(new Float64Array(SUMS)).eosin_mean[0]).toBeNaN();
  });
});

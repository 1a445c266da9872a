import { describe, expect, test } from 'vitest';
import { checkerboard } from './testing/checkerboard.ts';
import { ringsOnGrid } from './testing/made-objects.ts';
import { HEIGHT, stage, WIDTH } from './testing/stage.ts';

// Objects and maps: where they lie, what form they take, what shows beneath.

const on = stage();

describe('objects', () => {
  const objects = ringsOnGrid('nuclei', { x: 300, y: 300, step: 200, cols: 12, rows: 10, radius: 40 });

  test('outlines follow the slide under zoom and rotation', async () => {
    await on.viewer.open(checkerboard({ widthPx: 3000, heightPx: 2600, downsamples: [1, 4] }), { signal: on.signal });
    on.viewer.setObjects('nuclei', objects);
    for (const [zoom, rotation] of [
      [1, 0],
      [0.5, 45],
      [2.5, 270],
      [0.8, 133.3],
    ] as const) {
      await on.viewer.setView({ centre: { x: 1510, y: 1290 }, zoom, rotation }, { signal: on.signal });
      await on.frames(2);
      let checked = 0;
      for (let i = 0; i < objects.columns.count; i++) {
        const [cx, cy] = [objects.columns.centroid[2 * i] ?? 0, objects.columns.centroid[2 * i + 1] ?? 0];
        for (const angle of [0.3, 2.1, 4.4]) {
          const rim = on.viewer.toScreen(cx + 40 * Math.cos(angle), cy + 40 * Math.sin(angle));
          const inside = on.viewer.toScreen(cx, cy);
          if (![rim, inside].every(({ x, y }) => x > 5 && y > 5 && x < 635 && y < 475)) continue;
          expect(nearest(rim.x, rim.y, [255, 122, 26])).toBeLessThan(40); // the class's orange within a px
          expect(on.overlayAt(inside.x, inside.y)[3]).toBe(0); // an outline is empty inside
          checked++;
        }
      }
      expect(checked).toBeGreaterThan(2);
    }
  });

  /** The smallest distance in colour between the 3 × 3 px around a place and a colour. */
  function nearest(x: number, y: number, colour: readonly number[]): number {
    let best = Number.POSITIVE_INFINITY;
    for (const dx of [-1, 0, 1]) {
      for (const dy of [-1, 0, 1]) {
        const seen = on.overlayAt(x + dx, y + dy);
        if ((seen[3] ?? 0) < 200) continue;
        best = Math.min(best, Math.max(...colour.map((value, i) => Math.abs(value - (seen[i] ?? 0)))));
      }
    }
    return best;
  }

  test('many objects are carried while the view moves and painted in place once it rests', async () => {
    await on.viewer.open(checkerboard({ widthPx: 6000, heightPx: 5000, downsamples: [1, 4] }), { signal: on.signal });
    const many = ringsOnGrid('nuclei', { x: 2000, y: 1500, step: 30, cols: 60, rows: 60, radius: 10 });
    on.viewer.setObjects('nuclei', many);
    await on.viewer.setView({ centre: { x: 3000, y: 2500 }, zoom: 0.5, rotation: 0 }, { signal: on.signal });
    await on.viewer.settled({ signal: on.signal });
    await on.viewer.setView({ centre: { x: 3061, y: 2533 }, zoom: 0.55, rotation: 12 }, { signal: on.signal });
    expect(on.layer('findings').style.transform).toContain('rotate(12deg)');
    for (const [rotation, flipped] of [
      [12, false],
      [90, true],
      [271.5, true],
    ] as const) {
      await on.viewer.setView({ rotation, flipped }, { signal: on.signal });
      await on.viewer.settled({ signal: on.signal });
      expect(on.layer('findings').style.transform).toBe('');
      for (const row of [30 * 60 + 33, 28 * 60 + 30, 36 * 60 + 37]) {
        const [cx = 0, cy = 0] = many.columns.centroid.subarray(2 * row, 2 * row + 2);
        for (const angle of [0.3, 2.1, 4.4]) {
          const rim = on.viewer.toScreen(cx + 10 * Math.cos(angle), cy + 10 * Math.sin(angle));
          expect(nearest(rim.x, rim.y, [255, 122, 26])).toBeLessThan(90); // a thin line between pixels
        }
        const inside = on.viewer.toScreen(cx, cy);
        expect(on.overlayAt(inside.x, inside.y)[3]).toBe(0);
      }
    }
  });

  test('in every frame of a movement what was painted lies on the slide, and leaves no edge of the view bare for long', async () => {
    await on.viewer.open(checkerboard({ widthPx: 6000, heightPx: 5000, downsamples: [1, 4] }), { signal: on.signal });
    const many = ringsOnGrid('nuclei', { x: 1000, y: 700, step: 60, cols: 60, rows: 60, radius: 16 });
    on.viewer.setObjects('nuclei', many);
    const from = { centre: { x: 2600, y: 2300 }, zoom: 0.5, rotation: 0, flipped: false };
    await on.viewer.setView(from, { signal: on.signal });
    await on.viewer.settled({ signal: on.signal });
    let [seen, bare] = [0, 0];
    for (let step = 1; step <= 40; step++) {
      const next = { x: from.centre.x + 14 * step, y: from.centre.y + 8 * step };
      void on.viewer.setView({ centre: next, rotation: step / 4, zoom: 0.5 * 1.004 ** step }, { signal: on.signal });
      await on.frames(1);
      for (let row = 0; row < many.columns.count; row += 37) {
        const [cx = 0, cy = 0] = many.columns.centroid.subarray(2 * row, 2 * row + 2);
        const rim = on.viewer.toScreen(cx + 16, cy);
        if (rim.x < 3 || rim.y < 3 || rim.x > WIDTH - 3 || rim.y > HEIGHT - 3) continue;
        const found = nearestCarried(rim.x, rim.y, [255, 122, 26]);
        if (found === undefined) bare++;
        else expect(found, `step ${step}, object ${row}`).toBeLessThan(110); // resampled as the page shows it
        seen++;
      }
    }
    expect(seen).toBeGreaterThan(250);
    expect(bare / seen).toBeLessThan(0.1);
  });

  /** As `nearest`, where the picture is carried to; undefined: it does not reach there. */
  function nearestCarried(x: number, y: number, colour: readonly number[]): number | undefined {
    const canvas = on.layer('findings');
    const ratio = on.layer('marks').width / WIDTH;
    const middle = { x: WIDTH / 2, y: HEIGHT / 2 };
    const at = new DOMMatrix(canvas.style.transform).inverse().transformPoint({ x: x - middle.x, y: y - middle.y });
    const [px, py] = [at.x * ratio + canvas.width / 2, at.y * ratio + canvas.height / 2];
    if (px < 2 || py < 2 || px > canvas.width - 3 || py > canvas.height - 3) return undefined;
    const side = 5; // px around: a line lies between pixels, and pictures are carried by parts of them
    const context = new OffscreenCanvas(side, side).getContext('2d');
    context?.drawImage(canvas, 2 - Math.floor(px), 2 - Math.floor(py));
    const { data = [] } = context?.getImageData(0, 0, side, side) ?? {};
    let best = Number.POSITIVE_INFINITY;
    for (let k = 0; k < data.length; k += 4) {
      if ((data[k + 3] ?? 0) < 120) continue;
      best = Math.min(best, Math.max(...colour.map((value, i) => Math.abs(value - (data[k + i] ?? 0)))));
    }
    return best;
  }

  test('a worker paints as the page does: the same objects alone, and among many elsewhere', async () => {
    await on.viewer.open(checkerboard({ widthPx: 60_000, heightPx: 50_000, downsamples: [1, 4, 16, 64] }), {
      signal: on.signal,
    });
    const few = ringsOnGrid('nuclei', { x: 2000, y: 1500, step: 60, cols: 10, rows: 10, radius: 20, classes: 2 });
    on.viewer.setObjects('nuclei', few);
    for (const [zoom, rotation] of [
      [1, 0],
      [0.35, 40],
      [0.17, 0], // fills
    ] as const) {
      await on.viewer.setView({ centre: { x: 2270, y: 1770 }, zoom, rotation }, { signal: on.signal });
      const alone = await on.findings();
      on.viewer.setClassMap({ ...farAway(10_001), opacity: 0.42 }); // heavy, and nowhere in view
      const among = await on.findings();
      expect(on.layer('findings').width).toBeGreaterThan(on.layer('marks').width); // its margin: a worker's
      on.viewer.setClassMap(undefined);
      expect(worst(alone, among)).toBeLessThan(48); // edges are blended a little otherwise; half a px apart is above 100
    }
  });

  /** Patches of one class that no view shows. */
  const farAway = (count: number) => ({
    name: 'far',
    boxes: Float32Array.from({ length: 4 * count }, (_, i) => (i % 4 < 2 ? 50_000 : 10)),
    classIndex: new Uint8Array(count),
    labelled: new Uint8Array(count),
    classes: [{ name: 'A', color: '#ff0000' }],
  });

  const worst = (a: Uint8ClampedArray, b: Uint8ClampedArray): number => {
    expect(a).toHaveLength(b.length);
    return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? 0))), 0);
  };

  test('a hidden layer, a hidden class and no objects draw nothing', async () => {
    await on.viewer.open(checkerboard({ widthPx: 3000, heightPx: 2600 }), { signal: on.signal });
    await on.viewer.setView({ centre: { x: 1500, y: 1300 }, zoom: 1 }, { signal: on.signal });
    const style = { shown: true, opacity: 1, fill: true, stroke: true, classShown: [] };
    const painted = async (): Promise<boolean> => {
      await on.frames(2);
      const canvas = on.layer('findings');
      const data = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      return data.some((value, i) => i % 4 === 3 && value > 0);
    };
    expect(await painted()).toBe(false);
    on.viewer.setObjects('nuclei', objects);
    on.viewer.setLayerStyle('nuclei', style);
    expect(await painted()).toBe(true);
    on.viewer.setLayerStyle('nuclei', { ...style, shown: false });
    expect(await painted()).toBe(false);
    on.viewer.setLayerStyle('nuclei', { ...style, classShown: [false, false] });
    expect(await painted()).toBe(false);
    on.viewer.setLayerStyle('nuclei', style);
    on.viewer.setObjects('nuclei', undefined);
    expect(await painted()).toBe(false);
  });

  test('a threshold, a colour and a measure change what is seen, and brushed objects are white', async () => {
    await on.viewer.open(checkerboard({ widthPx: 3000, heightPx: 2600 }), { signal: on.signal });
    on.viewer.setObjects('nuclei', objects);
    const { count } = objects.columns;
    const style = { shown: true, opacity: 1, fill: true, stroke: true, classShown: [] };
    const middle = async (): Promise<number[]> => {
      await on.viewer.settled({ signal: on.signal });
      const at = on.viewer.toScreen(1500, 1300);
      return on.overlayAt(at.x, at.y);
    };
    for (const zoom of [1, 0.1]) {
      on.viewer.setLayerStyle('nuclei', style);
      await on.viewer.setView({ zoom, centre: { x: 1500, y: 1300 }, rotation: 0 }, { signal: on.signal });
      expect((await middle())[3]).toBeGreaterThan(80);
      on.viewer.setLayerStyle('nuclei', { ...style, threshold: 0.95 }); // all of them have 0.9
      expect((await middle())[3]).toBe(0);
      on.viewer.setLayerStyle('nuclei', { ...style, colours: ['#00ff00'] });
      expect((await middle()).slice(0, 3)).toEqual([0, 255, 0]);
      const values = new Float32Array(count).fill(7);
      const by = {
        kind: 'nuclei',
        name: 'Area',
        unit: 'µm²',
        values,
        low: 7,
        high: 9,
        version: 1,
        hasMean: true,
      } as const;
      on.viewer.setColourBy('nuclei', by);
      expect(closeTo(await middle(), [0x44, 0x01, 0x54])).toBe(true);
      expect(on.viewer.legend().layers[0]?.measure?.entries[9]?.to).toBe(9);
      on.viewer.setColourBy('nuclei', { ...by, version: 2 }); // of other rows: by class again
      expect((await middle()).slice(0, 3)).toEqual([0, 255, 0]);
      on.viewer.setColourBy('nuclei', undefined);
    }
    const row = 5 * 12 + 6; // at 1500, 1300
    await on.viewer.setView({ zoom: 1 }, { signal: on.signal });
    on.viewer.setLayerStyle('nuclei', { ...style, fill: false });
    on.viewer.setBrushed({ kind: 'nuclei', rows: Uint32Array.of(row) });
    await on.viewer.settled({ signal: on.signal });
    const rim = (of: number): number => {
      const at = on.viewer.toScreen(
        (objects.columns.centroid[2 * of] ?? 0) + 40,
        objects.columns.centroid[2 * of + 1] ?? 0,
      );
      return nearest(at.x, at.y, [255, 255, 255]);
    };
    expect(rim(row)).toBeLessThan(10);
    expect(rim(row + 1)).toBeGreaterThan(100);
    expect((await middle())[3]).toBeCloseTo(0.18 * 255, -1);
    on.viewer.setBrushed(undefined);
    await on.viewer.settled({ signal: on.signal });
    expect(rim(row)).toBeGreaterThan(100);
  });

  const closeTo = (seen: readonly number[], wanted: readonly number[]): boolean =>
    wanted.every((value, i) => Math.abs(value - (seen[i] ?? 0)) < 4);

  test('nuclei are outlines, below 10× fills, below 2.5× density, and the legend says so', async () => {
    await on.viewer.open(checkerboard({ widthPx: 30000, heightPx: 20000, downsamples: [1, 8, 64] }), {
      signal: on.signal,
    });
    on.viewer.setObjects('nuclei', objects);
    const formAt = async (magnification: number): Promise<string | undefined> => {
      await on.viewer.setView({ magnification, centre: { x: 1500, y: 1300 } }, { signal: on.signal });
      return on.viewer.legend().layers[0]?.form;
    };
    expect(await formAt(20)).toBe('outlines');
    expect(await formAt(10)).toBe('outlines');
    expect(await formAt(5)).toBe('fills');
    await on.viewer.settled({ signal: on.signal });
    const centre = on.viewer.toScreen(1500, 1300);
    await on.frames(2);
    expect(on.overlayAt(centre.x, centre.y).slice(0, 3)).toEqual([255, 122, 26]);
    expect(await formAt(3)).toBe('discs');
    await on.viewer.settled({ signal: on.signal });
    expect(on.overlayAt(320.5, 240.5).slice(0, 3)).toEqual([255, 122, 26]);
    expect(await formAt(1.25)).toBe('density');
    await on.viewer.settled({ signal: on.signal });
    expect(on.viewer.legend().layers[0]?.density?.entries).toHaveLength(10);
  });
});

describe('maps', () => {
  const grid = {
    name: 'Tissue',
    channels: [
      { name: 'Tumour', color: '#ff7a1a' },
      { name: 'Stroma', color: '#8cf2b4' },
    ],
    patches: [
      {
        x: 100.5,
        y: 200.25,
        cellWidth: 100.25,
        cellHeight: 100.25,
        cols: 2,
        rows: 1,
        values: new Float32Array([0.9, 0.2, 0.1, 0.8]),
      },
    ],
  };
  const style = { shown: true, opacity: 1, threshold: 0, channel: 'argmax', colormap: 'classes' } as const;

  test('cells lie on their fractional places, sharp', async () => {
    await on.viewer.open(checkerboard({ widthPx: 800, heightPx: 600 }), { signal: on.signal });
    on.viewer.setGrid(grid, style);
    for (const rotation of [0, 90, 40]) {
      await on.viewer.setView({ centre: { x: 200, y: 250 }, zoom: 2, rotation }, { signal: on.signal });
      await on.frames(2);
      for (const [x, y, colour] of [
        [102.5, 250, [255, 122, 26]],
        [199, 250, [255, 122, 26]],
        [202.5, 250, [140, 242, 180]],
        [299, 298, [140, 242, 180]],
      ] as const) {
        const at = on.viewer.toScreen(x, y);
        expect(on.overlayAt(at.x, at.y)).toEqual([...colour, 255]);
      }
      const outside = on.viewer.toScreen(98.5, 250);
      expect(on.overlayAt(outside.x, outside.y)[3]).toBe(0);
    }
  });

  test('the tissue beneath turns grey, beside it keeps its stain; stained on demand', async () => {
    await on.viewer.open(checkerboard({ widthPx: 800, heightPx: 600 }), { signal: on.signal });
    await on.viewer.setView({ centre: { x: 200, y: 250 }, zoom: 2, rotation: 0 }, { signal: on.signal });
    on.viewer.setGrid(grid, { ...style, opacity: 0 });
    await on.frames(2);
    const inside = on.viewer.toScreen(150, 240);
    const outside = on.viewer.toScreen(350, 240);
    const spread = ([r = 0, g = 0, b = 0]: readonly number[]): number => Math.max(r, g, b) - Math.min(r, g, b);
    let pixel = await on.shot();
    expect(spread(pixel(inside.x, inside.y))).toBeLessThan(4);
    expect(spread(pixel(outside.x, outside.y))).toBeGreaterThan(15);
    on.viewer.setTissue('stained');
    await on.frames(2);
    pixel = await on.shot();
    expect(spread(pixel(inside.x, inside.y))).toBeGreaterThan(15);
  });
});

import { describe, expect, test } from 'vitest';
import type { Slide } from '#slide/slide.ts';
import { centreOf } from '#units/rect.ts';
import { mpp } from '#units/units.ts';
import { type EmbedAsked, type EmbedEvent, embed, embedPicture, planEmbedding } from './embed.ts';
import { FeatureSet } from './feature-set.ts';
import { encoderManifest, sceneEncoder } from './testing/scene-encoder.ts';
import { calm, HEIGHT, scene, WIDTH, whole } from './testing/scene-run.ts';
import { sceneSlide } from './testing/stand-in.ts';

const waits = { signal: calm };

const asked = (more: Partial<EmbedAsked> = {}): EmbedAsked => ({
  slide: sceneSlide(scene),
  mpp: { x: mpp(0.25), y: mpp(0.25) },
  region: whole,
  encoder: sceneEncoder(),
  set: new FeatureSet(encoderManifest),
  viewCentre: () => ({ x: 350, y: 300 }),
  ...more,
});

async function all(given: EmbedAsked) {
  const events: EmbedEvent[] = [];
  const run = embed(given, waits);
  for (let next = await run.next(); ; next = await run.next()) {
    if (next.done) return { events, end: next.value };
    events.push(next.value);
  }
}

/** Features by place, so that orders can be compared. */
function byPlace(set: FeatureSet): Map<string, string> {
  const places = new Map<string, string>();
  for (let row = 0; row < set.rows; row++) {
    const box = [...set.boxes.subarray(4 * row, 4 * row + 4)].join();
    places.set(box, [...set.values('block1').subarray(2 * row, 2 * row + 2), set.values('block2')[row]].join());
  }
  return places;
}

describe('embed', () => {
  test('takes every window whose centre lies on the slide, on the grid of its own width', async () => {
    const given = asked();
    const { events, end } = await all(given);
    // 64 px a window: 700 / 64 = 10.9 columns, 600 / 64 = 9.4 rows, of which the tenth has its centre at 608.
    expect(events[0]).toEqual({ kind: 'planned', patches: 11 * 9 });
    expect(end).toEqual({ embedded: 99, failed: 0, failure: undefined });
    const { set } = given;
    for (let row = 0; row < set.rows; row++) {
      const [x = 0, y = 0, width, height] = set.boxes.subarray(4 * row, 4 * row + 4);
      expect([x % 64, y % 64, width, height]).toEqual([0, 0, 64, 64]);
      expect([...set.values('block1').subarray(2 * row, 2 * row + 2)]).toEqual([x + 32, y + 32]); // where it looked
    }
  });

  test('reads the level that fits, at the same places', async () => {
    const fine = asked();
    const coarse = asked({ slide: sceneSlide(scene, { downsamples: [1, 2] }) });
    await all(fine);
    await all(coarse);
    expect([...byPlace(coarse.set).keys()].sort()).toEqual([...byPlace(fine.set).keys()].sort());
    const first = coarse.set.boxes.subarray(0, 2);
    expect([...coarse.set.values('block1').subarray(0, 2)]).toEqual([...first].map((at) => at / 2 + 16));
  });

  test('nothing is embedded twice, and the rest of a region comes to what the whole would', async () => {
    const encoder = sceneEncoder();
    const given = asked({ encoder, region: { x: 0, y: 0, width: 300, height: 600 } });
    await all(given);
    const before = encoder.runs();
    expect(before).toBeGreaterThan(20);
    await all({ ...given, region: whole, viewCentre: () => ({ x: 0, y: 0 }) });
    expect(encoder.runs()).toBe(99);
    expect((await all({ ...given, region: whole })).events).toEqual([{ kind: 'planned', patches: 0 }]);
    const alone = asked();
    await all(alone);
    expect(byPlace(given.set)).toEqual(byPlace(alone.set));
  });

  test('glass is left out: a quarter of a patch must be tissue, by the mask', async () => {
    // Cells of 16 px: a patch of 64 px holds 4 × 4 of them. Tissue: the left 80 px, so a quarter of the second column.
    const [cols, rows] = [Math.ceil(WIDTH / 16), Math.ceil(HEIGHT / 16)];
    const mask = Uint8Array.from({ length: cols * rows }, (_, i) => (i % cols < 5 ? 1 : 0));
    const tissue = { x0: 0, y0: 0, cellPx: 16, cols, rows, mask };
    const given = asked({ region: tissue });
    await all(given);
    expect(new Set(given.set.boxes.filter((_, i) => i % 4 === 0))).toEqual(new Set([0, 64]));
    expect(given.set.rows).toBe(2 * 9);
  });

  test('a stride of half a window overlaps', async () => {
    const given = asked({ stridePx: 32, region: { x: 100, y: 100, width: 64, height: 64 } });
    await all(given);
    expect(given.set.rows).toBe(4);
    await expect(all(asked({ stridePx: 0 }))).rejects.toThrow('Give a positive number');
  });

  test('with one stride, windows of any size have the same centres, on a grid from the origin', async () => {
    const region = { x: 100, y: 100, width: 256, height: 256 };
    const centresOf = (window: number): string[] => {
      const given = asked({ stridePx: 50, region });
      const input = { ...given.encoder.manifest.input, window };
      return planEmbedding({ ...given, input }).map(({ frame: { core } }) => {
        const { x, y } = centreOf(core);
        return `${x},${y}`;
      });
    };
    const centres = centresOf(64);
    expect(centres).toHaveLength(25);
    expect(centres[0]).toBe('125,125');
    expect(centresOf(96)).toEqual(centres);
  });

  test('a patch that fails is told, the others go on', async () => {
    const slide = sceneSlide(scene, { fails: ({ col, row }) => col === 3 && row === 2 });
    const { events, end } = await all(asked({ slide }));
    const failed = events.filter(({ kind }) => kind === 'failed');
    expect(end).toEqual({ embedded: 99 - failed.length, failed: failed.length, failure: undefined });
    expect(failed.length).toBeGreaterThan(0);
  });

  test('where no tile decodes, that is the end and the reason', async () => {
    const slide = sceneSlide(scene, { fails: () => true });
    const { end } = await all(asked({ slide, region: { x: 0, y: 0, width: 64, height: 64 } }));
    expect(end).toMatchObject({ embedded: 0, failed: 1, failure: { tag: 'Unexpected', reason: 'made to fail' } });
  });

  test('features that are no numbers are refused; an encoder that gives nothing else ends the run', async () => {
    const encoder = sceneEncoder((run, said) =>
      run < 5 ? said : { ...said, block2: { dims: [1, 1], data: Float32Array.of(Number.NaN) } },
    );
    const given = asked({ encoder });
    const { end } = await all(given);
    expect(end).toMatchObject({ embedded: 5, failed: 3, failure: { tag: 'ModelWrong' } });
    expect(given.set.rows).toBe(5);
  });

  test('an abort ends it with its reason and leaves nothing open', async () => {
    const slide = sceneSlide(scene);
    const controller = new AbortController();
    const run = embed(asked({ slide }), controller);
    await run.next();
    await run.next();
    controller.abort(new Error('enough'));
    await expect(
      (async () => {
        for await (const _ of run);
      })(),
    ).rejects.toThrow('enough');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(slide.openReads()).toBe(0);
  });
});

test('whole pictures are one row each, in their order', async () => {
  const set = new FeatureSet(encoderManifest);
  const pictures: Slide[] = [
    { ...sceneSlide(scene), mpp: undefined },
    sceneSlide({ ...scene, width: 100, height: 90, glands: [], nuclei: [], lumina: [] }),
  ];
  for (const picture of pictures) await embedPicture(picture, sceneEncoder(), set, waits);
  expect([...set.boxes]).toEqual([0, 0, WIDTH, HEIGHT, 0, 0, 100, 90]);
  expect(set.rowAt(50, 50)).toBe(1);
});

test('an encoder of one size is given a picture whole in its window, however oblong', async () => {
  const oblong = sceneSlide({ ...scene, width: 200, height: 80, glands: [], nuclei: [], lumina: [] });
  const sizes: number[] = [];
  const of = async (multiple: number): Promise<number | undefined> => {
    const plain = sceneEncoder();
    const manifest = { ...encoderManifest, input: { ...encoderManifest.input, multiple } };
    const run: typeof plain.run = (patch, options) => {
      sizes.push(patch.size);
      return plain.run(patch, options);
    };
    await embedPicture({ ...oblong, mpp: undefined }, { ...plain, manifest, run }, new FeatureSet(manifest), waits);
    return sizes.pop();
  };
  expect([await of(16), await of(32)]).toEqual([80, 32]); // its shorter side in the window, or its longer
});

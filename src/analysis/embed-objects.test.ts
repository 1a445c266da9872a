import { expect, test } from 'vitest';
import type { PatchManifest } from '#inference/manifest.ts';
import type { LoadedModel, Patch } from '#inference/model.ts';
import { ColumnsBuilder } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { mpp } from '#units/units.ts';
import type { EmbedEvent } from './embed.ts';
import { type EmbedObjectsAsked, embedObjects, objectFeatures } from './embed-objects.ts';
import { inlinePostprocessor } from './postprocess/postprocessor.ts';
import { calm, quickly, scene, whole } from './testing/scene-run.ts';
import { pause, sceneManifest, sceneModel, sceneSlide } from './testing/stand-in.ts';

const waits = { signal: calm };
const STRIDE = 4;
const manifest: PatchManifest = {
  ...sceneManifest,
  sha256: 'a'.repeat(64),
  outputs: [...sceneManifest.outputs, { name: 'features', kind: 'features', stride: STRIDE, channels: 2 }],
};

/** Its features are where a cell lies, level-0 px: so an object's mean is where the object lies, to a cell. */
function placeModel(before: (run: number) => void = () => undefined): LoadedModel & { runs: () => number } {
  let runs = 0;
  return {
    ...sceneModel(),
    manifest,
    runs: () => runs,
    run: async ({ x, y, scaleX, scaleY, size }: Patch, { signal, outputs }) => {
      await pause(signal);
      expect(outputs).toEqual(['features']);
      before(runs++);
      const side = size / STRIDE;
      const at = (from: number, scale: number, cell: number): number => from + (cell + 0.5) * STRIDE * scale;
      const data = Float32Array.from({ length: 2 * side * side }, (_, i) => {
        const [col, row] = [i % side, Math.floor(i / side) % side];
        return i < side * side ? at(x, scaleX, col) : at(y, scaleY, row);
      });
      return { features: { dims: [1, 2, side, side], data } };
    },
  };
}

function nuclei(): ObjectColumns {
  const builder = new ColumnsBuilder('nuclei', [{ name: 'Any', color: '#ffffff' }]);
  for (const { x, y, r } of scene.nuclei) {
    const ring = Array.from({ length: 16 }, (_, k) => [
      x + r * Math.cos((k * Math.PI) / 8),
      y + r * Math.sin((k * Math.PI) / 8),
    ]).flat();
    builder.add({ classIndex: 0, probability: 1, x, y, areaPx: Math.PI * r * r, ring });
  }
  return builder.copy();
}

const asked = (more: Partial<EmbedObjectsAsked> = {}): EmbedObjectsAsked => ({
  slide: sceneSlide(scene),
  mpp: { x: mpp(0.25), y: mpp(0.25) },
  region: whole,
  objects: nuclei(),
  model: placeModel(),
  postprocess: inlinePostprocessor(),
  set: objectFeatures(manifest, 'nuclei'),
  viewCentre: () => ({ x: 350, y: 300 }),
  ...more,
});

async function all(given: EmbedObjectsAsked) {
  const events: EmbedEvent[] = [];
  const run = embedObjects(given, waits);
  for (let next = await run.next(); ; next = await run.next()) {
    if (next.done) return { events, end: next.value };
    events.push(next.value);
  }
}

test('every object has the features of its own place, whichever patch it lies in', async () => {
  const given = asked();
  const { events, end } = await all(given);
  const count = scene.nuclei.length;
  expect(events[0]).toEqual({ kind: 'planned', patches: count });
  expect(end).toEqual({ embedded: count, failed: 0, failure: undefined });
  const { set } = given;
  const values = set.values('nuclei');
  for (let row = 0; row < count; row++) {
    const [x = 0, y = 0, width = 0] = set.boxes.subarray(4 * row, 4 * row + 4);
    expect(width).toBe(64); // 16 µm at 0.25
    // A cell has a side of 8 level-0 px; the mean over a disc of 10 px is off by far less.
    expect(Math.abs((values[2 * row] ?? 0) - (x + width / 2))).toBeLessThan(4);
    expect(Math.abs((values[2 * row + 1] ?? 0) - (y + width / 2))).toBeLessThan(4);
  }
});

test('nothing is computed twice, and only patches that hold objects run', async () => {
  const model = placeModel();
  const given = asked({ model, region: { x: 0, y: 0, width: 200, height: 200 } });
  await all(given);
  expect(model.runs()).toBe(1);
  const before = given.set.rows;
  await all({ ...given, region: whole });
  expect([model.runs(), given.set.rows]).toEqual([9, scene.nuclei.length]);
  expect(before).toBe(scene.nuclei.filter(({ x, y }) => x < 256 && y < 256).length); // all of the core, not of the region
  const again = await all({ ...given, region: whole });
  expect([again.events, model.runs()]).toEqual([[{ kind: 'planned', patches: 0 }], 9]);
});

test('what cannot be read is a sentence, before anything runs', async () => {
  expect(() => objectFeatures(sceneManifest, 'nuclei')).toThrow(/Stand-in gives no features of places/);
  const plain = { ...placeModel(), manifest: sceneManifest };
  await expect(all(asked({ model: plain }))).rejects.toThrow(/kind 'features'/);
  const region = { x: 5000, y: 0, width: 10, height: 10 };
  await expect(all(asked({ region }))).rejects.toThrow(/there are no nuclei in the region. Analyse the region first/);
  await expect(all(asked({ mostBytes: 100 }))).rejects.toThrow(/features of 60 nuclei take 1 MB, 1 MB are allowed/);
});

test('a patch that fails is told, the others go on; a model that only fails ends it', async () => {
  const slide = sceneSlide(scene, { fails: ({ col, row }) => col === 3 && row === 2 });
  const some = await all(asked({ slide }));
  expect(some.end.failed).toBeGreaterThan(0);
  expect(some.end.embedded + some.end.failed).toBe(scene.nuclei.length);
  const wrong = placeModel(() => {
    throw new Error('made to fail');
  });
  const none = await all(asked({ model: wrong, wait: quickly }));
  expect(none.end).toMatchObject({ embedded: 0, failure: { tag: 'Unexpected', reason: 'made to fail' } });
});

test('an abort ends it with its reason and leaves nothing open', async () => {
  const slide = sceneSlide(scene);
  const controller = new AbortController();
  const run = embedObjects(asked({ slide }), controller);
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

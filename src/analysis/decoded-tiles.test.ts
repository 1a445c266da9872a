import { expect, test } from 'vitest';
import type { Slide, TileWaits } from '#slide/slide.ts';
import { withDecodedTiles } from './decoded-tiles.ts';
import { embed } from './embed.ts';
import { FeatureSet } from './feature-set.ts';
import { analyse } from './run.ts';
import { encoderManifest, sceneEncoder } from './testing/scene-encoder.ts';
import { asked, calm, scene, whole } from './testing/scene-run.ts';
import { sceneSlide } from './testing/stand-in.ts';

const waits = { signal: calm };
const TILE = 100 * 90 * 4; // bytes of a scene's tile

async function through(events: AsyncGenerator<unknown>): Promise<void> {
  for await (const _ of events);
}

test('a run and an embedding after it decode every tile once', async () => {
  const inner = sceneSlide(scene);
  const slide = withDecodedTiles(inner, 1000 * TILE);
  await through(analyse(asked({ slide }), waits));
  const afterRun = inner.reads.length;
  const encoder = sceneEncoder();
  const viewCentre = () => ({ x: 0, y: 0 });
  const { mpp } = asked();
  await through(embed({ slide, mpp, region: whole, encoder, set: new FeatureSet(encoderManifest), viewCentre }, waits));
  expect(encoder.runs()).toBe(99);
  expect(inner.reads.length).toBe(afterRun);
  expect(new Set(inner.reads.map(({ col, row }) => `${col},${row}`)).size).toBe(afterRun);
});

test('each call gives a picture of its own, equal to the slide’s', async () => {
  const inner = sceneSlide(scene);
  const slide = withDecodedTiles(inner, 10 * TILE);
  const at = { level: 0, col: 1, row: 1 };
  const [a, b, own] = await Promise.all([
    slide.readTile(at, waits),
    slide.readTile(at, waits),
    inner.readTile(at, waits),
  ]);
  if (!('rgba' in a && 'rgba' in b && 'rgba' in own)) throw new Error('Node gives plain pixels');
  expect(a.rgba).toEqual(own.rgba);
  a.rgba.fill(0);
  expect(b.rgba).toEqual(own.rgba);
  expect(inner.reads.length).toBe(2); // one of them is our own
});

test('keeps no more than its budget, the latest', async () => {
  const inner = sceneSlide(scene);
  const slide = withDecodedTiles(inner, 2 * TILE);
  for (const col of [0, 1, 0, 2, 0, 1]) await slide.readTile({ level: 0, col, row: 0 }, waits);
  expect(inner.reads.map(({ col }) => col)).toEqual([0, 1, 2, 1]); // 1 was the longest unused when 2 came
});

test('a read that failed is asked for again; an abort of one does not fail the other', async () => {
  let fails = true;
  const slide = withDecodedTiles(sceneSlide(scene, { fails: () => fails }), 10 * TILE);
  const at = { level: 0, col: 0, row: 0 };
  await expect(slide.readTile(at, waits)).rejects.toThrow('made to fail');
  fails = false;
  await expect(slide.readTile(at, waits)).resolves.toBeDefined();
  const controller = new AbortController();
  const other = { level: 0, col: 1, row: 0 };
  const first = slide.readTile(other, { signal: controller.signal });
  const second = slide.readTile(other, waits);
  controller.abort(new Error('gave up'));
  await expect(first).rejects.toThrow('gave up');
  await expect(second).resolves.toBeDefined();
});

test('what it keeps is known to be whole, whoever asks first', async () => {
  const inner = sceneSlide(scene);
  const asked: TileWaits[] = [];
  const readTile: Slide['readTile'] = (at, how) => {
    asked.push(how);
    return inner.readTile(at, how);
  };
  const slide = withDecodedTiles({ ...inner, readTile }, 10 * TILE);
  await slide.readTile({ level: 0, col: 0, row: 0 }, { ...waits, onLook: () => undefined });
  expect(asked).toEqual([{ signal: waits.signal }]);
});

// A run and an embedding over the same tissue, on a slide that keeps its decoded tiles.
import { expect, test } from 'vitest';
import { withDecodedTiles } from '#slide/decoded-tiles.ts';
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

// Tiles painted in the calling thread: in workers, Node and tests.
import type { Pixels, TileAt } from '#slide/slide.ts';
import { createPhantom, type Phantom, windowOf } from './phantom.ts';
import { Scene } from './scene.ts';

export const paintTile = (scene: Scene, at: TileAt): Pixels => scene.render(at.level, windowOf(at));

/** A synthetic slide that needs no worker. */
export function phantomHere(seed: number): Phantom {
  let scene: Scene | undefined;
  return createPhantom(seed, async (_, at) => {
    scene ??= new Scene(seed);
    return paintTile(scene, at);
  });
}

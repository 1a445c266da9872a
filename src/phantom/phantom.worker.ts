// Paints tiles of synthetic slides. Keeps the last slide's plan, since tiles of one slide come in rows.
import { moved, type Port, serve } from '#channel/channel.ts';
import type { Raster } from '#slide/slide.ts';
import { paintTile } from './paint-here.ts';
import type { PhantomCalls } from './phantom-calls.ts';
import { Scene } from './scene.ts';

declare const self: Port;

let scene: { seed: number; scene: Scene } | undefined;

serve<PhantomCalls>(self, {
  paint: async ({ seed, at }, { signal }) => {
    signal.throwIfAborted();
    if (scene?.seed !== seed) scene = { seed, scene: new Scene(seed) };
    const { rgba, width, height } = paintTile(scene.scene, at);
    const options = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' } as const;
    const bitmap = await createImageBitmap(new ImageData(rgba, width, height), options);
    return moved<Raster>(bitmap, [bitmap]);
  },
});

// An encoder for tests whose features say where it looked: block1 is the window's centre on the level it read, block2 the
// share of dark pixels there.
import type { Waits } from '#channel/waits.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import type { LoadedModel, Patch, PatchOutputs } from '#inference/model.ts';
import { sceneManifest, sceneModel } from './stand-in.ts';

export const encoderManifest: PatchManifest = {
  ...sceneManifest,
  id: 'scene-encoder',
  sha256: 'e'.repeat(64),
  task: 'encoder',
  input: { ...sceneManifest.input, mpp: 0.5, window: 32, margin: 0, multiple: 16 }, // 64 level-0 px of a scene
  outputs: [
    { name: 'block1', kind: 'pooled', channels: 2 },
    { name: 'block2', kind: 'pooled', channels: 1 },
  ],
  tasks: { nuclei: undefined, glands: undefined, lumina: undefined },
};

export interface SceneEncoder extends LoadedModel {
  readonly runs: () => number;
}

/** @param say changes what it says; may throw */
export function sceneEncoder(say: (run: number, said: PatchOutputs) => PatchOutputs = (_, said) => said): SceneEncoder {
  let runs = 0;
  return {
    ...sceneModel(),
    manifest: encoderManifest,
    runs: () => runs,
    run: async (patch: Patch, { signal }: Waits) => {
      signal.throwIfAborted();
      return say(runs++, answer(patch));
    },
  };
}

function answer({ tiles, x, y, scaleX, scaleY, size }: Patch): PatchOutputs {
  let dark = 0;
  for (let v = 0; v < size; v++) {
    for (let u = 0; u < size; u++) {
      const [px, py] = [x + (u + 0.5) * scaleX, y + (v + 0.5) * scaleY];
      for (const { image, x: tx, y: ty } of tiles) {
        if (!('rgba' in image) || px < tx || py < ty || px >= tx + image.width || py >= ty + image.height) continue;
        if ((image.rgba[4 * (Math.floor(py - ty) * image.width + Math.floor(px - tx)) + 1] ?? 255) < 128) dark++;
      }
    }
  }
  const centre = Float32Array.of(x + (size / 2) * scaleX, y + (size / 2) * scaleY);
  return {
    block1: { dims: [1, 2], data: centre },
    block2: { dims: [1, 1], data: Float32Array.of(dark / size ** 2) },
  };
}

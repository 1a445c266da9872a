// A slide of plain white, for tests that never look at a pixel.
import { type Slide, untold } from '#slide/slide.ts';
import { type MppXY, mpp } from '#units/units.ts';

export interface StubSlide extends Slide {
  readonly disposed: () => boolean;
}

export function stubSlide(name: string, size: MppXY | undefined = { x: mpp(0.5), y: mpp(0.5) }): StubSlide {
  let disposed = false;
  return {
    ...untold,
    name,
    format: 'Test',
    levels: [{ widthPx: 1000, heightPx: 800, tileWidth: 100, tileHeight: 100, downsample: 1 }],
    mpp: size,
    fingerprint: async () => name,
    readTile: async () => ({ width: 100, height: 100, rgba: new Uint8ClampedArray(40_000).fill(255) }),
    disposed: () => disposed,
    [Symbol.dispose]: () => {
      disposed = true;
    },
  };
}

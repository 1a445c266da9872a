import type { RgbaTile } from '../kernels/compose.ts';

/** A slide of one picture at the level's origin, with its mirror image `reach` px beyond every edge: pixel by pixel. */
export function mirroredOut({ width, height, rgba }: RgbaTile['image'], reach: number): RgbaTile {
  const across = width + 2 * reach;
  const out = new Uint8ClampedArray(across * (height + 2 * reach) * 4).fill(255);
  const folded = (at: number, size: number): number => (at < 0 ? -1 - at : at >= size ? 2 * size - 1 - at : at);
  for (let y = -reach; y < height + reach; y++) {
    for (let x = -reach; x < width + reach; x++) {
      const [fromX, fromY] = [folded(x, width), folded(y, height)];
      if (fromX < 0 || fromY < 0 || fromX >= width || fromY >= height) continue; // mirrored once only
      const from = (fromY * width + fromX) * 4;
      out.set(rgba.subarray(from, from + 4), ((y + reach) * across + x + reach) * 4);
    }
  }
  return { image: { width: across, height: height + 2 * reach, rgba: out }, x: -reach, y: -reach };
}

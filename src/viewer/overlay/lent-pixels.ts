let held = new ArrayBuffer(0);

/**
 * RGBA of so many pixels, with whatever was in it, lent until the next call: all of a thread's pictures are made in the same
 * memory, one after the other, for filling new memory costs more than the picture.
 */
export function lentPixels(count: number): Uint8ClampedArray<ArrayBuffer> {
  if (held.byteLength < 4 * count) held = new ArrayBuffer(4 * count);
  return new Uint8ClampedArray(held, 0, 4 * count);
}

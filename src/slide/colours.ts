// Colours that a file does not store as red, green and blue: a palette, YCbCr, the inks of print.

export type Colours =
  | { readonly kind: 'stored' } //                                             RGB, or grey
  | { readonly kind: 'palette'; readonly table: Uint8Array<ArrayBuffer> } //   [3 × entries] all reds, all greens, all blues
  | { readonly kind: 'ycbcr'; readonly across: number; readonly down: number } // pixels that share one Cb and Cr
  | { readonly kind: 'cmyk' };

/** ITU-R BT.601 at full range, as JFIF has it; rounded. In place. @param rgba whose red, green, blue are Y, Cb, Cr */
export function rgbOfYcbcr(rgba: Uint8ClampedArray): void {
  for (let i = 0; i < rgba.length; i += 4) {
    const y = rgba[i] ?? 0;
    const cb = (rgba[i + 1] ?? 0) - 128;
    const cr = (rgba[i + 2] ?? 0) - 128;
    rgba[i] = y + 1.402 * cr;
    rgba[i + 1] = y - 0.344_136 * cb - 0.714_136 * cr;
    rgba[i + 2] = y + 1.772 * cb;
  }
}

/** Into `rgba`. @param index the colour of pixel i, of the table's */
export function rgbOfPalette(rgba: Uint8ClampedArray, table: Uint8Array, index: (pixel: number) => number): void {
  const entries = table.length / 3;
  for (let i = 0; i < rgba.length; i += 4) {
    const at = index(i / 4);
    for (let c = 0; c < 3; c++) rgba[i + c] = table[c * entries + at] ?? 0;
  }
}

/**
 * Each ink takes away its light, without a profile: near what is meant. In place.
 * @param rgba whose red, green, blue are cyan, magenta, yellow
 * @param black the fourth ink of pixel i, of 255
 */
export function rgbOfInks(rgba: Uint8ClampedArray, black: (pixel: number) => number): void {
  for (let i = 0; i < rgba.length; i += 4) {
    const light = (255 - black(i / 4)) / 255;
    for (let c = 0; c < 3; c++) rgba[i + c] = (255 - (rgba[i + c] ?? 0)) * light;
  }
}

/** Bytes of YCbCr in which `across` × `down` pixels share one Cb and Cr. */
export const ycbcrBytes = (width: number, height: number, across: number, down: number): number =>
  Math.ceil(width / across) * Math.ceil(height / down) * (across * down + 2);

/** Y, Cb and Cr of every pixel, out of units of `across` × `down` Y, one Cb, one Cr. */
export function fullYcbcr(data: Uint8Array, width: number, height: number, across: number, down: number): Uint8Array {
  const out = new Uint8Array(width * height * 3);
  const unit = across * down + 2;
  const units = Math.ceil(width / across);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      const at = (Math.floor(y / down) * units + Math.floor(x / across)) * unit;
      out[i] = data[at + (y % down) * across + (x % across)] ?? 0;
      out[i + 1] = data[at + unit - 2] ?? 0;
      out[i + 2] = data[at + unit - 1] ?? 0;
    }
  }
  return out;
}

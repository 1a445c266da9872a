// Stacks as ImageJ writes them.
import { ascii, type Entry, tiffBytes } from './tiff-bytes.ts';

export const WIDTH = 20;
export const HEIGHT = 10;

interface Asked {
  readonly says: string;
  readonly images: number;
  readonly bits?: 8 | 16;
  readonly colour?: boolean;
  readonly littleEndian?: boolean;
  readonly rowsPerStrip?: number;
  /** Bytes between one strip and the next. */
  readonly gap?: number;
}

/** One directory, then the images, each of one value: 10 more than the one before. */
export function stack({
  says,
  images,
  bits = 8,
  colour = false,
  littleEndian = false,
  rowsPerStrip = HEIGHT,
  gap = 0,
}: Asked) {
  const samples = colour ? 3 : 1;
  const rowBytes = (WIDTH * samples * bits) / 8;
  const strips = Math.ceil(HEIGHT / rowsPerStrip);
  const entries = (start: number): Entry[] => [
    [256, 3, [WIDTH]],
    [257, 3, [HEIGHT]],
    [258, 3, Array.from({ length: samples }, () => bits)],
    [259, 3, [1]],
    [262, 3, [colour ? 2 : 1]],
    [270, 2, ascii(`ImageJ=1.54f\nimages=${images}\n${says}`)],
    [273, 4, Array.from({ length: strips }, (_, i) => start + i * (rowsPerStrip * rowBytes + gap))],
    [277, 3, [samples]],
    [278, 3, [rowsPerStrip]],
    [279, 4, Array.from({ length: strips }, () => rowsPerStrip * rowBytes)],
    [282, 5, [2, 1]],
    [283, 5, [2, 1]],
    [296, 3, [1]],
  ];
  const { length } = tiffBytes([entries(0)], { littleEndian });
  const header = tiffBytes([entries(length)], { littleEndian });
  const pixels = new DataView(new ArrayBuffer(images * HEIGHT * rowBytes + strips * gap));
  for (let at = 0; at < pixels.byteLength; at += bits / 8) {
    const value = 10 * (1 + Math.floor(at / (HEIGHT * rowBytes)));
    if (bits === 8) pixels.setUint8(at, value);
    else pixels.setUint16(at, value, littleEndian);
  }
  return new File([header, pixels], 'stack.tif');
}

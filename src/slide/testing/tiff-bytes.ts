// Small TIFFs made to order, right and wrong.

export interface TiffOptions {
  readonly big?: boolean;
  readonly littleEndian?: boolean;
  /** Values to write instead of the true next-directory pointers, by directory; a number past the end is a lie. */
  readonly next?: (directory: number, offsets: readonly number[]) => number;
}

/** [tag, type, values]: 3 SHORT, 4 LONG, 16 LONG8, 2 ASCII (character codes), 7 bytes, 5 RATIONAL (pairs). */
export type Entry = readonly [tag: number, type: number, values: readonly number[]];

const SIZES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 4, 7: 1, 9: 4, 16: 8 };

export const ascii = (text: string): number[] => [...new TextEncoder().encode(text), 0];

/** Directories in a chain, their values behind them. */
export function tiffBytes(
  directories: readonly (readonly Entry[])[],
  options: TiffOptions = {},
): Uint8Array<ArrayBuffer> {
  const { big = false, littleEndian = true } = options;
  const word = big ? 8 : 4;
  const view = new DataView(new ArrayBuffer(1 << 20));
  const put = (at: number, size: number, value: number): void => {
    if (size === 1) view.setUint8(at, value);
    else if (size === 2) view.setUint16(at, value, littleEndian);
    else if (size === 4) view.setUint32(at, value, littleEndian);
    else view.setBigUint64(at, BigInt(value), littleEndian);
  };
  const sizeOf = (entries: readonly Entry[]): number => (big ? 16 : 6) + entries.length * (big ? 20 : 12);
  const start = big ? 16 : 8;
  const offsets: number[] = [];
  let end = start;
  for (const entries of directories) {
    offsets.push(end);
    end += sizeOf(entries);
  }
  view.setUint16(0, littleEndian ? 0x4949 : 0x4d4d);
  put(2, 2, big ? 43 : 42);
  if (big) put(4, 2, 8);
  put(big ? 8 : 4, word, start);
  for (const [index, entries] of directories.entries()) {
    let at = offsets[index] ?? 0;
    put(at, big ? 8 : 2, entries.length);
    at += big ? 8 : 2;
    for (const [tag, type, values] of entries) {
      const size = SIZES[type] ?? 1;
      put(at, 2, tag);
      put(at + 2, 2, type);
      put(at + 4, word, type === 5 ? values.length / 2 : values.length);
      const inline = values.length * size <= word;
      const to = inline ? at + 4 + word : end;
      if (!inline) {
        put(at + 4 + word, word, end);
        end += values.length * size;
      }
      for (const [i, value] of values.entries()) put(to + i * size, size, value);
      at += 4 + 2 * word;
    }
    put(at, word, options.next?.(index, offsets) ?? offsets[index + 1] ?? 0);
  }
  return new Uint8Array(view.buffer.slice(0, end));
}

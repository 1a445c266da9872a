// Index.dat of a MIRAX slide: where in the data files each stored image lies. Tables of pointers, each to pages of records
// that are chained.
import type { Slidedat } from './slidedat.ts';

/** A part of a data file. */
export interface Stored {
  readonly offset: number;
  readonly length: number; // bytes
  readonly file: number; //   of the data files
}

/** A stored image of a level. */
export interface StoredImage extends Stored {
  readonly index: number; // of the camera's images the first that it holds, row by row
}

export interface IndexFile {
  /** Those of a level, in order; of those that are there twice the first. */
  images(zoom: number): StoredImage[];
  record(number: number): Stored | undefined;
}

const VERSION = '01.02';

/** @throws Error that says what is wrong, as the end of "whose Index.dat …" */
export function indexFile(bytes: Uint8Array, { id, dataFiles }: Slidedat): IndexFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, VERSION.length + id.length));
  if (start !== `${VERSION}${id}`) throw new Error('is of another slide, or another version');
  const numberAt = (at: number): number => {
    if (at < 0 || at + 4 > bytes.length) throw new Error('points outside of itself');
    return view.getInt32(at, true);
  };
  const levels = numberAt(start.length);
  const records = numberAt(start.length + 4);

  /** Of all pages behind a pointer. @param width numbers of an item */
  function* itemsAt(pointer: number, width: number): Iterable<number> {
    const seen = new Set<number>();
    for (let page = numberAt(pointer); page !== 0; page = numberAt(page + 4)) {
      if (seen.has(page)) throw new Error('leads back to itself');
      seen.add(page);
      const count = numberAt(page);
      if (count < 0 || page + 8 + count * width * 4 > bytes.length) throw new Error('is cut short');
      for (let i = 0; i < count; i++) yield page + 8 + i * width * 4;
    }
  }
  const storedAt = (at: number): Stored => {
    const [offset, length, file] = [numberAt(at) >>> 0, numberAt(at + 4), numberAt(at + 8)];
    if (length < 0 || file < 0 || file >= dataFiles.length) throw new Error(`names data file ${file}, which is none`);
    return { offset, length, file };
  };
  return {
    images(zoom) {
      const images: StoredImage[] = [];
      for (const at of itemsAt(levels + zoom * 4, 4)) images.push({ index: numberAt(at), ...storedAt(at + 4) });
      images.sort((a, b) => a.index - b.index);
      return images.filter(({ index }, i) => index !== images[i - 1]?.index);
    },
    record(number) {
      for (const at of itemsAt(records + number * 4, 5)) return storedAt(at + 8); // two numbers precede it
      return undefined;
    },
  };
}

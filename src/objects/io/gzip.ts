// A gzip file (RFC 1952) of one member: what comes after the first, browsers refuse.
import { crc32 } from '#errors/crc32.ts';
import { Deflate } from './deflate.ts';

const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255); // no name, no time; packed fast; on no system in particular

export class Gzip {
  readonly #deflate = new Deflate();
  #crc = 0;
  #size = 0;
  #isBegun = false;

  /** Borrowed. @returns what is finished, the caller's own */
  add(bytes: Uint8Array): Uint8Array<ArrayBuffer>[] {
    this.#crc = crc32(bytes, this.#crc);
    this.#size = (this.#size + bytes.length) % 2 ** 32;
    this.#deflate.add(bytes);
    return this.#taken();
  }

  end(): Uint8Array<ArrayBuffer>[] {
    this.#deflate.end();
    const trailer = new Uint8Array(8);
    const view = new DataView(trailer.buffer);
    view.setUint32(0, this.#crc, true);
    view.setUint32(4, this.#size, true);
    return [...this.#taken(), trailer];
  }

  #taken(): Uint8Array<ArrayBuffer>[] {
    const begin = this.#isBegun ? [] : [HEADER.slice()];
    this.#isBegun = true;
    return [...begin, this.#deflate.take()];
  }
}

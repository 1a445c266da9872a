import type { ByteText } from './byte-text.ts';

/** 128 bits of what an object is, as a UUID of version 8 (RFC 9562): four FNV-1a lanes that start apart. */
export class ContentId {
  #a = 0x811c9dc5;
  #b = 0x01000193;
  #c = 0xdeadbeef;
  #d = 0x9e3779b9;

  constructor(text: string) {
    for (let i = 0; i < text.length; i++) this.add(text.charCodeAt(i));
  }

  /** From here on each goes its own way. */
  copy(): ContentId {
    const other = new ContentId('');
    [other.#a, other.#b, other.#c, other.#d] = [this.#a, this.#b, this.#c, this.#d];
    return other;
  }

  add(value: number): void {
    this.#a = mixed(this.#a, value, 13);
    this.#b = mixed(this.#b, value, 14);
    this.#c = mixed(this.#c, value, 15);
    this.#d = mixed(this.#d, value, 16);
  }

  /** 8-4-4-4-12 hexadecimal digits. */
  write(to: ByteText): void {
    const b = (this.#b & 0xffff0fff) | 0x8000;
    const c = (this.#c & 0x3fffffff) | 0x80000000;
    to.hex(this.#a);
    to.ascii('-');
    to.hex(b, 0, 4);
    to.ascii('-');
    to.hex(b, 4);
    to.ascii('-');
    to.hex(c, 0, 4);
    to.ascii('-');
    to.hex(c, 4);
    to.hex(this.#d);
  }
}

function mixed(lane: number, value: number, shift: number): number {
  let hash = Math.imul(lane ^ (value & 255), 0x01000193);
  hash = Math.imul(hash ^ ((value >>> 8) & 255), 0x01000193);
  hash = Math.imul(hash ^ ((value >>> 16) & 255), 0x01000193);
  hash = Math.imul(hash ^ (value >>> 24), 0x01000193);
  return hash ^ (hash >>> shift);
}

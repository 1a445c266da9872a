// JSON from bytes that are not all there yet: a cursor with limits, which tells where it stumbled. No value is built that nobody
// asked for, and no key of the file becomes a key of an object.

/** Thrown where the bytes so far do not suffice; the caller brings more and begins the value anew. */
export const MORE = { more: true } as const;

/** What is wrong with the file, and where. */
export class JsonBroken extends Error {
  readonly at: number; // byte of the bytes at hand

  constructor(seen: string, at: number) {
    super(seen);
    this.at = at;
  }
}

const DEEPEST = 64; //          brackets within brackets
const DEEPEST_SKIPPED = 4096; // the same of what is broken
const LONGEST = 10_000; // characters of a text that is read; longer ones are skipped only

/** What JSON lets stand between values. */
export const isSpace = (byte: number): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9;

const code = (char: string): number => char.charCodeAt(0);
const QUOTE = code('"');
const BACKSLASH = code('\\');
const COMMA = code(',');
const COLON = code(':');
const OPEN = code('{');
const CLOSE = code('}');
const OPEN_LIST = code('[');
const CLOSE_LIST = code(']');
const MINUS = code('-');
const PLUS = code('+');
const DOT = code('.');
const ZERO = code('0');
const NINE = code('9');
const E = code('e');
const BIG_E = code('E');
const FEATURE = ['"type"', ':', '"Feature"'].map((token) => [...token].map(code));
const TENS = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));

export class JsonCursor {
  bytes: Uint8Array;
  at: number; //  the next byte
  end: number; // of those at hand
  isAll: boolean; // no more will come
  foreign = 0; //   texts so far that were not UTF-8, and were read as Windows-1252
  readonly #names = new Map<number, { bytes: Uint8Array; text: string; isForeign: boolean }>();
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  readonly #older = new TextDecoder('windows-1252');

  constructor(bytes: Uint8Array, at = 0, end = bytes.length, isAll = true) {
    [this.bytes, this.at, this.end, this.isAll] = [bytes, at, end, isAll];
  }

  /** The next byte that is no space; -1 at the end of the file. */
  peek(): number {
    const { bytes, end } = this;
    for (let at = this.at; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (isSpace(byte)) continue;
      this.at = at;
      return byte;
    }
    this.at = end;
    if (this.isAll) return -1;
    throw MORE;
  }

  broken(seen: string, at = this.at): JsonBroken {
    return new JsonBroken(seen, at);
  }

  #expected(what: string): JsonBroken {
    const byte = this.peek();
    if (byte < 0) return this.broken('the file ends in the middle of a feature');
    const shown = byte > 32 && byte < 127 ? `"${String.fromCharCode(byte)}"` : `byte ${byte}`;
    return this.broken(`${what} was expected, not ${shown}`);
  }

  isNext(char: number): boolean {
    return this.peek() === char;
  }

  get isObject(): boolean {
    return this.peek() === OPEN;
  }

  get isList(): boolean {
    return this.peek() === OPEN_LIST;
  }

  get isText(): boolean {
    return this.peek() === QUOTE;
  }

  /** A number, or what Python and others write for none: NaN, Infinity. */
  get isNumber(): boolean {
    const byte = this.peek();
    return byte === MINUS || (byte >= ZERO && byte <= NINE) || byte === code('N') || byte === code('I');
  }

  get isNull(): boolean {
    return this.peek() === code('n');
  }

  /** Calls with each key; `each` reads its value. */
  object(each: (key: string) => void): void {
    if (this.peek() !== OPEN) throw this.#expected('An object');
    this.at++;
    if (this.peek() === CLOSE) {
      this.at++;
      return;
    }
    for (;;) {
      if (this.peek() !== QUOTE) throw this.#expected('A name in quotes');
      const key = this.text() ?? '';
      if (this.peek() !== COLON) throw this.#expected('A colon');
      this.at++;
      each(key);
      if (this.#isClosed(CLOSE, 'A comma or the end of the object')) return;
    }
  }

  /** Calls before each element; `each` reads it. */
  list(each: (index: number) => void): void {
    if (!this.beginList()) return;
    for (let k = 0; ; k++) {
      each(k);
      if (this.endsList()) return;
    }
  }

  /** True where there is an element to read. */
  beginList(): boolean {
    if (this.peek() !== OPEN_LIST) throw this.#expected('A list');
    this.at++;
    if (this.peek() !== CLOSE_LIST) return true;
    this.at++;
    return false;
  }

  /** After an element: true where it was the last. */
  endsList(): boolean {
    return this.#isClosed(CLOSE_LIST, 'A comma or the end of the list');
  }

  #isClosed(close: number, what: string): boolean {
    const byte = this.peek();
    if (byte !== close && byte !== COMMA) throw this.#expected(what);
    this.at++;
    return byte === close;
  }

  /** Its value; undefined where it has more bytes than asked for. Short ones are made once and shared. */
  text(most = LONGEST): string | undefined {
    const from = this.at + 1;
    const { bytes, end } = this;
    let hash = 0x811c9dc5;
    let isPlain = true;
    for (let at = from; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.at = at + 1;
        if (at - from > most) return undefined;
        return isPlain ? this.#plain(from, at, hash) : this.#escaped(from, at);
      }
      if (byte < 32) throw this.broken('a text runs over the end of its line', at);
      if (byte === BACKSLASH) {
        isPlain = false;
        at++;
      } else hash = Math.imul(hash ^ byte, 0x01000193);
    }
    if (this.isAll) throw this.broken('the file ends in the middle of a text', end);
    throw MORE;
  }

  #plain(from: number, to: number, hash: number): string {
    const length = to - from;
    const known = this.#names.get(hash);
    if (known?.bytes.length === length && this.#isSame(known.bytes, from)) {
      if (known.isForeign) this.foreign++;
      return known.text;
    }
    const bytes = this.bytes.slice(from, to);
    const before = this.foreign;
    const text = this.#decoded(bytes);
    if (length <= 64 && this.#names.size < 4096 && !known)
      this.#names.set(hash, { bytes, text, isForeign: this.foreign > before });
    return text;
  }

  /** UTF-8; else as QuPath wrote it on Windows before 0.4, where every byte is a letter. */
  #decoded(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes);
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      this.foreign++;
      return this.#older.decode(bytes);
    }
  }

  #isSame(bytes: Uint8Array, from: number): boolean {
    for (let k = 0; k < bytes.length; k++) if (bytes[k] !== this.bytes[from + k]) return false;
    return true;
  }

  #escaped(from: number, to: number): string {
    try {
      const value: unknown = JSON.parse(this.#decoded(this.bytes.subarray(from - 1, to + 1)));
      if (typeof value === 'string') return value;
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
    }
    throw this.broken('a text holds an escape that JSON does not know', from);
  }

  /** Exact for what files hold; NaN for NaN, and for null. */
  number(): number {
    const first = this.peek();
    if (first === code('n') || first === code('N') || first === code('I')) return this.#word(false);
    const start = this.at;
    const { bytes, end } = this;
    let at = start;
    const isNegative = first === MINUS;
    if (isNegative) at++;
    if (bytes[at] === code('I')) {
      this.at = at;
      return this.#word(isNegative);
    }
    let value = 0;
    let digits = 0;
    let decimals = 0;
    let exponent = 0;
    let byte = bytes[at] ?? 0;
    for (; at < end && byte >= ZERO && byte <= NINE; byte = bytes[++at] ?? 0) {
      value = 10 * value + byte - ZERO;
      digits++;
    }
    if (at < end && byte === DOT) {
      byte = bytes[++at] ?? 0;
      for (; at < end && byte >= ZERO && byte <= NINE; byte = bytes[++at] ?? 0) {
        value = 10 * value + byte - ZERO;
        digits++;
        decimals++;
      }
    }
    if (at < end && (byte === E || byte === BIG_E)) {
      byte = bytes[++at] ?? 0;
      const isSmall = byte === MINUS;
      if (byte === MINUS || byte === PLUS) byte = bytes[++at] ?? 0;
      const from = at;
      for (; at < end && byte >= ZERO && byte <= NINE && at - from < 8; byte = bytes[++at] ?? 0)
        exponent = 10 * exponent + byte - ZERO;
      if (at === from && at < end) throw this.broken('a number was expected', start);
      if (isSmall) exponent = -exponent;
    }
    if (at >= end && !this.isAll) throw MORE;
    if (digits === 0) throw this.broken('a number was expected', start);
    this.at = at;
    const power = exponent - decimals;
    // A whole number below 2^53 times or by a power of ten that is exact is rounded once: the nearest there is.
    if (value < 2 ** 53 && power <= 22 && power >= -22) {
      const exact = power < 0 ? value / (TENS[-power] ?? 1) : value * (TENS[power] ?? 1);
      return isNegative ? -exact : exact;
    }
    return Number(this.#decoder.decode(bytes.subarray(start, at)));
  }

  /**
   * Positions of two plain numbers one behind the other, [12.25,7],[13,8], without space: as they nearly always stand in files of
   * millions of them. The cursor stays before the first that is anything else, or is not all there, or does not fit.
   * @param into where x and y are put @returns how many were read; what follows the last of them, a comma or the list's end, was not
   */
  positions(into: Float64Array, from: number, most: number): number {
    const { bytes } = this;
    let count = 0;
    let at = this.at;
    for (; count < most; count++) {
      const start = at;
      if (count > 0 && bytes[at++] !== COMMA) return count;
      if (bytes[at++] !== OPEN_LIST) break;
      for (let k = 0; k < 2; k++) {
        let byte = bytes[at] ?? 0;
        const isNegative = byte === MINUS;
        if (isNegative) byte = bytes[++at] ?? 0;
        const first = at;
        let whole = 0;
        for (; byte >= ZERO && byte <= NINE; byte = bytes[++at] ?? 0) whole = (10 * whole + byte - ZERO) | 0;
        let digits = at - first;
        let decimals = 0;
        if (byte === DOT) {
          byte = bytes[++at] ?? 0;
          for (; byte >= ZERO && byte <= NINE; byte = bytes[++at] ?? 0) {
            whole = (10 * whole + byte - ZERO) | 0;
            decimals++;
          }
          digits += decimals;
        }
        if (digits === 0 || digits > 9 || byte !== (k === 0 ? COMMA : CLOSE_LIST)) {
          this.at = start;
          return count;
        }
        at++;
        const value = whole / (TENS[decimals] ?? 1);
        into[from + 2 * count + k] = isNegative ? -value : value;
      }
      this.at = at; // may be beyond the end, where bytes of an earlier piece lie: whatever reads on finds that nothing is there
    }
    return count;
  }

  /** NaN, Infinity and null, as a number. */
  #word(isNegative: boolean): number {
    const start = this.at;
    let at = start;
    while (at < this.end && ((this.bytes[at] ?? 0) | 32) >= 97 && ((this.bytes[at] ?? 0) | 32) <= 122) at++;
    if (at === this.end && !this.isAll) throw MORE;
    const word = this.#decoder.decode(this.bytes.subarray(start, at));
    if (word !== 'NaN' && word !== 'Infinity' && word !== 'null') throw this.broken('a number was expected', start);
    this.at = at;
    return word === 'Infinity' ? (isNegative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY) : Number.NaN;
  }

  /** True and false; undefined for any other value, which is skipped. */
  flag(): boolean | undefined {
    const byte = this.peek();
    this.skip();
    return byte === code('t') ? true : byte === code('f') ? false : undefined;
  }

  /** Over any value. */
  skip(depth = 0): void {
    if (depth > DEEPEST) throw this.broken(`there are more than ${DEEPEST} brackets within brackets`);
    const byte = this.peek();
    if (byte === OPEN) this.object(() => this.skip(depth + 1));
    else if (byte === OPEN_LIST) this.list(() => this.skip(depth + 1));
    else if (byte === QUOTE) this.text();
    else if (this.isNumber) this.number();
    else this.#literal();
  }

  #literal(): void {
    const start = this.at;
    const word = ['true', 'false', 'null'].find((one) => code(one) === this.bytes[start]);
    if (word === undefined) throw this.#expected('A value');
    if (start + word.length > this.end && !this.isAll) throw MORE;
    for (let k = 0; k < word.length; k++)
      if (this.bytes[start + k] !== word.charCodeAt(k)) throw this.#expected('A value');
    this.at = start + word.length;
  }

  /**
   * Over what stands where a value should: an object by its brackets alone, whatever else is wrong within; nothing at all where
   * the list goes on or ends.
   * @returns false where the brackets do not tell its end
   */
  skipBalanced(): boolean {
    const first = this.peek();
    if (first === COMMA || first === CLOSE_LIST) return true;
    if (first !== OPEN && first !== OPEN_LIST) {
      this.skip();
      return true;
    }
    const open: number[] = [];
    for (let at = this.at; at < this.end; at++) {
      const byte = this.bytes[at];
      if (byte === QUOTE) {
        for (at++; at < this.end && this.bytes[at] !== QUOTE; at++) if (this.bytes[at] === BACKSLASH) at++;
      } else if (byte === OPEN || byte === OPEN_LIST) {
        if (open.push(byte) > DEEPEST_SKIPPED) return false;
      } else if (byte === CLOSE || byte === CLOSE_LIST) {
        if (open.pop() !== (byte === CLOSE ? OPEN : OPEN_LIST)) return false;
      }
      if (open.length > 0) continue;
      this.at = at + 1;
      return true;
    }
    if (this.isAll) return false;
    throw MORE;
  }

  /** To the next object that begins by saying that it is a feature. @returns false where none is at hand: nothing moves */
  seekFeature(): boolean {
    for (let at = this.at; at < this.end; at++) {
      if (this.bytes[at] !== OPEN || !this.#isFeatureAt(at)) continue;
      this.at = at;
      return true;
    }
    return false;
  }

  #isFeatureAt(from: number): boolean {
    let at = from + 1;
    for (const token of FEATURE) {
      while (at < this.end && isSpace(this.bytes[at] ?? 0)) at++;
      for (const byte of token) if (this.bytes[at++] !== byte) return false;
    }
    return at <= this.end;
  }
}

// The features of a GeoJSON file as they come: a collection, a bare list, single ones one behind the other. Memory holds one
// feature and a piece of the file, however long that is.
import { EosinError } from '#errors/failure.ts';
import { isSpace, JsonBroken, JsonCursor, MORE } from './json-bytes.ts';
import { type RawFeature, readFeature } from './raw-feature.ts';
import type { Pull } from './text-bytes.ts';

export type Told =
  | { readonly feature: RawFeature; readonly index: number }
  | { readonly broken: string; readonly index: number } // a feature that is not JSON; a sentence with its place
  | { readonly frame: string; readonly index: number }; //  the coordinates that a collection says it is in

const MOST_BYTES = 256 * 2 ** 20; // of one feature
const FIRST_BYTES = 1 << 20;
const BATCH = 512; // features
const FEATURE_BYTES = 256; // in which one says what it is

const OPEN = 123;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const NOTHING_MORE = ', and nothing behind it could be read';
const UP_TO_NEXT = ', and what stands up to the next feature was left out';
const BOM = [0xef, 0xbb, 0xbf];
/** How files begin that are none of JSON, and what they are. */
const OTHERS: readonly (readonly [begins: readonly number[], is: string])[] = [
  [[0x50, 0x4b, 3, 4], 'it is a ZIP archive'],
  [[0x1f, 0x8b], 'it is packed by gzip twice'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'it is packed by Zstandard'],
  [[0x3c], 'it is XML or a web page, not GeoJSON'], // "<": ImageScope and ASAP write XML
  [[0x22], 'it is a text in quotes, not GeoJSON itself'], // written as JSON twice
];
const RECORD = 30; // RFC 8142 puts it before each feature

/**
 * In batches, so that a million of them are not a million turns of the event loop.
 * @param pull the next bytes of the file, lent until it is called again; undefined at its end
 * @throws EosinError BadInput where there is no feature to be found at all
 */
export async function* featuresOf(pull: Pull): AsyncGenerator<readonly Told[], void, undefined> {
  const file = new Pieces(pull);
  await file.fill();
  file.skipMark();
  for (;;) {
    const start = await file.read((cursor) => cursor.peek());
    if (start === RECORD) {
      file.cursor.at++;
      continue;
    }
    if (start < 0 && file.index > 0) return;
    if (start !== OPEN && start !== OPEN_LIST) {
      if (file.index === 0) throw noGeoJSON(start < 0 ? 'it is empty' : (file.isOther ?? 'it is no JSON'), 0);
      yield [await file.leaveStray()];
      if (file.isLost) return;
      continue;
    }
    const into = start === OPEN_LIST ? {} : await file.intoFeatures();
    const isListed = into !== undefined;
    if (into?.frame !== undefined) yield [{ frame: into.frame, index: file.index }];
    if (isListed && !(await file.beginsList())) {
      if (file.index === 0) throw noGeoJSON('it holds no features', 0);
      return;
    }
    for (let isOver = false; !isOver; ) {
      const told: Told[] = [];
      isOver = await file.some(told, isListed);
      yield told;
    }
    if (file.isLost) return;
    if (isListed && start === OPEN) await file.restOfObject();
  }
}

/** What a collection says before its list. */
interface Head {
  readonly frame?: string | undefined; // of its coordinates, as GeoJSON of 2008 named it
}

/** Up to the list of a collection. Undefined where there is none, and then nothing is read. */
function intoFeatures(cursor: JsonCursor): Head | undefined {
  const start = cursor.at;
  let frame: string | undefined;
  class Found extends Error {}
  try {
    cursor.object((key) => {
      if (key === 'features' && cursor.isList) throw new Found();
      if (key === 'crs' && cursor.isObject) frame = frameOf(cursor);
      else cursor.skip();
    });
  } catch (thrown) {
    if (thrown instanceof Found) return { frame };
    cursor.at = start;
    if (!(thrown instanceof JsonBroken)) throw thrown;
  }
  cursor.at = start;
  return undefined;
}

/** { type, properties: { name } } */
function frameOf(cursor: JsonCursor): string {
  let frame = 'another frame';
  cursor.object((key) => {
    if (key !== 'properties' || !cursor.isObject) return cursor.skip();
    cursor.object((inner) => {
      if (inner === 'name' && cursor.isText) frame = cursor.text()?.slice(0, 100) ?? frame;
      else cursor.skip();
    });
  });
  return frame;
}

/** The file through a window that grows with what is read at once. */
class Pieces {
  readonly cursor = new JsonCursor(new Uint8Array(FIRST_BYTES), 0, 0, false);
  readonly #pull: Pull;
  #before = 0; //    bytes of the file before those at hand
  #line = 1; //      of the file, at the byte up to which lines were counted
  #counted = 0; //   that byte, of those at hand
  index = 0; //      of the next feature
  isLost = false; // nothing more can be told apart
  #isAstray = false; // brackets did not tell where a broken feature ends
  #isBehind = false; // a feature, whose comma or end of the list was not read yet

  constructor(pull: Pull) {
    this.#pull = pull;
  }

  /**
   * More bytes behind those from the cursor on; at least as many again, so that trying anew costs little. Space at the cursor is
   * left behind, however much of it there is: whatever is read begins after it.
   */
  async fill(): Promise<void> {
    const { cursor } = this;
    const { bytes, end } = cursor;
    let from = cursor.at;
    while (from < end && isSpace(bytes[from] ?? 0)) from++;
    const kept = end - from;
    this.#before += from;
    if (this.#counted < from) this.#lineOf(from);
    this.#counted -= from;
    bytes.copyWithin(0, from, end);
    [cursor.at, cursor.end] = [0, kept];
    const wanted = 2 * Math.max(kept, 1);
    while (!cursor.isAll && cursor.end < wanted) {
      const piece = await this.#pull();
      if (!piece) cursor.isAll = true;
      else this.#append(piece);
    }
    if (cursor.end > MOST_BYTES) throw cursor.broken(`a feature is larger than ${MOST_BYTES / 2 ** 20} MB`);
  }

  #append(piece: Uint8Array): void {
    const { cursor } = this;
    if (cursor.end + piece.length > cursor.bytes.length) {
      const grown = new Uint8Array(Math.max(2 * cursor.bytes.length, cursor.end + piece.length));
      grown.set(cursor.bytes.subarray(0, cursor.end));
      cursor.bytes = grown;
    }
    cursor.bytes.set(piece, cursor.end);
    cursor.end += piece.length;
  }

  skipMark(): void {
    const { cursor } = this;
    if (BOM.every((byte, k) => cursor.bytes[cursor.at + k] === byte)) cursor.at += BOM.length;
  }

  /** Tried anew from the same byte until enough of the file is there. */
  async read<T>(from: (cursor: JsonCursor) => T): Promise<T> {
    for (;;) {
      const start = this.cursor.at;
      try {
        return from(this.cursor);
      } catch (thrown) {
        this.cursor.at = start;
        if (thrown !== MORE) throw thrown;
      }
      await this.fill();
    }
  }

  /** To the list of a collection; undefined where there is none, and then nothing is read. @throws EosinError BadInput */
  async intoFeatures(): Promise<Head | undefined> {
    try {
      return await this.read(intoFeatures);
    } catch (thrown) {
      if (!(thrown instanceof JsonBroken)) throw thrown;
      throw noGeoJSON(`no feature begins in its first ${MOST_BYTES / 2 ** 20} MB`, 0);
    }
  }

  /** Into the list at the cursor; true where there is a feature to read. */
  async beginsList(): Promise<boolean> {
    const { cursor } = this;
    cursor.at++; // by itself, so that space behind it is left behind, too
    if ((await this.read(() => cursor.peek())) !== CLOSE_LIST) return true;
    cursor.at++;
    return false;
  }

  /** What it is instead of JSON, where that can be told. */
  get isOther(): string | undefined {
    const { bytes, at } = this.cursor;
    return OTHERS.find(([begins]) => begins.every((byte, k) => bytes[at + k] === byte))?.[1];
  }

  /**
   * Features from the cursor on, as many as are at hand.
   * @param isListed others follow behind commas
   * @returns true where the last was read, or nothing more can be
   */
  async some(told: Told[], isListed: boolean): Promise<boolean> {
    const { cursor } = this;
    while (told.length < BATCH) {
      const start = cursor.at;
      try {
        if (this.#isBehind) {
          const isLast = cursor.endsList();
          this.#isBehind = false;
          if (isLast) return true;
        } else {
          const feature = readFeature(cursor);
          told.push({ feature, index: this.index++ });
          if (!isListed) return true;
          this.#isBehind = true;
        }
      } catch (thrown) {
        cursor.at = start;
        if (thrown === MORE) {
          if (told.length > 0) return false;
          await this.#fillOrLose(told);
        } else if (thrown instanceof JsonBroken) {
          await this.#leaveBroken(thrown, told);
          if (!isListed) return true;
        } else throw thrown;
        if (this.isLost) return true;
      }
    }
    return false;
  }

  async #fillOrLose(told: Told[]): Promise<void> {
    try {
      await this.fill();
    } catch (thrown) {
      if (!(thrown instanceof JsonBroken)) throw thrown;
      const seen = this.place(thrown.message, thrown.at);
      told.push({ broken: `${seen}${NOTHING_MORE}`, index: this.index++ });
      this.isLost = true;
    }
  }

  /**
   * Over a feature that is broken, to its end where its brackets tell it, else to the next that can be found: from then on they
   * are not trusted any more, so that no file is read over and over.
   */
  async #leaveBroken(why: JsonBroken, told: Told[]): Promise<void> {
    const { cursor } = this;
    const isEnd = cursor.isAll && why.at >= cursor.end;
    const [seen, place] = [this.place(why.message, why.at), this.#before + why.at];
    let rest = '';
    if (!this.#isBehind && !this.#isAstray && (await this.#skipBroken())) this.#isBehind = true;
    else {
      this.#isAstray = true;
      cursor.at = Math.max(cursor.at, Math.min(place - this.#before, cursor.end));
      this.isLost = !(await this.#seekFeature());
      this.#isBehind = false;
      rest = this.isLost ? NOTHING_MORE : UP_TO_NEXT;
    }
    told.push({ broken: isEnd ? seen : `${seen}${rest}`, index: this.index++ });
  }

  /** Over what stands between features that follow one another, to the next. */
  async leaveStray(): Promise<Told> {
    const seen = this.place('something else follows', this.cursor.at);
    this.isLost = !(await this.#seekFeature());
    return { broken: `${seen}${this.isLost ? NOTHING_MORE : UP_TO_NEXT}`, index: this.index++ };
  }

  async #skipBroken(): Promise<boolean> {
    try {
      return await this.read((cursor) => cursor.skipBalanced());
    } catch (thrown) {
      if (!(thrown instanceof JsonBroken)) throw thrown;
      return false;
    }
  }

  async #seekFeature(): Promise<boolean> {
    const { cursor } = this;
    while (!cursor.seekFeature()) {
      if (cursor.isAll) return false;
      cursor.at = Math.max(cursor.at, cursor.end - FEATURE_BYTES);
      await this.fill();
    }
    return true;
  }

  /** What follows the list of features in its object says nothing of them. */
  async restOfObject(): Promise<void> {
    const { cursor } = this;
    await this.read(() => {
      while (cursor.peek() === 44 || cursor.isText) {
        if (cursor.peek() === 44) cursor.at++;
        if (!cursor.isText) return;
        cursor.text();
        if (cursor.peek() === 58) cursor.at++;
        cursor.skip();
      }
      if (cursor.peek() === 125) cursor.at++;
    }).catch((thrown: unknown) => {
      if (!(thrown instanceof JsonBroken)) throw thrown;
      cursor.at = cursor.end; // all features were read
    });
  }

  /** A sentence's part with line and byte. */
  place(seen: string, at: number): string {
    return `${seen} (line ${this.#lineOf(at)}, byte ${this.#before + at})`;
  }

  /** Of a byte at hand. Lines are counted once, however many features of them are broken. */
  #lineOf(at: number): number {
    const { bytes } = this.cursor;
    if (at < this.#counted) return this.#line - linesIn(bytes, at, this.#counted);
    this.#line += linesIn(bytes, this.#counted, at);
    this.#counted = at;
    return this.#line;
  }
}

function linesIn(bytes: Uint8Array, from: number, end: number): number {
  const part = bytes.subarray(from, end);
  let lines = 0;
  for (let k = part.indexOf(10); k >= 0; k = part.indexOf(10, k + 1)) lines++;
  return lines;
}

export const noGeoJSON = (seen: string, features: number): EosinError =>
  new EosinError({
    tag: 'BadInput',
    what: 'The GeoJSON file',
    seen: features > 0 ? `none of its ${features} features could be taken: ${seen}` : seen,
    todo: 'Export it again: in QuPath, File, Export objects as GeoJSON.',
  });

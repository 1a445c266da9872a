// Which device px each of many objects marks in one frame, and how: found when an object is first shown, laid down again as
// often as what is shown changes. Pure.

/** Beyond so many px in all, what more objects mark is found each time anew. 20 MB. */
const MOST = 2 ** 22;
const FIRST = 2 ** 16; // px there is room for at the start

export class Stamps {
  px = new Uint32Array(FIRST); //   of all objects, one behind the other: row × width + column
  codes = new Uint8Array(FIRST); // of each px: what it means is the raster's affair
  readonly #first: Int32Array; //   [n] by object, where its px begin; -1: not kept
  readonly #end: Int32Array; //     [n]
  #used = 0;

  /** @param objects n @param over nobody needs it any more: its memory is taken over */
  constructor(objects: number, over?: Stamps) {
    if (over) [this.px, this.codes] = [over.px, over.codes];
    this.#first = new Int32Array(objects).fill(-1);
    this.#end = new Int32Array(objects);
  }

  /** Where the px of an object begin; -1: they are to be found. */
  first(object: number): number {
    return this.#first[object] ?? -1;
  }

  /** Where they end. */
  end(object: number): number {
    return this.#end[object] ?? 0;
  }

  /** @returns from where on so many px may be written. What was written there before and not kept is lost. */
  room(px: number): number {
    const needed = this.#used + px;
    if (needed > this.px.length) {
      const length = Math.max(needed, 2 * this.px.length);
      const [was, codes] = [this.px, this.codes];
      this.px = new Uint32Array(length);
      this.px.set(was);
      this.codes = new Uint8Array(length);
      this.codes.set(codes);
    }
    return this.#used;
  }

  /** From `room` on to `end` lies what an object marks. */
  keep(object: number, end: number): void {
    if (end > MOST) return;
    this.#first[object] = this.#used;
    this.#end[object] = end;
    this.#used = end;
  }
}

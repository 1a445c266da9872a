// Tiles that come together are handed over some a frame: each costs the frame that first draws it half a millisecond (a smaller
// version of it, or a texture), and where the zoom crosses to another level its hundred tiles come at once.

/** px of tiles a frame: half a millisecond while the zoom changes, and 4 ms while the view stays. */
const ZOOMING_PX = 2 ** 18;
const STILL_PX = 2 ** 21;
const ZOOMING_MS = 100; // after the last step

interface Waiting {
  readonly px: number;
  begin(): void;
}

export class Arrivals {
  #spent = 0; //    px in this frame
  #waiting: Waiting[] = [];
  #frame: number | undefined; // the next one, where it was asked for
  #downsample = 0;
  #zoomedAt = Number.NEGATIVE_INFINITY; // ms of performance.now()

  /** @param downsample level-0 px a device px, of the view now */
  moved(downsample: number): void {
    if (downsample !== this.#downsample) this.#zoomedAt = performance.now();
    this.#downsample = downsample;
  }

  /** Resolves when a tile of so many pixels may be handed over: at once while few do; always in the order of coming. */
  async turn(px: number): Promise<void> {
    this.#frame ??= requestAnimationFrame(() => this.#next());
    if (this.#waiting.length === 0 && this.#spent < this.#most) this.#spent += px;
    else await new Promise<void>((begin) => this.#waiting.push({ px, begin }));
  }

  get #most(): number {
    return performance.now() - this.#zoomedAt < ZOOMING_MS ? ZOOMING_PX : STILL_PX;
  }

  #next(): void {
    this.#frame = undefined;
    this.#spent = 0;
    for (let first = this.#waiting[0]; first && this.#spent < this.#most; first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#spent += first.px;
      first.begin();
    }
    if (this.#waiting.length > 0) this.#frame = requestAnimationFrame(() => this.#next());
  }
}

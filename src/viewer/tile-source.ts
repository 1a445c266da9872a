// OpenSeadragon's view of a Slide: levels of any ratio, tiles read through the slide, each read with its own abort.
import OpenSeadragon from 'openseadragon';
import { failureOf, isAbort } from '#errors/failure.ts';
import { columnsOf, type Level, levelOf, type Raster, rowsOf, type Slide, type TileAt } from '#slide/slide.ts';
import { intersects, type Rect } from '#units/rect.ts';
import { Arrivals } from './arrivals.ts';
import { Prefetch } from './prefetch.ts';
import type { Seen } from './tiles-ahead.ts';
import type { Gap } from './viewer-api.ts';

/** OpenSeadragon counts levels from the coarsest; a Slide counts them from the largest. The map is its own inverse. */
const otherEnd = (slide: Slide, level: number): number => slide.levels.length - 1 - level;

/** Where a stored tile lies on the slide, level-0 px. */
function rectOf(level: Level, col: number, row: number): Rect {
  const x = col * level.tileWidth;
  const y = row * level.tileHeight;
  return {
    x: x * level.downsample,
    y: y * level.downsample,
    width: Math.min(level.tileWidth, level.widthPx - x) * level.downsample,
    height: Math.min(level.tileHeight, level.heightPx - y) * level.downsample,
  };
}

/** A read that is going on, or waits for finer ones. */
interface Read {
  readonly at: TileAt;
  readonly rect: Rect; // level-0 px
  readonly controller: AbortController;
  readonly job: OpenSeadragon.ImageJob;
}

/** Bitmaps go to the GPU as they are; plain pixels become one off the main thread. */
export const toBitmap = (raster: Raster): ImageBitmap | Promise<ImageBitmap> =>
  'rgba' in raster ? createImageBitmap(new ImageData(raster.rgba, raster.width, raster.height)) : raster;

const nameOf = (at: TileAt): string => `${at.level}/${at.col}/${at.row}`;

const tileOf = (name: string): TileAt => {
  const [level = 0, col = 0, row = 0] = name.split('/').map(Number);
  return { level, col, row };
};

/** Reads tiles of a lent slide. `abortAll` ends what is going on; nothing is disposed. */
export class SlideTileSource extends OpenSeadragon.TileSource {
  readonly #slide: Slide;
  readonly #ahead: Prefetch;
  readonly #arrivals = new Arrivals();
  readonly #reads = new Set<Read>(); //   going on
  #waiting: Read[] = []; //               asked for, not begun
  readonly #looks = new Map<Promise<void>, Read>(); // through the data of pictures that are shown
  #sharpFirst = false;
  #begins = false; //                     at the end of this turn of the event loop
  readonly #gaps = new Map<string, { readonly gap: Gap; readonly tile: OpenSeadragon.Tile }>();
  readonly #doubted = new Set<string>(); // tiles that would not be read once: they are seen again when they are known to be whole
  readonly #onGap: () => void;

  constructor(slide: Slide, onGap: () => void) {
    const base = levelOf(slide, 0);
    super({
      width: base.widthPx,
      height: base.heightPx,
      tileWidth: base.tileWidth,
      tileHeight: base.tileHeight,
      minLevel: 0,
      maxLevel: slide.levels.length - 1,
      ready: true,
    });
    this.#slide = slide;
    this.#ahead = new Prefetch(slide);
    this.#onGap = onGap;
    // The declared return type of getTileAtPoint is a Tile; what OpenSeadragon uses is a Point of column and row.
    Object.assign(this, { getTileAtPoint: (level: number, point: OpenSeadragon.Point) => this.#placeAt(level, point) });
  }

  /** Tiles that would not be read, in the order of failing. */
  get gaps(): readonly Gap[] {
    return [...this.#gaps.values()].map(({ gap }) => gap);
  }

  /** The failed tiles may be asked for again. */
  forgetGaps(): void {
    for (const { tile } of this.#gaps.values()) tile.exists = true;
    this.#gaps.clear();
  }

  #level(level: number): Level {
    return levelOf(this.#slide, otherEnd(this.#slide, level));
  }

  override getLevelScale(level: number): number {
    return 1 / this.#level(level).downsample;
  }

  override getTileWidth(level: number): number {
    return this.#level(level).tileWidth;
  }

  override getTileHeight(level: number): number {
    return this.#level(level).tileHeight;
  }

  override getNumTiles(level: number): OpenSeadragon.Point {
    const at = this.#level(level);
    return new OpenSeadragon.Point(columnsOf(at), rowsOf(at));
  }

  /** In px of the tile where `isSource`; else in widths of the slide. */
  override getTileBounds(level: number, col: number, row: number, isSource?: boolean): OpenSeadragon.Rect {
    const at = this.#level(level);
    const { x, y, width, height } = rectOf(at, col, row);
    if (isSource) return new OpenSeadragon.Rect(0, 0, width / at.downsample, height / at.downsample);
    const unit = this.dimensions.x;
    return new OpenSeadragon.Rect(x / unit, y / unit, width / unit, height / unit);
  }

  /** Clamped: where a level is cut short by rounding, the slide's last columns lie beyond its last tile. */
  #placeAt(level: number, point: OpenSeadragon.Point): OpenSeadragon.Point {
    const at = this.#level(level);
    const perTile = this.dimensions.x / at.downsample;
    const col = Math.floor((point.x * perTile) / at.tileWidth);
    const row = Math.floor((point.y * perTile) / at.tileHeight);
    return new OpenSeadragon.Point(
      Math.min(Math.max(col, 0), columnsOf(at) - 1),
      Math.min(Math.max(row, 0), rowsOf(at) - 1),
    );
  }

  /** A name, never fetched: `downloadTileStart` reads the tile from it. */
  override getTileUrl(level: number, col: number, row: number): string {
    return nameOf({ level: otherEnd(this.#slide, level), col, row });
  }

  override hasTransparency(): boolean {
    return false;
  }

  override downloadTileStart(job: OpenSeadragon.ImageJob): void {
    const at = tileOf(job.src);
    const rect = rectOf(levelOf(this.#slide, at.level), at.col, at.row);
    this.#waiting.push({ at, rect, controller: new AbortController(), job });
    this.#soon();
  }

  override downloadTileAbort(job: OpenSeadragon.ImageJob): void {
    for (const read of [...this.#reads, ...this.#waiting]) if (read.job === job) this.#abort(read);
  }

  /**
   * From now on the finest level asked for is read first: a coarse picture of the slide is there to stand in. What lies
   * between waits, and is not read at all where the finest level comes whole.
   */
  sharpFirst(): void {
    this.#sharpFirst = true;
  }

  /** All that is asked for in one turn is known before the first read begins. */
  #soon(): void {
    if (this.#begins) return;
    this.#begins = true;
    queueMicrotask(() => {
      this.#begins = false;
      this.#begin();
    });
  }

  #begin(): void {
    const finest = this.#sharpFirst
      ? Math.min(...[...this.#reads, ...this.#waiting].map(({ at }) => at.level))
      : Number.POSITIVE_INFINITY;
    const now = this.#waiting.filter(({ at }) => at.level <= finest || !this.#sharpFirst);
    this.#waiting = this.#waiting.filter((read) => !now.includes(read));
    for (const read of now) void this.#read(read);
  }

  /** @param came the tile is there; where all of a level came, nothing coarser is needed beneath it */
  #ended(read: Read, came: boolean): void {
    this.#reads.delete(read);
    if (came) this.#ahead.wasRead(read.at);
    this.#beginNext(read, came);
    if (this.#reads.size === 0 && this.#waiting.length === 0) this.#ahead.go();
  }

  #beginNext(read: Read, came: boolean): void {
    if (this.#waiting.length === 0 || [...this.#reads].some(({ at }) => at.level <= read.at.level)) return;
    if (came && this.#gaps.size === 0) for (const coarser of this.#waiting.splice(0)) this.#giveUp(coarser);
    else this.#soon();
  }

  #abort(read: Read): void {
    read.controller.abort(aborted());
    const at = this.#waiting.indexOf(read);
    if (at < 0) return; // what goes on gives itself up
    this.#waiting.splice(at, 1);
    this.#giveUp(read);
  }

  #giveUp({ job }: Read): void {
    job.fail(ABORTED, null);
    job.tile.exists = true; // it may be wanted again
  }

  /** Until it is known of all pictures that are shown whether they are whole. @returns whether it was not: some may be gone */
  async looked(): Promise<boolean> {
    return (await Promise.all(this.#looks.keys())).length > 0;
  }

  /** A picture whose data proves damaged is taken back. It may not have arrived where it is shown. */
  async #follow(read: Read, whole: Promise<void>): Promise<void> {
    const { job, controller } = read;
    try {
      await whole;
    } catch (thrown) {
      while (job.tile.loading && !controller.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
      if (controller.signal.aborted) return;
      job.tile.exists = false;
      job.tile.tiledImage?.setClip(null); // has OpenSeadragon look for tiles anew, though the view stays
      job.tile.unload(true);
      this.#failed(read, thrown);
      this.#onGap();
    }
  }

  #failed({ at, rect, job }: Read, thrown: unknown): string {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    this.#doubted.add(nameOf(at));
    this.#gaps.set(nameOf(at), { gap: { ...at, rect, why, tag: failureOf(thrown).tag }, tile: job.tile });
    return why;
  }

  async #read(read: Read): Promise<void> {
    const { at, job, controller } = read;
    const { signal } = controller;
    this.#reads.add(read);
    this.#ahead.makeWay(at);
    let came = false;
    try {
      const onLook = (whole: Promise<void>): void => {
        const look: Promise<void> = this.#follow(read, whole).finally(() => this.#looks.delete(look));
        this.#looks.set(look, read);
      };
      const waits = this.#doubted.has(nameOf(at)) ? { signal } : { signal, onLook };
      const bitmap = await toBitmap(await this.#slide.readTile(at, waits));
      await this.#arrivals.turn(bitmap.width * bitmap.height);
      if (signal.aborted) bitmap.close();
      signal.throwIfAborted();
      this.#gaps.delete(nameOf(at));
      came = true;
      job.finish(bitmap, null, 'imageBitmap');
    } catch (thrown) {
      if (signal.aborted || isAbort(thrown)) {
        this.#giveUp(read);
      } else {
        job.fail(this.#failed(read, thrown), null);
        this.#onGap();
      }
    } finally {
      this.#ended(read, came);
    }
  }

  /**
   * Ends reads of tiles that are no longer on screen, or much finer than the screen, so that wanted ones come first.
   * @param downsample level-0 px a device px
   */
  abortUnseen(visible: Rect, downsample: number): void {
    for (const read of [...this.#reads, ...this.#waiting]) {
      const { at, rect } = read;
      const tooFine =
        levelOf(this.#slide, at.level).downsample * 4 < downsample && at.level < this.#slide.levels.length - 1;
      if (tooFine || !intersects(rect, visible)) this.#abort(read);
    }
  }

  /** The view goes there. After its first picture, what it will show next is read before it is seen. */
  moved(now: Seen): void {
    this.#arrivals.moved(now.downsample);
    if (this.#sharpFirst) this.#ahead.moved(now);
  }

  abortAll(): void {
    this.#ahead.stop();
    for (const read of [...this.#reads, ...this.#waiting, ...this.#looks.values()]) this.#abort(read);
  }
}

const ABORTED = 'Image load aborted.';
const aborted = (): DOMException => new DOMException('The tile left the view.', 'AbortError');

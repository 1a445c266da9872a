import type { Waits } from '#channel/waits.ts';
import type { Rect } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';

/** Interleaved 8-bit RGBA, row-major, top row first. Opaque: alpha is 255. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>; // [width × height × 4]
}

/** A decoded picture: a bitmap in the browser, plain pixels where there is none (Node, own codecs). The receiver owns it. */
export type Raster = ImageBitmap | Pixels;

export interface Level {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Level-0 pixels a pixel of this level, along x and y alike (the mean of both ratios). 1 for level 0. */
  readonly downsample: number;
  /**
   * Its tiles are those of the smallest stored level, halved as they are decoded: a wavelet's own smoothing, which is not the
   * mean of the pixels. For eyes, which see all of the slide sooner; what is computed goes by the stored level.
   */
  readonly onlyShown?: true;
}

/** A stored tile, by level (0 is the largest), column and row. */
export interface TileAt {
  readonly level: number;
  readonly col: number;
  readonly row: number;
}

/** Of a slide with several channels: one is shown at a time, as grey. */
export interface Channels {
  readonly names: readonly string[]; //   two or more
  readonly shown: number; //              of `names`
  readonly inColour?: true; //            lights that a stained slide was seen in: the window is that of all bytes
  readonly low: number; //                the stored value that is shown black, and all below it
  readonly high: number; //               white
}

/** Of a slide that was scanned at several depths: one is shown at a time. */
export interface FocalPlanes {
  readonly names: readonly string[]; //   two or more, in the file's order
  readonly shown: number; //              of `names`
}

/** What of a slide with several channels or focal planes is shown; where that is not said, what the slide begins with. */
export interface Chosen {
  readonly channel?: number | undefined;
  readonly plane?: number | undefined;
}

/** How a tile is waited for. */
export interface TileWaits extends Waits {
  /**
   * Decoders paint over damaged data in silence, so a tile comes when its data has been looked through. Who gives this is
   * handed the picture as soon as it is decoded, and told here what becomes of the look: it rejects as readTile would have.
   * For eyes alone, which take back what they were shown; nothing may be computed, or kept, of what may yet prove damaged.
   * Told before readTile resolves, several times where a tile is put together, never where the data was looked through.
   */
  readonly onLook?: ((whole: Promise<void>) => void) | undefined;
}

/** A pyramid of tiles with what the file says of itself. Immutable, but for what it caches. */
export interface Slide extends Disposable {
  readonly name: string;
  readonly format: string; //              'Aperio SVS', 'TIFF', 'Synthetic', ...
  readonly vendor: string | undefined;
  readonly levels: readonly Level[]; //    largest first, at least one
  readonly mpp: MppXY | undefined; //      of level 0; undefined means uncalibrated, never guessed
  readonly objective: number | undefined;
  readonly properties: Readonly<Record<string, string>>;
  readonly associated: readonly string[]; // names of label, macro, thumbnail
  readonly channels?: Channels | undefined;
  readonly planes?: FocalPlanes | undefined;
  /** What was scanned, where it is only a part of the glass that level 0 stands for. Level-0 px. */
  readonly bounds?: Rect | undefined;
  /**
   * The same for the same slide, wherever it is opened from; read when first asked for (fingerprint.ts). A channel other
   * than the first has one of its own, and so has each of several focal planes: what is found on it is not found on the
   * others. Slides that are made in memory tell their name.
   * @throws EosinError what reading throws; the signal's reason
   */
  fingerprint(waits: Waits): Promise<string>;
  /**
   * The tile's picture, cropped to the level (edge tiles are smaller than the tile size). Each call gives a fresh one.
   * @throws EosinError CorruptTile, Unreachable; the signal's reason
   */
  readTile(at: TileAt, waits: TileWaits): Promise<Raster>;
  /**
   * One of `associated`: small pictures that are read only when somebody asks for them, since they may carry a patient's name.
   * @throws RangeError for a name that is not among them; EosinError CorruptSlide when it does not decode
   */
  readAssociated(name: string, waits: Waits): Promise<Raster>;
  /** The ICC profile that the file says its pixels are in, as stored. It is applied only on request. */
  readonly colourProfile: Uint8Array<ArrayBuffer> | undefined;
}

/** readAssociated of a slide that has none. */
export const noAssociated = async (name: string): Promise<never> => {
  throw new RangeError(`The slide has no picture called ${name}`);
};

/** Of a slide that says nothing of itself, and has no pictures beside it. */
export const untold = {
  vendor: undefined,
  mpp: undefined,
  objective: undefined,
  properties: {},
  associated: [],
  readAssociated: noAssociated,
  colourProfile: undefined,
} as const satisfies Partial<Slide>;

export const levelOf = (slide: Slide, level: number): Level => {
  const found = slide.levels[level];
  if (!found) throw new RangeError(`The slide has no level ${level}`);
  return found;
};
export const columnsOf = (level: Level): number => Math.ceil(level.widthPx / level.tileWidth);
export const rowsOf = (level: Level): number => Math.ceil(level.heightPx / level.tileHeight);

/** The coarsest level to compute by that is at least as fine as `downsample` (level-0 pixels a wanted pixel), with 2 % of tolerance. */
export function levelFor(slide: Slide, downsample: number): number {
  let best = 0;
  for (const [index, level] of slide.levels.entries()) {
    if (level.onlyShown) continue;
    if (level.downsample <= downsample * 1.02 && level.downsample >= levelOf(slide, best).downsample) best = index;
  }
  return best;
}

// Objects too small to see, drawn as a map. Counts are kept by level and tile as a slide's tiles are: a move or a return to a
// view counts nothing anew, a smaller zoom adds up cells of a larger one, and another colour paints kept counts.

import { boxAt, grow, intersects, type Rect, scale } from '#units/rect.ts';
import { boxOnSlide } from '../frame.ts';
import type { AnalysedParts, Colormap } from '../viewer-api.ts';
import { packed, rgbOf, stepOf, stepsOf } from './colormaps.ts';
import {
  CELLS,
  cellFor,
  countedLevel,
  type DensityLevel,
  type DensityTile,
  densitiesOf,
  type Fragments,
  fragmentsOf,
  halvedLevel,
  isCut,
  type Places,
  placesOf,
  sharesInside,
  topOf,
} from './density.ts';
import type { FarRows } from './far.ts';
import { NOT_KNOWN, type Tint } from './groups.ts';
import type { DensitySaid } from './paint-asked.ts';
import { clipTo, inSlidePx, type Pen } from './pen.ts';
import { drawCells, picturedCells } from './pictured-cells.ts';

/** What is counted. `groups` and `tint` are the same objects while nothing changed. */
export interface DensityOf {
  readonly far: FarRows;
  readonly groups: Uint8Array; //       [n], HIDDEN: not counted
  readonly tint: Tint | undefined; //   the measure whose mean is drawn; undefined: how many there are
}

/** What the objects lie on, level-0 px. Of cells at its edge, the part on it is drawn, as dense as it is. */
export interface Ground {
  readonly slide: Rect | undefined; //              undefined: without end
  readonly analysed: AnalysedParts | undefined; // undefined: all of the slide
}

const WITHOUT_END: Ground = { slide: undefined, analysed: undefined };

const BYTES_KEPT = 128 * 2 ** 20; // of counts and pictures

/** Of a cell: its count (4 bytes), its picture (4), and known values and sum (12) where there is a measure. */
const bytesOf = ({ tiles }: DensityLevel, hasMeans: boolean): number =>
  tiles.size * CELLS * CELLS * (hasMeans ? 20 : 8);

const MOST_PLACES = 3; // sizes of cells that objects' places are kept for, 4 bytes an object each

/** Places of these objects by the cell that was asked for, the one used last at the end. */
interface Kept {
  readonly far: FarRows | undefined;
  readonly of: Map<number, Places>;
}

export class DensityMap {
  #of: DensityOf | undefined;
  readonly #levels = new Map<number, DensityLevel>(); // by the cell that was asked for, the one used last at the end
  #places: Kept = { far: undefined, of: new Map() };
  #pictures = new WeakMap<DensityTile, Pictured>();
  #counted = 0;

  /** How often all objects were gone through. */
  get counted(): number {
    return this.#counted;
  }

  /** Nothing is drawn beyond the slide. */
  draw(pen: Pen, of: DensityOf, colormap: Colormap, ground: Ground = WITHOUT_END): DensitySaid {
    const { slide } = ground;
    if (this.#of?.far !== of.far || this.#of.groups !== of.groups || this.#of.tint !== of.tint) this.#levels.clear();
    this.#of = of;
    const level = this.#level(cellFor(pen.frame.zoom), of);
    const { cellPx } = level;
    const most = topOf(level, pen.mpp && pen.mpp.x * pen.mpp.y);
    const look = lookOf({ cellPx, most }, of.tint, colormap, ground);
    const box = boxOnSlide(pen.frame);
    const side = CELLS * cellPx;
    pen.context.save();
    if (slide) clipTo(pen, slide);
    for (const tile of level.tiles.values()) {
      const rect = { x: tile.col * side, y: tile.row * side, width: side, height: side };
      if (!intersects(rect, box)) continue;
      const { picture, fragments, colours } = this.#picture(tile, look);
      drawCells(pen, picture, rect);
      drawFragments(pen, rect, cellPx, fragments, colours);
    }
    pen.context.restore();
    return { cellPx, most, shows: of.tint ? 'means' : 'counts' };
  }

  #level(cellPx: number, of: DensityOf): DensityLevel {
    const level = this.#levels.get(cellPx) ?? this.#newLevel(cellPx, of);
    this.#levels.delete(cellPx);
    this.#levels.set(cellPx, level);
    let bytes = 0;
    for (const each of this.#levels.values()) bytes += bytesOf(each, of.tint !== undefined);
    for (const [oldest, each] of this.#levels) {
      if (bytes <= BYTES_KEPT || each === level) break;
      this.#levels.delete(oldest);
      bytes -= bytesOf(each, of.tint !== undefined);
    }
    return level;
  }

  #newLevel(cellPx: number, { far, groups, tint }: DensityOf): DensityLevel {
    const finer = this.#levels.get(cellPx / 2);
    if (finer?.cellPx === cellPx) return finer; // it was too fine to be had
    if (finer) return halvedLevel(finer);
    this.#counted++;
    if (this.#places.far !== far) this.#places = { far, of: new Map() };
    const places = this.#places.of.get(cellPx) ?? placesOf(far, cellPx);
    this.#places.of.delete(cellPx);
    this.#places.of.set(cellPx, places);
    for (const oldest of [...this.#places.of.keys()].slice(0, -MOST_PLACES)) this.#places.of.delete(oldest);
    return countedLevel(places, groups, tint?.values);
  }

  #picture(tile: DensityTile, look: Look): Pictured {
    const kept = this.#pictures.get(tile);
    if (kept?.key === look.key) return kept;
    const made = { key: look.key, ...pictured(tile, look) };
    this.#pictures.set(tile, made);
    return made;
  }
}

/** Of a tile: its whole cells, a pixel each, and the parts of those that are cut. */
interface Pictured {
  readonly key: string;
  readonly picture: OffscreenCanvas;
  readonly fragments: Fragments;
  readonly colours: readonly string[]; // by fragment
}

/** Opaque. Grown by half a device px like the cells, for the same reason. */
function drawFragments(pen: Pen, tile: Rect, cellPx: number, { boxes }: Fragments, colours: readonly string[]): void {
  const { context, frame, pixelRatio } = pen;
  const over = 0.5 / (frame.zoom * pixelRatio);
  inSlidePx(pen, tile);
  for (const [i, colour] of colours.entries()) {
    const { x, y, width, height } = grow(scale(boxAt(boxes, i), cellPx), over);
    context.fillStyle = colour;
    context.fillRect(x, y, width, height);
  }
}

/** How cells are coloured. */
interface Look {
  readonly key: string; //            another look has another
  readonly cellPx: number;
  readonly parts: Float32Array; //    see partsOf
  readonly steps: readonly string[];
  readonly range: readonly [low: number, high: number];
}

/** Where objects were looked for, [n × 4] x, y, width, height; none: without end. */
export const partsOf = ({ slide, analysed }: Ground): Float32Array =>
  analysed?.boxes.length
    ? analysed.boxes
    : Float32Array.from(slide ? [slide.x, slide.y, slide.width, slide.height] : []);

function lookOf(
  { most, cellPx }: Pick<DensitySaid, 'cellPx' | 'most'>,
  tint: Tint | undefined,
  colormap: Colormap,
  ground: Ground,
): Look {
  const steps = stepsOf(tint ? colormap : 'viridis');
  const range = tint ? ([tint.low, tint.high] as const) : ([0, most] as const);
  const key = JSON.stringify([steps, range, ground.slide, ground.analysed?.version]);
  return { key, cellPx, parts: partsOf(ground), steps, range };
}

/** A function of its own, and no closure of each look: the browser's engine would optimise every one anew, 40 ms of a core each. */
function pictured(tile: DensityTile, { cellPx, parts, steps, range }: Look): Omit<Pictured, 'key'> {
  const { counts, means } = tile;
  const shares = sharesInside(tile, cellPx, parts);
  const values = means?.sums ?? densitiesOf(counts, shares);
  const palette = [...steps, NOT_KNOWN];
  const colours = Uint32Array.from(palette, (colour) => packed(rgbOf(colour)));
  const rgba = new Uint8ClampedArray(4 * counts.length);
  const cells = new Uint32Array(rgba.buffer);
  const stepAt = new Uint8Array(counts.length); // into the palette
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue;
    const known = means?.known[i] ?? 1;
    stepAt[i] = known === 0 ? steps.length : stepOf((values[i] ?? 0) / known, range);
    if (!isCut(shares[i] ?? 0)) cells[i] = colours[stepAt[i] ?? 0] ?? 0;
  }
  const fragments = fragmentsOf(tile, cellPx, parts, shares);
  const ofFragments = Array.from(fragments.cells, (i) => palette[stepAt[i] ?? 0] ?? NOT_KNOWN);
  return { picture: picturedCells(CELLS, CELLS, rgba), fragments, colours: ofFragments };
}

// Which parts of the slide have been analysed, as disjoint rectangles: the denominators of every count per mm².
import { bottom, intersect, isEmpty, type Rect, right } from '#units/rect.ts';

interface Piece {
  readonly rect: Rect;
  /** Level-0 px² of a part of this piece that count: all of it in a rectangle, the tissue alone in a tissue run. */
  readonly areaIn: (part: Rect) => number;
  readonly partsIn: PartsIn;
  readonly areaPx: number; // of the whole piece
  boxes: Float32Array | undefined; // [n × 4] where it counts, once somebody asked
}

/** Where a part of the slide counts, disjoint. */
type PartsIn = (part: Rect) => readonly Rect[];

const anywhere: PartsIn = (part) => [part];

/** What of `a` lies outside of `b`: at most four rectangles. */
export function without(a: Rect, b: Rect): Rect[] {
  const hole = intersect(a, b);
  if (isEmpty(hole)) return [a];
  return [
    { x: a.x, y: a.y, width: a.width, height: hole.y - a.y },
    { x: a.x, y: bottom(hole), width: a.width, height: bottom(a) - bottom(hole) },
    { x: a.x, y: hole.y, width: hole.x - a.x, height: hole.height },
    { x: right(hole), y: hole.y, width: right(a) - right(hole), height: hole.height },
  ].filter((rect) => !isEmpty(rect));
}

export class AnalysedArea {
  #pieces: Piece[] = [];
  #areaPx = 0;
  #version = 0;
  #boxes: { readonly version: number; readonly all: Float32Array<ArrayBuffer> } | undefined; // of the last version asked for

  /**
   * A part that is analysed again counts once: whole where one of its runs took it whole (what that run found between
   * the tissue stays), else as it counts last.
   */
  add(rect: Rect, areaIn: Piece['areaIn'], partsIn = anywhere): void {
    if (isEmpty(rect)) return;
    this.#version++;
    const added = pieceOf(rect, areaIn, partsIn);
    let fresh: readonly Rect[] = [rect];
    this.#pieces = this.#pieces.flatMap((piece) => {
      if (isEmpty(intersect(piece.rect, rect))) return [piece];
      if (isWhole(piece) && !isWhole(added)) {
        fresh = fresh.flatMap((part) => without(part, piece.rect));
        return [piece];
      }
      const rest = without(piece.rect, rect).map((part) => pieceOf(part, piece.areaIn, piece.partsIn));
      this.#areaPx += sumOf(rest) - piece.areaPx;
      return rest;
    });
    const pieces = fresh.map((part) => pieceOf(part, areaIn, partsIn));
    this.#pieces.push(...pieces);
    this.#areaPx += sumOf(pieces);
  }

  /** As if what counts of a rectangle lay evenly in it. @param areaPx level-0 px² of it that count */
  addEvenly(rect: Rect, areaPx: number): void {
    const share = isEmpty(rect) ? 0 : Math.min(1, Math.max(0, areaPx / (rect.width * rect.height)));
    this.add(rect, (part) => share * part.width * part.height);
  }

  /** What puts it back as it is now. */
  keep(): () => void {
    const [pieces, areaPx] = [[...this.#pieces], this.#areaPx];
    return () => {
      this.#version++;
      [this.#pieces, this.#areaPx] = [[...pieces], areaPx];
    };
  }

  clear(): void {
    this.#version++;
    this.#pieces = [];
    this.#areaPx = 0;
  }

  /** Another number after each change. */
  get version(): number {
    return this.#version;
  }

  /** Level-0 px². */
  get areaPx(): number {
    return this.#areaPx;
  }

  /** What makes it up: disjoint rectangles, each with the px² of it that count and where they lie. */
  get pieces(): readonly Pick<Piece, 'rect' | 'areaPx' | 'partsIn'>[] {
    return this.#pieces;
  }

  get rects(): readonly Rect[] {
    return this.#pieces.map(({ rect }) => rect);
  }

  /** [n × 4] x, y, width, height: where it counts, disjoint. */
  boxes(): Float32Array<ArrayBuffer> {
    if (this.#boxes?.version === this.#version) return this.#boxes.all;
    const each = this.#pieces.map((piece) => {
      piece.boxes ??= boxesOf(isWhole(piece) ? [piece.rect] : piece.partsIn(piece.rect));
      return piece.boxes;
    });
    const all = new Float32Array(each.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const boxes of each) {
      all.set(boxes, at);
      at += boxes.length;
    }
    this.#boxes = { version: this.#version, all };
    return all;
  }

  /**
   * Level-0 px² within a region: exact where runs took all of a rectangle; of tissue, cell by cell, as if it lay evenly in
   * each cell.
   * @param bounds around the region @param regionIn px² of the region in a rectangle
   */
  areaWithin(bounds: Rect, regionIn: (part: Rect) => number): number {
    return this.#pieces.reduce((sum, piece) => {
      const part = intersect(piece.rect, bounds);
      return isEmpty(part) ? sum : sum + withinPiece(piece, part, regionIn);
    }, 0);
  }

  /**
   * Level-0 px² by square of a lattice, row-major [rows × cols]. @param lattice `x`, `y` is its first corner, level-0 px
   * @param regionIn px² of a region in a rectangle; undefined: all that was analysed
   */
  areasBySquare(
    { x, y, cols, rows, sidePx }: { x: number; y: number; cols: number; rows: number; sidePx: number },
    regionIn: ((part: Rect) => number) | undefined,
  ): Float64Array<ArrayBuffer> {
    const areas = new Float64Array(cols * rows);
    for (const piece of this.#pieces) {
      const { rect } = piece;
      const lastCol = Math.min(cols, Math.ceil((right(rect) - x) / sidePx));
      const lastRow = Math.min(rows, Math.ceil((bottom(rect) - y) / sidePx));
      for (let row = Math.max(0, Math.floor((rect.y - y) / sidePx)); row < lastRow; row++) {
        for (let col = Math.max(0, Math.floor((rect.x - x) / sidePx)); col < lastCol; col++) {
          const square = { x: x + col * sidePx, y: y + row * sidePx, width: sidePx, height: sidePx };
          const part = intersect(rect, square);
          if (isEmpty(part)) continue;
          const area = regionIn ? withinPiece(piece, part, regionIn) : piece.areaIn(part);
          areas[row * cols + col] = (areas[row * cols + col] ?? 0) + area;
        }
      }
    }
    return areas;
  }

  /** Level-0 px² within a rectangle. */
  areaIn(rect: Rect): number {
    return this.#pieces.reduce((sum, piece) => {
      const part = intersect(piece.rect, rect);
      return isEmpty(part) ? sum : sum + piece.areaIn(part);
    }, 0);
  }
}

/** Of a part of a piece, the px² that count and lie in a region. */
function withinPiece(piece: Piece, part: Rect, regionIn: (part: Rect) => number): number {
  if (isWhole(piece)) return regionIn(part);
  return cellsOf(part).reduce((sum, cell) => {
    const share = piece.areaIn(cell) / (cell.width * cell.height);
    return share === 0 ? sum : sum + share * regionIn(cell);
  }, 0);
}

const CELLS = 8; // along each side

function cellsOf({ x, y, width, height }: Rect): Rect[] {
  const [w, h] = [width / CELLS, height / CELLS];
  return Array.from({ length: CELLS * CELLS }, (_, k) => ({
    x: x + (k % CELLS) * w,
    y: y + Math.floor(k / CELLS) * h,
    width: w,
    height: h,
  }));
}

const pieceOf = (rect: Rect, areaIn: Piece['areaIn'], partsIn: PartsIn): Piece => ({
  rect,
  areaIn,
  partsIn,
  areaPx: areaIn(rect),
  boxes: undefined,
});

const boxesOf = (rects: readonly Rect[]): Float32Array =>
  Float32Array.from(rects.flatMap(({ x, y, width, height }) => [x, y, width, height]));

/** Cell sums are not exact to the last bit. */
export const isWhole = ({ rect, areaPx }: Pick<Piece, 'rect' | 'areaPx'>): boolean =>
  areaPx >= rect.width * rect.height * (1 - 1e-9);

const sumOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { areaPx }) => sum + areaPx, 0);

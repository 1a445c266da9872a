// A value grid as a few pictures, however many patches it was cut into: patches whose cells lie on one lattice share them.
import { type GridPatch, isSameGrid, type ValueGrid } from '#objects/grid.ts';
import { bottom, type Rect, right } from '#units/rect.ts';
import { boxOnSlide } from '../frame.ts';
import type { GridStyle } from '../viewer-api.ts';
import { type Context2D, offscreen } from './context.ts';
import { colouring } from './grid-cells.ts';
import { inSlidePx, type Pen } from './pen.ts';

/** Cells along a shared picture's side, without the cell around them that its neighbours have too: no hairline between two. */
const SIDE = 254;
const SHARED = SIDE + 2;
/** By how much of a cell a patch may lie beside a lattice: far less than a px at any zoom, far more than doubles round. */
const OFF = 1e-5;
/** Maps that runs of many settings have made lie on more: then a patch beside all of them is a picture of its own. */
const MOST_LATTICES = 16;

/** Where columns and rows are counted from, level-0 px. */
interface Lattice {
  readonly x: number;
  readonly y: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly pictures: Map<string, CellsPicture>; // by column and row, in pictures
}

/** A pixel a cell. What is put in shows once it is laid. */
class CellsPicture {
  readonly #canvas: OffscreenCanvas;
  readonly #context: Context2D;
  readonly #image: ImageData;
  readonly #cells: Uint32Array;
  readonly #rect: Rect; // level-0 px
  readonly #cols: number;
  readonly #rows: number;
  #isLaid = true;

  /** @param from level-0 px of the first cell */
  constructor(from: Pick<Lattice, 'x' | 'y' | 'cellWidth' | 'cellHeight'>, cols: number, rows: number) {
    ({ canvas: this.#canvas, context: this.#context } = offscreen(cols, rows));
    this.#image = new ImageData(cols, rows);
    this.#cells = new Uint32Array(this.#image.data.buffer);
    [this.#cols, this.#rows] = [cols, rows];
    this.#rect = { x: from.x, y: from.y, width: cols * from.cellWidth, height: rows * from.cellHeight };
  }

  /** Lays a patch's cells over what is there; those outside of the picture are left out. @param col of its first cell here */
  put(colours: Uint32Array, { cols, rows }: GridPatch, col: number, row: number): void {
    this.#isLaid = false;
    for (let r = Math.max(0, -row); r < Math.min(rows, this.#rows - row); r++)
      for (let c = Math.max(0, -col); c < Math.min(cols, this.#cols - col); c++) {
        const colour = colours[r * cols + c] ?? 0;
        if (colour !== 0) this.#cells[(row + r) * this.#cols + col + c] = colour;
      }
  }

  /** What of it lies in the box. @param over device px that it is grown by on each side */
  draw(pen: Pen, box: Rect, over: number): void {
    const { x, y, width, height } = this.#rect;
    const [cellWidth, cellHeight] = [width / this.#cols, height / this.#rows];
    const [c0, c1] = [Math.floor((box.x - x) / cellWidth), Math.ceil((right(box) - x) / cellWidth)];
    const [r0, r1] = [Math.floor((box.y - y) / cellHeight), Math.ceil((bottom(box) - y) / cellHeight)];
    const [col, row] = [Math.max(0, c0), Math.max(0, r0)];
    const [cols, rows] = [Math.min(this.#cols, c1) - col, Math.min(this.#rows, r1) - row];
    if (!(cols > 0 && rows > 0)) return;
    if (!this.#isLaid) this.#context.putImageData(this.#image, 0, 0);
    this.#isLaid = true;
    const { context, frame, pixelRatio } = pen;
    const by = over / (frame.zoom * pixelRatio);
    inSlidePx(pen, { x: x + col * cellWidth, y: y + row * cellHeight });
    context.imageSmoothingEnabled = false;
    const to = [-by, -by, cols * cellWidth + 2 * by, rows * cellHeight + 2 * by] as const;
    context.drawImage(this.#canvas, col, row, cols, rows, ...to);
  }
}

/** Kept while grid and style's colours stay; a patch that comes is added. */
export class GridPictures {
  #lattices: Lattice[] = [];
  #alone: CellsPicture[] = [];
  #placed = new Set<GridPatch>();
  #grid: ValueGrid | undefined;
  #key = '';

  /** How many there are. */
  get count(): number {
    return this.#lattices.reduce((sum, { pictures }) => sum + pictures.size, this.#alone.length);
  }

  draw(pen: Pen, grid: ValueGrid, style: GridStyle): void {
    const { opacity: _opacity, shown: _shown, interpolated: _interpolated, ...colours } = style;
    const key = JSON.stringify([grid.channels, colours]);
    if (key !== this.#key) this.#clear();
    if (!isSameGrid(this.#grid, grid)) {
      this.#place(grid, style);
      if (this.#placed.size > grid.patches.length) {
        this.#clear(); // one has gone
        this.#place(grid, style);
      }
    }
    [this.#grid, this.#key] = [grid, key];
    const box = boxOnSlide(pen.frame);
    for (const { pictures } of this.#lattices) for (const picture of pictures.values()) picture.draw(pen, box, 0);
    for (const picture of this.#alone) picture.draw(pen, box, 0.5); // nothing else closes a hairline there
  }

  #clear(): void {
    [this.#lattices, this.#alone, this.#placed, this.#grid] = [[], [], new Set(), undefined];
  }

  #place(grid: ValueGrid, style: GridStyle): void {
    const colours = colouring(grid, style);
    for (const patch of grid.patches) {
      if (this.#placed.has(patch)) continue;
      this.#placed.add(patch);
      if (patch.cols * patch.rows === 0) continue;
      const lattice = this.#latticeOf(patch);
      if (lattice) putOn(lattice, patch, colours(patch));
      else {
        const picture = new CellsPicture(patch, patch.cols, patch.rows);
        picture.put(colours(patch), patch, 0, 0);
        this.#alone.push(picture);
      }
    }
  }

  /** Undefined where there are too many already. */
  #latticeOf(patch: GridPatch): Lattice | undefined {
    const known = this.#lattices.find((lattice) => isOn(lattice, patch));
    if (known || this.#lattices.length === MOST_LATTICES) return known;
    const { x, y, cellWidth, cellHeight } = patch;
    const made: Lattice = { x, y, cellWidth, cellHeight, pictures: new Map() };
    this.#lattices.push(made);
    return made;
  }
}

const placeOn = (lattice: Lattice, { x, y }: GridPatch): readonly [col: number, row: number] => [
  (x - lattice.x) / lattice.cellWidth,
  (y - lattice.y) / lattice.cellHeight,
];

function isOn(lattice: Lattice, patch: GridPatch): boolean {
  if (lattice.cellWidth !== patch.cellWidth || lattice.cellHeight !== patch.cellHeight) return false;
  return placeOn(lattice, patch).every((at) => Math.abs(at - Math.round(at)) < OFF);
}

function putOn(lattice: Lattice, patch: GridPatch, colours: Uint32Array): void {
  const [left, top] = placeOn(lattice, patch);
  const [col, row] = [Math.round(left), Math.round(top)];
  const [u1, v1] = [Math.floor((col + patch.cols) / SIDE), Math.floor((row + patch.rows) / SIDE)];
  for (let v = Math.floor((row - 1) / SIDE); v <= v1; v++)
    for (let u = Math.floor((col - 1) / SIDE); u <= u1; u++) {
      const key = `${u},${v}`;
      const picture = lattice.pictures.get(key) ?? newPicture(lattice, u, v);
      lattice.pictures.set(key, picture);
      picture.put(colours, patch, col - u * SIDE + 1, row - v * SIDE + 1);
    }
}

function newPicture({ x, y, cellWidth, cellHeight }: Lattice, u: number, v: number): CellsPicture {
  const from = { x: x + (u * SIDE - 1) * cellWidth, y: y + (v * SIDE - 1) * cellHeight, cellWidth, cellHeight };
  return new CellsPicture(from, SHARED, SHARED);
}

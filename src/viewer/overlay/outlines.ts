// Outlines and fills of objects. Paths of the rows around the view are kept in level-0 px and only stroked while the
// view moves; they are built anew when it leaves them, or when objects or classes change.
import { type ObjectColumns, type ObjectKind, ringsOf } from '#objects/columns.ts';
import { grow, type Rect } from '#units/rect.ts';
import { boxOnSlide, type Frame } from '../frame.ts';
import type { LayerStyle, ObjectSource } from '../viewer-api.ts';
import { luminanceOf } from './colormaps.ts';
import { inSlidePx, type Pen, strokeCased } from './pen.ts';

/** Line of a kind, CSS px. */
const LINE: Record<ObjectKind, { width: number; dash?: readonly [number, number] }> = {
  nuclei: { width: 1.6 },
  glands: { width: 2.4 },
  lumina: { width: 2, dash: [7, 3.5] },
  annotations: { width: 2 },
};
const CASING = 0.8; //      CSS px on each side
const FILL = 0.42; //       opacity of a fill under an outline
/** Above this many objects in view each is a few pixels across: a box of its extent stands for its outline. */
const MOST_OUTLINES = 25_000;

/** Paths of some rows, counted from the rectangle's corner. Many short ones: canvases cull and fill them faster than one. */
interface Paths {
  readonly columns: ObjectColumns;
  readonly version: number;
  readonly classShown: readonly boolean[];
  readonly rect: Rect; //   level-0 px that the rows cover
  readonly zoom: number; // what vertices were left out for
  readonly boxes: boolean;
  readonly byClass: ReadonlyMap<number, readonly Path2D[]>;
}

/** Objects a path: one, so that what is off screen costs nothing, until there are so many that calls cost more. */
const chunkOf = (rows: number): number => (rows < 6000 ? 1 : rows <= MOST_OUTLINES ? 16 : 256);

const covers = (outer: Rect, inner: Rect): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

/** Half a CSS px between vertices is enough; at least six vertices stay. All of them where the area says nothing of the length: a line. */
function strideOf(columns: ObjectColumns, row: number, vertices: number, zoom: number): number {
  if (columns.areaPx[row] === 0) return 1;
  const perimeter = Math.sqrt(Math.max(columns.areaPx[row] ?? 0, 1)) * 3.6; // of a disc, level-0 px
  const apart = (perimeter / Math.max(vertices, 1)) * zoom;
  return Math.max(1, Math.min(Math.floor(0.5 / apart), Math.floor(vertices / 6)));
}

function addRing(path: Path2D, columns: ObjectColumns, row: number, origin: Rect, zoom: number): void {
  const from = columns.ringStart[row] ?? 0;
  const to = columns.ringStart[row + 1] ?? from;
  const { ring, ringUnit } = columns;
  const x = (columns.centroid[2 * row] ?? 0) - origin.x;
  const y = (columns.centroid[2 * row + 1] ?? 0) - origin.y;
  const stride = strideOf(columns, row, to - from, zoom);
  for (let v = from; v < to; v += stride) {
    const px = x + (ring[2 * v] ?? 0) * ringUnit;
    const py = y + (ring[2 * v + 1] ?? 0) * ringUnit;
    if (v === from) path.moveTo(px, py);
    else path.lineTo(px, py);
  }
  path.closePath();
  if (columns.extras) addHoles(path, columns, row, origin);
}

/** They run the other way round, so that a fill leaves them open. */
function addHoles(path: Path2D, columns: ObjectColumns, row: number, origin: Rect): void {
  for (const hole of ringsOf(columns, row).slice(1)) {
    for (let v = 0; v < hole.length; v += 2) {
      const [x, y] = [(hole[v] ?? 0) - origin.x, (hole[v + 1] ?? 0) - origin.y];
      if (v === 0) path.moveTo(x, y);
      else path.lineTo(x, y);
    }
    path.closePath();
  }
}

function addBox(path: Path2D, columns: ObjectColumns, row: number, origin: Rect): void {
  const side = Math.sqrt(columns.areaPx[row] ?? 0);
  const x = (columns.centroid[2 * row] ?? 0) - origin.x;
  const y = (columns.centroid[2 * row + 1] ?? 0) - origin.y;
  path.rect(x - side / 2, y - side / 2, side, side);
}

function build(source: ObjectSource, classShown: readonly boolean[], rect: Rect, zoom: number): Paths {
  const { columns, version } = source;
  const rows = source.query(rect);
  const boxes = rows.length > MOST_OUTLINES;
  const chunk = chunkOf(rows.length);
  const byClass = new Map<number, { readonly paths: Path2D[]; count: number }>();
  for (const row of rows) {
    const index = columns.classIndex[row] ?? 0;
    if (classShown[index] === false) continue;
    const into = byClass.get(index) ?? { paths: [], count: 0 };
    byClass.set(index, into);
    if (into.count++ % chunk === 0) into.paths.push(new Path2D());
    const path = into.paths.at(-1);
    if (!path) continue;
    if (boxes) addBox(path, columns, row, rect);
    else addRing(path, columns, row, rect, zoom);
  }
  const paths = new Map([...byClass].map(([index, { paths }]) => [index, paths]));
  return { columns, version, classShown, rect, zoom, boxes, byClass: paths };
}

const colorOf = (columns: ObjectColumns, index: number): string => columns.classes[index]?.color ?? '#ffffff';

/** Draws one kind's objects; keeps paths between frames. */
export class Outlines {
  readonly #kind: ObjectKind;
  #paths: Paths | undefined;

  constructor(kind: ObjectKind) {
    this.#kind = kind;
  }

  forget(): void {
    this.#paths = undefined;
  }

  #pathsFor(pen: Pen, source: ObjectSource, classShown: readonly boolean[]): Paths {
    const box = boxOnSlide(pen.frame);
    const { zoom } = pen.frame;
    const kept = this.#paths;
    const good =
      kept &&
      kept.columns === source.columns &&
      kept.version === source.version &&
      kept.classShown === classShown &&
      kept.zoom <= zoom * 1.5 &&
      kept.zoom >= zoom / 2 &&
      covers(kept.rect, box);
    if (good) return kept;
    const rect = grow(box, 0.25 * Math.max(box.width, box.height));
    this.#paths = build(source, classShown, rect, zoom);
    return this.#paths;
  }

  /** How many objects are on screen. */
  count(frame: Frame, source: ObjectSource): number {
    return source.query(boxOnSlide(frame)).length;
  }

  /** @param form 'fills' covers the object; 'outlines' lines it, and tints it where the style says so */
  draw(pen: Pen, source: ObjectSource, style: LayerStyle, form: 'outlines' | 'fills'): void {
    const { context, frame } = pen;
    const paths = this.#pathsFor(pen, source, style.classShown);
    const { zoom } = frame;
    context.save();
    inSlidePx(pen, paths.rect);
    context.globalAlpha = style.opacity;
    context.lineJoin = this.#kind === 'nuclei' ? 'bevel' : 'round'; // a nucleus is too small for the difference
    if (form === 'fills') fillCased(context, paths, zoom);
    else this.#line(context, paths, zoom, style);
    context.restore();
  }

  #line(context: CanvasRenderingContext2D, paths: Paths, zoom: number, style: LayerStyle): void {
    if (style.fill) {
      context.globalAlpha = style.opacity * FILL;
      fillAll(context, paths);
      context.globalAlpha = style.opacity;
    }
    if (!style.stroke) return;
    const { width, dash } = LINE[this.#kind];
    context.lineWidth = (width + 2 * CASING) / zoom;
    for (const [index, list] of paths.byClass) {
      const dark = luminanceOf(colorOf(paths.columns, index)) < 0.15;
      context.strokeStyle = dark ? 'rgba(255,255,255,0.95)' : 'rgba(0,0,0,0.6)';
      for (const path of list) context.stroke(path);
    }
    context.lineWidth = width / zoom;
    if (dash) context.setLineDash(dash.map((part) => part / zoom));
    for (const [index, list] of paths.byClass) {
      context.strokeStyle = colorOf(paths.columns, index);
      for (const path of list) context.stroke(path);
    }
  }
}

function fillAll(context: CanvasRenderingContext2D, paths: Paths): void {
  for (const [index, list] of paths.byClass) {
    context.fillStyle = colorOf(paths.columns, index);
    for (const path of list) context.fill(path);
  }
}

/** The casing is thinner as objects shrink, and goes with the outline: else it would be all there is to see. */
function fillCased(context: CanvasRenderingContext2D, paths: Paths, zoom: number): void {
  if (!paths.boxes) {
    context.strokeStyle = 'rgba(0,0,0,0.7)';
    context.lineWidth = Math.min(1.5, 8 * zoom) / zoom;
    for (const list of paths.byClass.values()) for (const path of list) context.stroke(path);
  }
  fillAll(context, paths);
}

/** Corner brackets around one object, CSS px: 7 px of air, arms of 8. */
export function drawBrackets(pen: Pen, corners: Rect): void {
  const { context } = pen;
  const [x0, y0] = [corners.x - 7, corners.y - 7];
  const [x1, y1] = [corners.x + corners.width + 7, corners.y + corners.height + 7];
  const arm = Math.min(8, 0.3 * (x1 - x0), 0.3 * (y1 - y0));
  context.lineCap = 'square';
  strokeCased(context, ticksPath(x0, y0, x1, y1, arm), {
    color: '#ffffff',
    width: 2.4,
    casing: '#000000',
    casingWidth: 1.3,
  });
}

/** Four right angles at the corners of a box. */
export function ticksPath(x0: number, y0: number, x1: number, y1: number, arm: number): Path2D {
  const path = new Path2D();
  for (const [x, y, dx, dy] of [
    [x0, y0, 1, 1],
    [x1, y0, -1, 1],
    [x1, y1, -1, -1],
    [x0, y1, 1, -1],
  ] as const) {
    path.moveTo(x, y + dy * arm);
    path.lineTo(x, y);
    path.lineTo(x + dx * arm, y);
  }
  return path;
}

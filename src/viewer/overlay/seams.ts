// The grid that patches were cut by: quiet lines, and in each patch how many objects touch a seam.
import { bottom, intersects, type Rect, right } from '#units/rect.ts';
import { boxOnSlide, type Frame, toScreen } from '../frame.ts';
import type { PatchGrid } from '../viewer-api.ts';
import { type Cased, inScreenPx, type Pen, strokeCased } from './pen.ts';
import type { Edge } from './run-edges.ts';

const LINE: Cased = { color: '#ffffff', width: 1, casing: 'rgba(0,0,0,0.55)', casingWidth: 1 };
const LEAST_GRID = 8; //    CSS px a patch: below, lines would hide the tissue
const LEAST_NUMBER = 44; // CSS px a patch: below, numbers would hide it
const HALO = 4; //          CSS px of line around a number: 2 on each side

/** Spans along each line, those that touch or overlap made one. */
function joined(lines: ReadonlyMap<number, [number, number][]>): [number, number, number][] {
  const out: [number, number, number][] = [];
  for (const [line, spans] of lines) {
    let now: [number, number, number] | undefined;
    for (const [from, to] of spans.sort((a, b) => a[0] - b[0])) {
      if (now && from <= now[2]) now[2] = Math.max(now[2], to);
      else {
        now = [line, from, to];
        out.push(now);
      }
    }
  }
  return out;
}

/** All sides of all cores, each drawn once: a few long lines, however many patches. Pure. */
export function gridLines(cores: readonly Rect[]): Edge[] {
  const level = new Map<number, [number, number][]>();
  const upright = new Map<number, [number, number][]>();
  const put = (into: typeof level, line: number, from: number, to: number): void => {
    const spans = into.get(line);
    if (spans) spans.push([from, to]);
    else into.set(line, [[from, to]]);
  };
  for (const core of cores) {
    for (const y of [core.y, bottom(core)]) put(level, y, core.x, right(core));
    for (const x of [core.x, right(core)]) put(upright, x, core.y, bottom(core));
  }
  return [
    ...joined(level).map(([y, x0, x1]) => ({ x0, y0: y, x1, y1: y })),
    ...joined(upright).map(([x, y0, y1]) => ({ x0: x, y0, x1: x, y1 })),
  ];
}

/** CSS px of a patch's shorter side; the first stands for all: a slide is cut alike everywhere. */
const sideOf = ({ cores: [first] }: PatchGrid, { zoom }: Frame): number =>
  first ? Math.min(first.width, first.height) * zoom : 0;

/** What of a grid can be told apart at a zoom. */
export const gridForm = (grid: PatchGrid, frame: Frame): 'hidden' | 'lines' | 'numbers' => {
  const side = sideOf(grid, frame);
  return side < LEAST_GRID ? 'hidden' : side < LEAST_NUMBER ? 'lines' : 'numbers';
};

/** @param lines of the grid's cores, by `gridLines` */
export function drawSeams(pen: Pen, grid: PatchGrid, lines: readonly Edge[]): void {
  const form = gridForm(grid, pen.frame);
  if (form === 'hidden') return;
  const path = new Path2D();
  for (const { x0, y0, x1, y1 } of lines) {
    const from = toScreen(pen.frame, x0, y0);
    const to = toScreen(pen.frame, x1, y1);
    const [dx, dy] = [Math.abs(to.x - from.x), Math.abs(to.y - from.y)];
    const [x, y] = [dx < 0.01 ? sharp(from.x, pen) : undefined, dy < 0.01 ? sharp(from.y, pen) : undefined];
    path.moveTo(x ?? from.x, y ?? from.y);
    path.lineTo(x ?? to.x, y ?? to.y);
  }
  inScreenPx(pen);
  pen.context.lineCap = 'butt';
  strokeCased(pen.context, path, LINE);
  if (form === 'numbers') drawNumbers(pen, grid);
}

/** Where a line of 1 CSS px covers whole device px: between two of them it would be two grey ones. */
function sharp(at: number, { pixelRatio }: Pen): number {
  const width = Math.max(1, Math.round(LINE.width * pixelRatio));
  return (Math.round(at * pixelRatio - width / 2) + width / 2) / pixelRatio;
}

/** Upright at any rotation, in the corner that lies first on the slide: the middle of a patch is what people look at. */
function drawNumbers({ context, frame }: Pen, { cores, touching }: PatchGrid): void {
  const box = boxOnSlide(frame);
  const px = 1 / frame.zoom; // one CSS px, in level-0 px
  context.font = '600 11px "Inter Variable", Inter, sans-serif';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = HALO;
  context.strokeStyle = 'rgba(0,0,0,0.8)';
  context.fillStyle = '#ffffff';
  for (const [index, core] of cores.entries()) {
    const count = touching[index];
    if (count === undefined || !intersects(core, box)) continue;
    const at = toScreen(frame, core.x + 18 * px, core.y + 12 * px);
    const text = count.toLocaleString('en-US');
    context.strokeText(text, at.x, at.y);
    context.fillText(text, at.x, at.y);
  }
}

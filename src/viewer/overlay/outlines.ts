// Outlines and fills of objects, one by one: crisp at any zoom and turn. Paths are kept in level-0 px while the objects and
// what is shown of them stay.
import type { LayerStyle, Part } from '../viewer-api.ts';
import { luminanceOf } from './colormaps.ts';
import type { Context2D } from './context.ts';
import { HIDDEN } from './groups.ts';
import type { NearRows } from './near.ts';
import type { PartAsked } from './paint-asked.ts';
import { isSmall } from './parts.ts';
import { inSlidePx, type Pen } from './pen.ts';

/** Line of each part, CSS px. */
export const LINE: Record<Part, { width: number; dash?: readonly [number, number] }> = {
  nuclei: { width: 1.6 },
  glands: { width: 2.4 },
  lumina: { width: 2, dash: [7, 3.5] },
  annotations: { width: 2 },
  cells: { width: 2 },
};
/** From so many small objects on a raster is quicker than paths. */
export const MANY = 400;
export const CASING = 0.8; //      CSS px on each side
export const FILL = 0.42; //       opacity of a fill under an outline
export const BRUSHED = { width: 2.2, fill: 0.18 }; // CSS px and opacity, white

/** What is to be drawn of a part. `weight`: of the full width of lines, 0 to 1. */
export type LinesAsked = Pick<PartAsked, 'style' | 'weight'> & { readonly form: 'outlines' | 'fills' };

/** Of a fill's dark edge, CSS px: thinner as objects shrink, else it would be all there is to see. */
export const edgeOf = (weight: number): number => 1.5 * weight * weight;

const DASHED = 0.5; // of the full width: thinner dashes are dots

/** Of a line's casing, of its full width: below 5× it thins faster than its line, else a small lumen is a white blob. */
const casingOf = (weight: number): number => weight * Math.min(1, weight / 0.7);

/** Many short paths: canvases cull and fill them faster than one. */
type Paths = ReadonlyMap<number, readonly Path2D[]>; // by group

/** Objects a path: one, so that what is off screen costs nothing, until there are so many that calls cost more. */
const chunkOf = (rows: number): number => (rows < 6000 ? 1 : 16);

function addRings(path: Path2D, near: NearRows, k: number): void {
  const { firstRing, firstVertex, xy } = near;
  const last = firstRing[k + 1] ?? 0;
  for (let ring = firstRing[k] ?? 0; ring < last; ring++) {
    const from = firstVertex[ring] ?? 0;
    const to = firstVertex[ring + 1] ?? from;
    for (let v = from; v < to; v++) {
      const [x, y] = [xy[2 * v] ?? 0, xy[2 * v + 1] ?? 0];
      if (v === from) path.moveTo(x, y);
      else path.lineTo(x, y);
    }
    path.closePath();
  }
}

function pathsOf(near: NearRows, groups: Uint8Array): Paths {
  const chunk = chunkOf(near.count);
  const byGroup = new Map<number, { readonly paths: Path2D[]; count: number }>();
  for (let k = 0; k < near.count; k++) {
    const group = groups[k] ?? HIDDEN;
    if (group === HIDDEN) continue;
    const into = byGroup.get(group) ?? { paths: [], count: 0 };
    byGroup.set(group, into);
    if (into.count++ % chunk === 0) into.paths.push(new Path2D());
    const path = into.paths.at(-1);
    if (path) addRings(path, near, k);
  }
  return new Map([...byGroup].map(([group, { paths }]) => [group, paths]));
}

/** Draws one part's objects; keeps their paths between frames. */
export class Outlines {
  readonly #part: Part;
  #kept: { readonly near: NearRows; readonly groups: Uint8Array; readonly paths: Paths } | undefined;

  constructor(part: Part) {
    this.#part = part;
  }

  #paths(near: NearRows, groups: Uint8Array): Paths {
    if (this.#kept?.near !== near || this.#kept.groups !== groups) {
      this.#kept = { near, groups, paths: pathsOf(near, groups) };
    }
    return this.#kept.paths;
  }

  /**
   * @param groups [n] into the palette, or HIDDEN; the same array while nothing changed
   * @param asked its form: 'fills' covers the object; 'outlines' lines it, and tints it where the style says so
   */
  draw(
    pen: Pen,
    near: NearRows,
    groups: Uint8Array,
    palette: readonly string[],
    { style, form, weight }: LinesAsked,
  ): void {
    const { context, frame } = pen;
    const paths = this.#paths(near, groups);
    const px = 1 / frame.zoom; // one CSS px, in level-0 px
    context.save();
    inSlidePx(pen, near.rect);
    context.globalAlpha = style.opacity;
    context.lineJoin = isSmall(this.#part) ? 'bevel' : 'round'; // a nucleus is too small for the difference
    if (form === 'fills') fillCased(context, paths, palette, edgeOf(weight) * px);
    else this.#line(context, paths, palette, { weight, px }, style);
    context.restore();
  }

  /** @param line of its full width, 0 to 1, and level-0 px of a CSS px */
  #line(
    context: Context2D,
    paths: Paths,
    palette: readonly string[],
    { weight, px }: { readonly weight: number; readonly px: number },
    style: LayerStyle,
  ): void {
    if (style.fill) {
      context.globalAlpha = style.opacity * FILL;
      fillAll(context, paths, palette);
      context.globalAlpha = style.opacity;
    }
    if (!style.stroke) return;
    const { width, dash } = LINE[this.#part];
    context.lineWidth = (width * weight + 2 * CASING * casingOf(weight)) * px;
    for (const [group, list] of paths) {
      const dark = luminanceOf(palette[group] ?? '') < 0.15;
      context.strokeStyle = dark ? 'rgba(255,255,255,0.95)' : 'rgba(0,0,0,0.6)';
      for (const path of list) context.stroke(path);
    }
    context.lineWidth = width * weight * px;
    if (dash && weight >= DASHED) context.setLineDash(dash.map((part) => part * weight * px));
    for (const [group, list] of paths) {
      context.strokeStyle = palette[group] ?? '#ffffff';
      for (const path of list) context.stroke(path);
    }
  }
}

function fillAll(context: Context2D, paths: Paths, palette: readonly string[]): void {
  for (const [group, list] of paths) {
    context.fillStyle = palette[group] ?? '#ffffff';
    for (const path of list) context.fill(path, 'evenodd');
  }
}

/** @param width of the edge, level-0 px */
function fillCased(context: Context2D, paths: Paths, palette: readonly string[], width: number): void {
  context.strokeStyle = 'rgba(0,0,0,0.7)';
  context.lineWidth = width;
  for (const list of paths.values()) for (const path of list) context.stroke(path);
  fillAll(context, paths, palette);
}

/** What was brushed, white over whatever colour it has. @param marks [n] 1: brushed */
export function drawBrushed(pen: Pen, near: NearRows, marks: Uint8Array, groups: Uint8Array): void {
  const { context, frame } = pen;
  context.save();
  inSlidePx(pen, near.rect);
  context.lineJoin = 'round';
  const paths = pathsOf(
    near,
    groups.map((group, k) => (marks[k] === 1 && group !== HIDDEN ? 0 : HIDDEN)),
  );
  const px = 1 / frame.zoom; // one CSS px, in level-0 px
  const list = paths.get(0) ?? [];
  context.fillStyle = `rgba(255,255,255,${BRUSHED.fill})`;
  for (const path of list) context.fill(path, 'evenodd');
  context.strokeStyle = 'rgba(0,0,0,0.6)';
  context.lineWidth = (BRUSHED.width + 2 * CASING) * px;
  for (const path of list) context.stroke(path);
  context.strokeStyle = '#ffffff';
  context.lineWidth = BRUSHED.width * px;
  for (const path of list) context.stroke(path);
  context.restore();
}

import { moved, type Port, serve } from '#channel/channel.ts';
import { HEAD } from '#objects/flat-map.ts';
import type { GridPatch, ValueGrid } from '#objects/grid.ts';
import { offscreen } from './context.ts';
import { Interpolated } from './interpolated.ts';
import type { PaintAsked } from './paint-asked.ts';
import type { GridSent, PaintCalls } from './paint-calls.ts';
import { Painter, type Surface } from './painter.ts';
import { rasters } from './rasters.ts';

declare const self: Port;

const painter = new Painter();
painter.between = new Interpolated();
painter.rasters = rasters;
const patches = new Map<number, GridPatch>();
let held: { readonly surface: Surface; readonly findings: OffscreenCanvas; readonly grey: OffscreenCanvas } | undefined;

/** The same canvases while pictures are of one size. */
function surfaceOf(width: number, height: number) {
  if (held?.findings.width === width && held.findings.height === height) return held;
  const [findings, grey, scratch] = [offscreen(width, height), offscreen(width, height), offscreen(width, height)];
  held = {
    surface: {
      findings: findings.context,
      grey: grey.context,
      scratch: scratch.context,
      scratchCanvas: scratch.canvas,
    },
    findings: findings.canvas,
    grey: grey.canvas,
  };
  return held;
}

/** What of the numbered patches makes a grid. */
function gridOf(sent: GridSent | undefined): ValueGrid | undefined {
  if (!sent) return undefined;
  const { name, channels, numbers } = sent;
  return {
    name,
    channels,
    patches: Array.from(numbers, (number) => patches.get(number)).filter((of) => of !== undefined),
  };
}

function pictureOf(asked: PaintAsked) {
  const { frame, pixelRatio } = asked;
  const { surface, findings, grey } = surfaceOf(
    Math.round(frame.width * pixelRatio),
    Math.round(frame.height * pixelRatio),
  );
  const { densities, isGreyed } = painter.paint(surface, asked);
  return {
    densities,
    findings: findings.transferToImageBitmap(),
    grey: isGreyed ? grey.transferToImageBitmap() : undefined,
  };
}

serve<PaintCalls>(self, {
  near: ({ part, rows }) => void painter.setRows(part, { near: rows }),
  far: ({ part, rows }) => void painter.setRows(part, { far: rows }),
  tint: ({ part, scope, tint }) => void painter.setTint(part, scope, tint),
  marks: ({ part, scope, marks }) => void painter.setMarks(part, scope, marks),
  patches: ({ numbers, heads, values, channels }) => {
    let at = 0;
    for (const [k, number] of numbers.entries()) {
      const [x = 0, y = 0, cellWidth = 1, cellHeight = 1, cols = 0, rows = 0] = heads.subarray(
        HEAD * k,
        HEAD * (k + 1),
      );
      const own = values.subarray(at, at + channels * cols * rows);
      at += own.length;
      patches.set(number, { x, y, cellWidth, cellHeight, cols, rows, values: own });
    }
  },
  grids: ({ grid, swipeGrid }) => {
    const kept = new Set([...(grid?.numbers ?? []), ...(swipeGrid?.numbers ?? [])]);
    for (const number of patches.keys()) if (!kept.has(number)) patches.delete(number);
    [painter.grid, painter.swipeGrid] = [gridOf(grid), gridOf(swipeGrid)];
  },
  maps: (maps) => void Object.assign(painter, maps),
  analysed: (parts) => {
    painter.analysed = parts;
  },
  forget: () => {
    painter.forget();
    patches.clear();
    held = undefined;
  },
  paint: (asked) => {
    const { swipe } = asked;
    const { densities, ...left } = pictureOf(swipe ? { ...asked, swipe: { ...swipe, at: 1 } } : asked);
    const right = swipe && pictureOf({ ...asked, swipe: { ...swipe, at: 0 } });
    const bitmaps = [left.findings, left.grey, right?.findings, right?.grey].filter((bitmap) => bitmap !== undefined);
    return moved({ densities, ...left, right }, bitmaps);
  },
});

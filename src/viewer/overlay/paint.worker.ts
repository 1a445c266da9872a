import { moved, type Port, serve } from '#channel/channel.ts';
import type { GridPatch } from '#objects/grid.ts';
import { offscreen } from './context.ts';
import type { PaintCalls } from './paint-calls.ts';
import { Painter, type Surface } from './painter.ts';

declare const self: Port;

const painter = new Painter();
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

serve<PaintCalls>(self, {
  near: ({ kind, rows }) => void painter.setRows(kind, { near: rows }),
  far: ({ kind, rows }) => void painter.setRows(kind, { far: rows }),
  tint: ({ kind, scope, tint }) => void painter.setTint(kind, scope, tint),
  marks: ({ kind, scope, marks }) => void painter.setMarks(kind, scope, marks),
  grid: (sent) => {
    const kept = new Set(sent?.numbers);
    for (const number of patches.keys()) if (!kept.has(number)) patches.delete(number);
    for (const [number, patch] of sent?.added ?? []) patches.set(number, patch);
    painter.grid = sent && { name: sent.name, channels: sent.channels, patches: [...patches.values()] };
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
    const { frame, pixelRatio } = asked;
    const { surface, findings, grey } = surfaceOf(
      Math.round(frame.width * pixelRatio),
      Math.round(frame.height * pixelRatio),
    );
    const painted = painter.paint(surface, asked);
    const pictures = {
      findings: findings.transferToImageBitmap(),
      grey: painted.isGreyed ? grey.transferToImageBitmap() : undefined,
    };
    return moved({ ...painted, ...pictures }, pictures.grey ? [pictures.findings, pictures.grey] : [pictures.findings]);
  },
});

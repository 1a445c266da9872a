// What large objects need of one patch: its core, on the grid of the coarse map (1 µm a pixel with our networks).
import type { GlandsPostprocess } from '#inference/manifest.ts';
import { labelComponents } from './components.ts';
import type { PatchFrame } from './frame.ts';

/** The network's packed planes of one window: background + 256 inner + 65536 contour. */
export interface CoarseMaps {
  readonly glands: Int32Array<ArrayBuffer>; //             [side × side]
  readonly lumina: Int32Array<ArrayBuffer> | undefined; // [side × side]
  readonly side: number;
}

/** One patch of the mosaic. Seeds are kept as runs of pixels: a few bytes where a label picture takes megabytes. */
export interface CoreMap {
  readonly glands: Uint8Array<ArrayBuffer>; //             [n × n] inner + contour, at most 255
  readonly lumina: Uint8Array<ArrayBuffer> | undefined; // [n × n] likewise
  readonly runs: SeedRuns;
  readonly seeds: readonly SeedStats[]; //                 by number - 1
}

export interface SeedRuns {
  readonly rowStart: Uint32Array<ArrayBuffer>; // [n + 1] into the arrays below
  readonly from: Uint16Array<ArrayBuffer>; //     first pixel of a run
  readonly to: Uint16Array<ArrayBuffer>; //       behind its last pixel
  readonly number: Int32Array<ArrayBuffer>; //    of the component within this patch, from 1
}

/** A component of seeds within one patch, pixels of the patch's core; inclusive. */
export interface SeedStats {
  readonly area: number;
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

const inner = (packed: number): number => (packed >> 8) & 255;
const contour = (packed: number): number => (packed >> 16) & 255;

/** Side of a core on the coarse grid. */
export const coreSide = (frame: PatchFrame, stride: number): number => (frame.size - 2 * frame.margin) / stride;

/** Cuts the core out of the window's maps and finds its seeds. Pixels beyond the slide are background. */
export function coreMapOf(maps: CoarseMaps, frame: PatchFrame, stride: number, settings: GlandsPostprocess): CoreMap {
  const n = coreSide(frame, stride);
  const margin = frame.margin / stride;
  const cols = Math.min(n, Math.ceil(frame.core.width / (stride * frame.pxX) - 1e-6));
  const rows = Math.min(n, Math.ceil(frame.core.height / (stride * frame.pxY) - 1e-6));
  const glands = new Uint8Array(n * n);
  const lumina = maps.lumina && new Uint8Array(n * n);
  const seeds = new Uint8Array(n * n);
  for (let y = 0; y < rows; y++) {
    let from = (y + margin) * maps.side + margin;
    for (let i = y * n, end = i + cols; i < end; i++, from++) {
      const gland = maps.glands[from] ?? 0;
      glands[i] = Math.min(255, inner(gland) + contour(gland));
      if (inner(gland) >= settings.seed && inner(gland) > contour(gland)) seeds[i] = 1;
      const lumen = maps.lumina?.[from] ?? 0;
      if (lumina) lumina[i] = Math.min(255, inner(lumen) + contour(lumen));
    }
  }
  return { glands, lumina, ...seedsOf(seeds, n) };
}

function seedsOf(mask: Uint8Array, n: number): { runs: SeedRuns; seeds: SeedStats[] } {
  const { labels, areas, count } = labelComponents(mask, n, n);
  const rowStart = new Uint32Array(n + 1);
  const from: number[] = [];
  const to: number[] = [];
  const number: number[] = [];
  const boxes = Array.from({ length: count }, () => ({ x0: n, y0: n, x1: -1, y1: -1 }));
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; ) {
      const label = labels[y * n + x] ?? 0;
      const start = x;
      while (x < n && labels[y * n + x] === label) x++;
      const box = boxes[label - 1];
      if (!box) continue;
      from.push(start);
      to.push(x);
      number.push(label);
      box.x0 = Math.min(box.x0, start);
      box.x1 = Math.max(box.x1, x - 1);
      box.y0 = Math.min(box.y0, y);
      box.y1 = y;
    }
    rowStart[y + 1] = from.length;
  }
  return {
    runs: { rowStart, from: Uint16Array.from(from), to: Uint16Array.from(to), number: Int32Array.from(number) },
    seeds: boxes.map((box, i) => ({ ...box, area: areas[i + 1] ?? 0 })),
  };
}

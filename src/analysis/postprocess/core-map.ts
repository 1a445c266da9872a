// What large objects need of one patch: its core, on the grid of the coarse map (1 µm a pixel with our networks).
import type { PatchFrame } from './frame.ts';
import { type GlandSettings, isLargeSeed } from './gland-settings.ts';
import { Numbers, RunComponents } from './runs.ts';

/** The network's packed planes of one window: background + 256 inner + 65536 contour. */
export interface CoarseMaps {
  readonly glands: Int32Array; //             [side × side]
  readonly lumina: Int32Array | undefined; // [side × side]
  readonly side: number;
}

/**
 * One patch of the mosaic: all of its maps that can matter to a gland, some 30 kB where the maps have 400. Of a seed that is
 * large enough already only runs and a sum are kept, for its pixels are its gland's whatever comes.
 */
export interface CoreMap {
  readonly seeds: SeedRuns;
  /** Foreground that may become a gland's: beside large seeds, and seeds that are too small or reach over the core's edge. */
  readonly rim: ValuedRuns;
  readonly lumina: ValuedRuns | undefined; // foreground of lumina
}

/** Pixels of the core: [from, to) of a row. One array each of the same length, in raster order. */
export interface Runs {
  readonly row: Uint16Array<ArrayBuffer>;
  readonly from: Uint16Array<ArrayBuffer>;
  readonly to: Uint16Array<ArrayBuffer>;
}

export interface ValuedRuns extends Runs {
  readonly values: Uint8Array<ArrayBuffer>; // inner + contour, at most 255, of all pixels of the runs
}

/** Components of seeds: the runs of one follow those of the one before it, each in raster order. */
export interface SeedRuns extends Runs {
  readonly end: Uint32Array<ArrayBuffer>; // [components] behind its last run
  readonly sum: Uint32Array<ArrayBuffer>; // [components] of its pixels' values
}

const inner = (packed: number): number => (packed >> 8) & 255;
const contour = (packed: number): number => (packed >> 16) & 255;
const foreground = (packed: number): number => Math.min(255, inner(packed) + contour(packed));

/** Side of a core on the coarse grid. */
const coreSide = (frame: PatchFrame, stride: number): number => (frame.size - 2 * frame.margin) / stride;

/** Bytes of a map's arrays. */
export function bytesOf({ seeds, rim, lumina }: CoreMap): number {
  const parts = [...Object.values(seeds), ...Object.values(rim), ...Object.values(lumina ?? {})];
  return parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Cuts the core out of the window's maps and finds its seeds. Pixels beyond the slide are background. */
export function coreMapOf(maps: CoarseMaps, frame: PatchFrame, stride: number, settings: GlandSettings): CoreMap {
  const n = coreSide(frame, stride);
  const margin = frame.margin / stride;
  const cols = Math.min(n, Math.ceil(frame.core.width / (stride * frame.pxX) - 1e-6));
  const rows = Math.min(n, Math.ceil(frame.core.height / (stride * frame.pxY) - 1e-6));
  const { glands, lumina } = settings;
  const values = new Uint8Array(n * n);
  const core = { n, rows, cols, values };
  const runs = new RunComponents();
  for (let y = 0; y < n; y++) {
    runs.rowStart.push(runs.length);
    if (y >= rows) continue;
    let isSeed = false;
    for (let x = 0, from = (y + margin) * maps.side + margin, i = y * n; x < cols; x++, from++, i++) {
      const value = maps.glands[from] ?? 0;
      values[i] = value < 256 ? 0 : foreground(value);
      if (value < 256 && !isSeed && glands.seed > 0) continue; // most of a slide is background
      if (isSeed === (inner(value) >= glands.seed && inner(value) > contour(value))) continue;
      isSeed = !isSeed;
      (isSeed ? runs.from : runs.to).push(i);
    }
    if (isSeed) runs.to.push(y * n + cols);
  }
  runs.rowStart.push(runs.length);
  runs.join(n);
  const seeds = takeSeeds(core, runs, settings);
  const rim = valuedRuns(core, glands.foreground);
  if (!maps.lumina || !lumina) return { seeds, rim, lumina: undefined };
  for (let y = 0; y < rows; y++) {
    let from = (y + margin) * maps.side + margin;
    for (let i = y * n, end = i + cols; i < end; i++, from++) values[i] = foreground(maps.lumina[from] ?? 0);
  }
  return { seeds, rim, lumina: valuedRuns(core, lumina.foreground) };
}

interface Core {
  readonly n: number;
  readonly rows: number; // that lie on the slide
  readonly cols: number;
  readonly values: Uint8Array<ArrayBuffer>; // [n × n]
}

/**
 * The components that are, or over a seam may become, as large as a seed must be. The values of those that are become 0:
 * their pixels never change hands.
 */
function takeSeeds({ n, values }: Core, runs: RunComponents, settings: GlandSettings): SeedRuns {
  const isLarge = (component: number): boolean => isLargeSeed(settings, runs.area.at[component] ?? 0);
  const meetsSeam = new Uint8Array(runs.count + 1);
  for (let r = 0; r < runs.length; r++) {
    const [from, to] = [runs.from.at[r] ?? 0, runs.to.at[r] ?? 0];
    if (from < n || from >= n * (n - 1) || from % n === 0 || to % n === 0) meetsSeam[runs.number.at[r] ?? 0] = 1;
  }
  const place = new Int32Array(runs.count + 1).fill(-1); // of a component among those kept
  const runsOf = new Numbers(); //                           of each kept one
  for (let k = 1; k <= runs.count; k++) {
    if (meetsSeam[k] === 0 && !isLarge(k)) continue;
    place[k] = runsOf.length;
    runsOf.push(0);
  }
  let kept = 0;
  for (let r = 0; r < runs.length; r++) {
    const at = place[runs.number.at[r] ?? 0] ?? -1;
    if (at < 0) continue;
    runsOf.at[at] = (runsOf.at[at] ?? 0) + 1;
    kept++;
  }
  const end = new Uint32Array(runsOf.length); // first where its next run goes, at last behind its last one
  for (let k = 1; k < end.length; k++) end[k] = (end[k - 1] ?? 0) + (runsOf.at[k - 1] ?? 0);
  const seeds = { ...emptyRuns(kept), end, sum: new Uint32Array(end.length) };
  for (let r = 0; r < runs.length; r++) {
    const component = runs.number.at[r] ?? 0;
    const at = place[component] ?? -1;
    if (at < 0) continue;
    const [from, to] = [runs.from.at[r] ?? 0, runs.to.at[r] ?? 0];
    const run = end[at] ?? 0;
    end[at] = run + 1;
    writeRun(seeds, run, from, to, n);
    let sum = 0;
    for (let i = from; i < to; i++) sum += values[i] ?? 0;
    seeds.sum[at] = (seeds.sum[at] ?? 0) + sum;
    if (isLarge(component)) values.fill(0, from, to);
  }
  return seeds;
}

/** Pixels of at least `foreground`, which is taken as 1 or more. */
function valuedRuns({ n, rows, cols, values }: Core, foreground: number): ValuedRuns {
  const [starts, ends] = [new Numbers(), new Numbers()];
  const least = Math.max(1, foreground);
  let pixels = 0;
  for (let y = 0; y < rows; y++) {
    let i = y * n;
    for (const end = i + cols; i < end; ) {
      while (i < end && (values[i] ?? 0) < least) i++;
      if (i === end) break;
      const from = i;
      while (i < end && (values[i] ?? 0) >= least) i++;
      starts.push(from);
      ends.push(i);
      pixels += i - from;
    }
  }
  const found = { ...emptyRuns(starts.length), values: new Uint8Array(pixels) };
  for (let r = 0, at = 0; r < starts.length; r++) {
    const [from, to] = [starts.at[r] ?? 0, ends.at[r] ?? 0];
    writeRun(found, r, from, to, n);
    found.values.set(values.subarray(from, to), at);
    at += to - from;
  }
  return found;
}

const emptyRuns = (count: number): Runs => ({
  row: new Uint16Array(count),
  from: new Uint16Array(count),
  to: new Uint16Array(count),
});

function writeRun({ row, from, to }: Runs, at: number, start: number, end: number, n: number): void {
  const y = Math.floor(start / n);
  row[at] = y;
  from[at] = start - y * n;
  to[at] = end - y * n;
}

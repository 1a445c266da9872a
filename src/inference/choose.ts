// Which window and how many of them in a run give the most tissue a second on a device: by measuring a few.
import type { PatchManifest } from './manifest.ts';

export interface Candidate {
  readonly window: number; // model px
  readonly batch: number;
}

export interface Measured extends Candidate {
  readonly seconds: number; // a run
}

export interface Room {
  /** Bytes of the largest tensor between two operators, a pixel of the window. */
  readonly bytesPerPx: number;
  readonly limits: { readonly maxBufferSize: number; readonly maxStorageBufferBindingSize: number };
}

const STEP = 512; //          px between windows
const LARGEST = 2048; //      px, side: beyond it one patch is slow to draw
const BATCHES = [1, 2, 4, 8, 16, 32];
const MOST_PX = LARGEST ** 2; // of all windows of a run together
const KEPT_SHARE = 0.8; //    of the computed pixels: what a smaller window with the same margin would fall below
const SLOWEST = 1; //         second a run: what is on screen should not wait longer for its patch

const kept = ({ window, batch }: Candidate, margin: number): number => batch * Math.max(0, window - 2 * margin) ** 2;
const px = ({ window, batch }: Candidate): number => batch * window ** 2;

/**
 * The manifest's own window first, then what is worth a try, in the order of how much it computes. An encoder's window is
 * what it describes, so that it keeps it; only batches are tried.
 */
export function candidatesOf({ input, outputs }: PatchManifest, { bytesPerPx, limits }: Room): Candidate[] {
  const own = { window: input.window, batch: 1 };
  const fixed = outputs.some(({ kind }) => kind === 'pooled');
  const share = ({ window }: Candidate): number => kept({ window, batch: 1 }, input.margin) / window ** 2;
  const least = Math.min(KEPT_SHARE, share(own));
  const most = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const windows = fixed ? [] : Array.from({ length: LARGEST / STEP }, (_, k) => (k + 1) * STEP);
  const others = [...new Set([input.window, ...windows])].flatMap((window) =>
    BATCHES.map((batch) => ({ window, batch })),
  );
  const worth = others.filter(
    (each) =>
      each.window % input.multiple === 0 &&
      px(each) <= MOST_PX &&
      px(each) * bytesPerPx <= most &&
      share(each) >= least &&
      (each.batch > 1 || each.window !== input.window),
  );
  return [own, ...worth.sort((a, b) => px(a) - px(b) || a.batch - b.batch)];
}

export interface Measuring {
  readonly margin: number; // px, of the manifest
  readonly budgetSeconds: number;
  /** @returns seconds a run, after a warm-up; three runs in all */
  time(candidate: Candidate): Promise<number>;
  now(): number; // ms
}

/**
 * The candidate with the most kept pixels a second. The first is always measured; later ones only as far as the budget
 * is expected to last, judging by the dearest run a pixel so far.
 */
export async function fastest(candidates: readonly Candidate[], measuring: Measuring): Promise<Measured | undefined> {
  const { margin, budgetSeconds, time, now } = measuring;
  const began = now();
  const rate = (measured: Measured): number => kept(measured, margin) / measured.seconds;
  let best: Measured | undefined;
  let dearest = 0; // seconds a pixel, with the warm-up
  for (const candidate of candidates) {
    const spent = (now() - began) / 1000;
    if (best && spent + dearest * px(candidate) > budgetSeconds) continue;
    const at = now();
    const measured = { ...candidate, seconds: await time(candidate) };
    dearest = Math.max(dearest, (now() - at) / 1000 / px(candidate));
    if (!best || (measured.seconds <= SLOWEST && rate(measured) > rate(best))) best = measured;
  }
  return best;
}

/** True where fp16 is enough faster to be worth its rounding. */
export const isWorthHalf = (full: Measured, half: Measured): boolean => half.seconds < 0.9 * full.seconds;

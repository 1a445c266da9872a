// Runs over a made-up slide for tests, and what they told.
import type { Failure } from '#errors/failure.ts';
import { ColumnsBuilder, rowsOf } from '#objects/builder.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import type { GridPatch } from '#objects/grid.ts';
import { inReadingOrder } from '#objects/order.ts';
import { resultHash } from '#objects/result-hash.ts';
import { random } from '#objects/testing/random.ts';
import type { Rect } from '#units/rect.ts';
import { mpp } from '#units/units.ts';
import type { RunEnd, RunEvent } from '../events.ts';
import { openMemoryJournal } from '../journal.ts';
import { inlinePostprocessor } from '../postprocess/postprocessor.ts';
import { type Wait, waitByClock } from '../retry.ts';
import { analyse, type RunAsked } from '../run.ts';
import { type Disc, type Scene, sceneModel, sceneSlide } from './stand-in.ts';

// 0.25 µm a pixel; cores are 128 model px = 256 px. So the scene is 3 × 3 patches, those at the ends cut.
export const WIDTH = 700;
export const HEIGHT = 600;
export const scene: Scene = {
  width: WIDTH,
  height: HEIGHT,
  nuclei: apart(random(5), 60, 14, 10),
  glands: [
    { x: 256, y: 256, r: 90 }, // over the corner of four cores
    { x: 520, y: 300, r: 60 }, // over a seam
    { x: 120, y: 480, r: 70 },
  ],
  lumina: [
    { x: 256, y: 256, r: 40 },
    { x: 505, y: 300, r: 25 },
    { x: 620, y: 80, r: 30 }, // in no gland
  ],
};

/** Discs that do not touch; three lie on seams. */
function apart(next: () => number, count: number, clear: number, r: number): Disc[] {
  const discs: Disc[] = [
    { x: 256, y: 100, r },
    { x: 512.5, y: 256.5, r },
    { x: 100, y: 512, r },
  ];
  while (discs.length < count) {
    const disc = { x: 20 + next() * (WIDTH - 40), y: 20 + next() * (HEIGHT - 40), r };
    if (discs.every((other) => Math.hypot(other.x - disc.x, other.y - disc.y) > 2 * clear)) discs.push(disc);
  }
  return discs;
}

export const whole: Rect = { x: 0, y: 0, width: WIDTH, height: HEIGHT };
export const calm = new AbortController().signal;

/** A hundred times as fast as the clock: half a second until a patch is tried again is 5 ms. */
export const quickly: Wait = (ms, waits) => waitByClock(ms / 100, waits);

export function asked(more: Partial<RunAsked> = {}): RunAsked {
  return {
    slide: sceneSlide(scene),
    mpp: { x: mpp(0.25), y: mpp(0.25) },
    region: whole,
    model: sceneModel(),
    postprocess: inlinePostprocessor(),
    journal: openMemoryJournal(),
    viewCentre: () => ({ x: 350, y: 300 }),
    wait: quickly,
    ...more,
  };
}

export interface Told {
  readonly events: RunEvent[];
  readonly nuclei: ObjectColumns;
  readonly glands: ObjectColumns;
  readonly lumina: ObjectColumns;
  readonly tissue: GridPatch[];
  readonly failures: Failure[];
  readonly end: RunEnd;
}

/** What a run found, to be compared: without the order in which it was told. */
export const foundBy = ({ nuclei, glands, lumina, tissue, end }: Told): unknown => ({
  nuclei,
  glands,
  lumina,
  tissue: tissue.toSorted((a, b) => a.y - b.y || a.x - b.x),
  shares: end.tissue,
  areaPx: end.areaPx,
});

export const hashOf = ({ nuclei, glands, lumina, tissue }: Told): Promise<string> =>
  resultHash({ objects: [nuclei, glands, lumina], tissue }, { signal: calm });

export async function all(of: RunAsked): Promise<Told> {
  const run = analyse(of, { signal: calm });
  const events: RunEvent[] = [];
  const nuclei = new ColumnsBuilder('nuclei', []);
  let next = await run.next();
  for (; !next.done; next = await run.next()) {
    events.push(next.value);
    if (next.value.kind === 'patch' && next.value.nuclei) nuclei.addRows(next.value.nuclei);
  }
  const large = events.findLast((event) => event.kind === 'large');
  const tissue = events.flatMap((event) => (event.kind === 'patch' && event.tissue ? [event.tissue] : []));
  const failures = events.flatMap((event) => (event.kind === 'failed' ? [event.failure] : []));
  const none = rowsOf(nuclei.view(), []);
  const { glands = none, lumina = none } = large ?? {};
  return { events, nuclei: inReadingOrder(nuclei.view()), glands, lumina, tissue, failures, end: next.value };
}

/** For each disc the rows whose centroid lies within a pixel of its centre. */
export const at = (columns: ObjectColumns, discs: readonly Disc[], within = 1.5): number[][] =>
  discs.map(({ x, y }) =>
    Array.from({ length: columns.count }, (_, i) => i).filter(
      (i) => Math.hypot((columns.centroid[2 * i] ?? 0) - x, (columns.centroid[2 * i + 1] ?? 0) - y) < within,
    ),
  );

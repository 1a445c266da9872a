// Encoders side by side on the same patches: linear probe, nearest neighbours and the proxy task for every block, and CKA.
import type { Waits } from '#channel/waits.ts';
import type { CkaPlan } from '#learn/cka.ts';
import { confusionOf, macroF1 } from '#learn/scores.ts';
import { USUAL_HEAD } from '#learn/train-head.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import type { CkaFindings, EncoderRow } from '../stores/learn-store.ts';
import type { Copies } from './altered-copies.ts';
import { asLabels, labelledRows } from './labelled.ts';
import type { Labels } from './labels.ts';
import type { LearnDesk } from './learn-desk.ts';
import { boxesOf, commonRows, featuresOf } from './row-sets.ts';
import { unlessRefused } from './unless-refused.ts';

const FOLDS = { folds: 5, seed: 1 };
const NEIGHBOURS = 5;
const unsaid = (): undefined => undefined;

export interface Compared {
  readonly set: NamedSet;
  readonly name: string; //   the encoder's
  readonly bytes: number;
  readonly secondsPerPatch: number | undefined;
  readonly copies: Copies | undefined; // altered, of some of its patches
}

/** One row a block. What cannot be said of it, for want of labels or of patches side by side, is undefined. */
export async function* comparedRows(
  encoders: readonly Compared[],
  labels: Labels,
  desk: LearnDesk,
  waits: Waits,
): AsyncGenerator<EncoderRow, void, undefined> {
  for (const { set, name, bytes, secondsPerPatch, copies } of encoders) {
    const labelled = await unlessRefused(waits, async () => labelledRows(set, labels), unsaid);
    for (const { name: block, channels } of set.features.blocks) {
      const held = await desk.holdBlock(set, block, waits);
      const of = labelled && asLabels(held, labelled);
      const probe = await unlessRefused(
        waits,
        async () => {
          if (!of) return undefined;
          const found = await desk.run('validateHead', (tell) => ({ of, plan: USUAL_HEAD, folds: FOLDS, tell }), waits);
          return { macroF1: found.macroF1, interval: found.interval };
        },
        unsaid,
      );
      const nearest = await unlessRefused(
        waits,
        async () => {
          if (!of) return undefined;
          const votes = await desk.run('voteNearest', (tell) => ({ of, k: NEIGHBOURS, tell }), waits);
          return { macroF1: macroF1(confusionOf(of.labels, votes, of.classes), of.classes) };
        },
        unsaid,
      );
      const proxy = await unlessRefused(
        waits,
        () => desk.run('nextDoor', (tell) => ({ set: held, boxes: boxesOf(set), seed: 1, tell }), waits),
        unsaid,
      );
      const again = copies && (await againOf(copies, block, held, desk, waits));
      yield {
        set: set.name,
        encoder: set.features.encoder.id,
        name,
        block,
        dims: channels,
        probe,
        nearest,
        proxy,
        again,
        patchesPerSecond: secondsPerPatch ? 1 / secondsPerPatch : undefined,
        bytes,
      };
    }
  }
}

/** How many of the altered copies find the patch that they were made of. */
async function againOf(
  { set, rows, features }: Copies,
  block: string,
  held: string,
  desk: LearnDesk,
  waits: Waits,
): Promise<EncoderRow['again']> {
  const all = { values: features.values(block).slice(), rows: features.rows, cols: features.channels(block) };
  const copies = await desk.hold(`copies of ${set.name} ${block}`, () => all, waits);
  return unlessRefused(
    waits,
    () => desk.run('findAgain', (tell) => ({ set: held, copies, rows, seed: 1, tell }), waits),
    unsaid,
  );
}

/** Debiased where patches are few for the width of the features: plain CKA of unrelated ones is then far from 0. */
const FEW_PATCHES = 4; // times as wide

export async function ckaOf(
  encoders: readonly Pick<Compared, 'set' | 'name'>[],
  estimate: CkaFindings['estimate'],
  desk: LearnDesk,
  waits: Waits,
): Promise<Omit<CkaFindings, 'isAbout'>> {
  const rows = commonRows(encoders.map(({ set }) => set));
  const names: string[] = [];
  const entries = encoders.flatMap(({ set, name }, i) =>
    set.features.blocks.map(({ name: block, channels }) => ({ set, name, block, channels, only: rows[i] })),
  );
  const count = rows[0]?.length ?? 0;
  try {
    for (const [i, { set, block, only }] of entries.entries())
      names.push(await desk.hold(`cka ${i} ${set.name} ${block}`, () => featuresOf(set, block, only), waits));
    const plan: CkaPlan = {
      debiased: estimate !== 'plain',
      batch: estimate === 'minibatch' ? BATCH : undefined,
      seed: 1,
    };
    const matrix = await desk.run('cka', (tell) => ({ sets: names, plan, tell }), waits);
    return {
      entries: entries.map(({ set, name, block }) => ({ set: set.name, name, block })),
      matrix: Array.from(matrix),
      rows: count,
      estimate,
      isFew: entries.some(({ channels }) => count < FEW_PATCHES * channels),
    };
  } finally {
    for (const name of names) await desk.drop(name, waits).catch(() => undefined);
  }
}

const BATCH = 256; // patches

export function csvOf({ entries, matrix, rows, estimate }: CkaFindings): string {
  const name = (entry: CkaFindings['entries'][number]): string =>
    `"${`${entry.name} ${entry.block}`.replaceAll('"', '""')}"`;
  const n = entries.length;
  const lines = entries.map((entry, i) => [name(entry), ...matrix.slice(i * n, (i + 1) * n)].join(','));
  return [`"linear CKA, ${estimate}, ${rows} patches",${entries.map(name).join(',')}`, ...lines, ''].join('\r\n');
}

// One head of the Learn workspace, from the labels: training it and what it then says, judging it, what an augmentation is
// worth to it, which patches to label next.
import type { Waits } from '#channel/waits.ts';
import { EosinError, type Failure } from '#errors/failure.ts';
import { type Augmentation, USUAL } from '#learn/augment.ts';
import type { Labels as LabelsOfSet } from '#learn/learn-calls.ts';
import { linesOf } from '#learn/scores.ts';
import { USUAL_HEAD } from '#learn/train-head.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import type { AugmentationName, Gain, HeadSummary } from '../stores/learn-store.ts';
import type { LabelledPictures } from './class-pictures.ts';
import { asLabels, type LabelledRows, labelledRows } from './labelled.ts';
import type { Labels } from './labels.ts';
import type { LearnDesk } from './learn-desk.ts';
import type { Learnt } from './learnt.ts';
import { type Noun, PATCHES } from './noun.ts';
import { unlessRefused } from './unless-refused.ts';
import { withPictures } from './with-pictures.ts';

export interface HeadAsked {
  readonly id: string;
  readonly encoder: string;
  readonly block: string;
  readonly hidden: number;
}

/** What a head says of all patches of a set. */
export interface Said {
  readonly set: NamedSet;
  readonly classes: readonly { readonly name: string; readonly color: string }[];
  readonly probabilities: Float32Array; // [rows × classes]
}

export interface HeadNeeds {
  readonly labels: Labels;
  readonly learnt: Learnt;
  readonly desk: () => LearnDesk;
  readonly set: (encoder: string) => NamedSet | undefined;
  readonly noun: Noun;
  /** What altering did to features; undefined where no altered copies were embedded. */
  readonly directions: (encoder: string, block: string) => Augmentation | undefined;
  /** Pictures in class folders that are learnt from, too. */
  readonly pictures: (encoder: string, block: string) => LabelledPictures | undefined;
}

const FOLDS = 5;

/** A head's labelled rows, and its features in the worker: the same for training, judging and measuring. */
export interface Prepared {
  readonly desk: LearnDesk;
  readonly set: NamedSet;
  readonly rows: LabelledRows;
  readonly of: LabelsOfSet; // the same, as the worker takes them: of the set, or of it together with pictures
  readonly held: string; //    all of the set
  readonly augmentation: Augmentation;
}

/**
 * @param name of the augmentation; directions stand back while there are no altered copies
 * @throws EosinError BadInput for labels that nothing can be learnt from
 */
export async function prepared(
  { labels, desk: deskNow, set: setOf, noun, directions, pictures }: HeadNeeds,
  { encoder, block }: HeadAsked,
  name: AugmentationName,
  waits: Waits,
): Promise<Prepared> {
  const set = setOf(encoder);
  if (!set) throw new EosinError(nothingRead(encoder, noun));
  const desk = deskNow();
  const held = await desk.holdBlock(set, block, waits);
  const labelled = pictures(encoder, block);
  const { rows, of } = labelled
    ? await beside(labelled, set, block, labels, desk, waits)
    : alone(held, labelledRows(set, labels));
  const augmentation = name === 'directions' ? (directions(encoder, block) ?? USUAL.none) : USUAL[name];
  return { desk, set, rows, of, held, augmentation };
}

const alone = (held: string, rows: LabelledRows): Pick<Prepared, 'rows' | 'of'> => ({ rows, of: asLabels(held, rows) });

/** The slide's labels and pictures: held in the place of what was held so before. */
async function beside(
  pictures: LabelledPictures,
  set: NamedSet,
  block: string,
  labels: Labels,
  desk: LearnDesk,
  waits: Waits,
): Promise<Pick<Prepared, 'rows' | 'of'>> {
  const onSlide = await unlessRefused(
    waits,
    async () => labelledRows(set, labels),
    () => undefined,
  );
  const { features, ...rows } = withPictures(set, block, onSlide, pictures);
  const name = `${set.name} ${block} with pictures`;
  await desk.drop(name, waits);
  return alone(await desk.hold(name, () => features, waits), rows);
}

export async function trained(
  learnt: Learnt,
  head: HeadAsked,
  { desk, set, rows, of, held, augmentation }: Prepared,
  waits: Waits,
): Promise<{ readonly summary: Omit<HeadSummary, 'augmentation'>; readonly said: Said }> {
  const plan = { ...USUAL_HEAD, hidden: head.hidden, augmentation };
  const began = performance.now();
  const { head: model } = await desk.run('trainHead', (tell) => ({ of, plan, tell }), waits);
  const seconds = (performance.now() - began) / 1000;
  const probabilities = await desk.ask('predict', { head: model, set: held }, waits);
  learnt.keepHead({
    id: head.id,
    encoder: set.features.encoder,
    block: head.block,
    classes: rows.classes,
    head: model,
  });
  return {
    said: { set, classes: rows.classes, probabilities },
    summary: {
      ...head,
      name: nameOf(head.hidden),
      classes: rows.classes.map(({ name }) => name),
      labels: rows.rows.length,
      seconds,
      isCalibrated: model.isCalibrated,
      isByPlace: rows.groups !== undefined,
      figure: undefined,
      whyNoFigure: undefined,
      byScript: false,
    },
  };
}

/** How good it is on patches that were left out; why that cannot be said. Takes some five trainings. */
export async function judged(
  { hidden }: HeadAsked,
  { desk, rows, of, augmentation }: Prepared,
  waits: Waits,
): Promise<Pick<HeadSummary, 'figure' | 'whyNoFigure'>> {
  const plan = { ...USUAL_HEAD, hidden, augmentation };
  const folds = { folds: FOLDS, seed: plan.seed };
  return unlessRefused(
    waits,
    async () => {
      const found = await desk.run('validateHead', (tell) => ({ of, plan, folds, tell }), waits);
      const confusion = linesOf(found.confusion, rows.classes.length);
      return { figure: { macroF1: found.macroF1, interval: found.interval, confusion }, whyNoFigure: undefined };
    },
    ({ seen }) => ({ figure: undefined, whyNoFigure: seen }),
  );
}

/** What an augmentation is worth on the user's own labels: the same folds with and without. @throws EosinError BadInput */
export async function gainOf(
  { hidden }: HeadAsked,
  name: Exclude<AugmentationName, 'none'>,
  { desk, of, augmentation }: Prepared,
  waits: Waits,
): Promise<Gain> {
  const plan = { ...USUAL_HEAD, hidden };
  const asked = { of, plan, augmentation, folds: { folds: FOLDS, seed: USUAL_HEAD.seed } };
  const { gain, interval } = await desk.run('ablate', (tell) => ({ ...asked, tell }), waits);
  return { of: name, gain, interval };
}

export const nothingRead = (encoder: string, { many, read }: Noun): Failure => ({
  tag: 'BadInput',
  what: `The ${many}`,
  seen: `${encoder} has seen none of this slide`,
  todo: `First ${read}.`,
});

export const noPatches = (encoder: string): Failure => nothingRead(encoder, PATCHES);

export const nameOf = (hidden: number): string => (hidden === 0 ? 'Logistic' : 'One hidden layer');

const NEXT = 10;

/**
 * The rows a head is least sure of, at most so many, none of them labelled, no two side by side: near twins teach little.
 * @returns with the probability of the likeliest class
 */
export function leastSure(
  { probabilities, classes }: Pick<Said, 'probabilities' | 'classes'>,
  boxes: Float32Array,
  isLabelled: (row: number) => boolean,
  most = NEXT,
): { row: number; probability: number }[] {
  const n = classes.length;
  const rows = probabilities.length / n;
  const best = Float32Array.from({ length: rows }, (_, row) => {
    let most = 0;
    for (let k = 0; k < n; k++) most = Math.max(most, probabilities[row * n + k] ?? 0);
    return most;
  });
  const order = Uint32Array.from(best, (_, row) => row).sort((a, b) => (best[a] ?? 0) - (best[b] ?? 0) || a - b);
  const taken: { row: number; probability: number }[] = [];
  const isBeside = (a: number, b: number): boolean => {
    const apart = (k: number): number => Math.abs((boxes[4 * a + k] ?? 0) - (boxes[4 * b + k] ?? 0));
    return Math.max(apart(0), apart(1)) < 1.5 * (boxes[4 * a + 2] ?? 0);
  };
  for (const row of order) {
    if (taken.length >= most) break;
    if (isLabelled(row) || taken.some((other) => isBeside(row, other.row))) continue;
    taken.push({ row, probability: best[row] ?? 0 });
  }
  return taken;
}

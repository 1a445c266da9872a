// label, trainHead, predict, rankEncoders, cka, trainAttention and neighbours of window.eosin.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { USUAL } from '#learn/augment.ts';
import { PLAIN_CKA } from '#learn/cka.ts';
import type { BagOf } from '#learn/learn-calls.ts';
import { linesOf } from '#learn/scores.ts';
import { USUAL_HEAD } from '#learn/train-head.ts';
import type { KeptFeatures, NamedSet } from '../attention/kept-features.ts';
import { answerOf } from '../attention/prediction.ts';
import type { Eosin } from '../console.d.ts';
import type { Heads } from './heads.ts';
import { asLabels, labelledRows } from './labelled.ts';
import type { Labels } from './labels.ts';
import { learnAttention } from './learn-attention.ts';
import type { LearnDesk } from './learn-desk.ts';
import { checkReads, type Learnt } from './learnt.ts';
import { blockOf, boxesOf, commonRows, featuresOf, placeOf } from './row-sets.ts';
import { SimilarRows } from './similar-rows.ts';
import { unlessRefused } from './unless-refused.ts';

export interface LearnConsoleNeeds {
  readonly kept: () => KeptFeatures; // of the open slide
  readonly labelsOf: (set: NamedSet) => Labels;
  /** Of what the set is of: they show what was trained. */
  readonly headsOf: (set: NamedSet) => Pick<Heads, 'bring'>;
  readonly learnt: Learnt;
  readonly desk: () => LearnDesk;
}

type Asked<K extends 'trainHead' | 'rankEncoders' | 'cka' | 'trainAttention'> = Parameters<Eosin[K]>[0];

const FOLDS = 5;
const NOT_A_NUMBER: [number, number] = [Number.NaN, Number.NaN];

export class LearnConsole {
  readonly #needs: LearnConsoleNeeds;
  readonly #similar = new SimilarRows();

  constructor(needs: LearnConsoleNeeds) {
    this.#needs = needs;
  }

  label(name: string, rows: readonly number[], className: string | undefined): void {
    const set = this.#set(name);
    const labels = this.#needs.labelsOf(set);
    const wanted = rows.map((row) => placeOf(set, row) ?? noRow(row, set));
    labels.asOne(() => labels.label(wanted, className === undefined ? undefined : labels.addClass(className)));
  }

  async trainHead(asked: Asked<'trainHead'>, waits: Waits): ReturnType<Eosin['trainHead']> {
    const { learnt } = this.#needs;
    const desk = this.#needs.desk();
    const set = this.#set(asked.set);
    const labels = this.#needs.labelsOf(set);
    const block = blockOf(set, asked.block);
    const { hidden = 0, folds = FOLDS, seed = USUAL_HEAD.seed } = asked;
    checkHidden(hidden);
    checkFolds(folds);
    checkSeed(seed);
    const augmentation = augmentationOf(asked.augmentation);
    const plan = { ...USUAL_HEAD, hidden, seed, augmentation: USUAL[augmentation] };
    const rows = labelledRows(set, labels);
    const of = asLabels(await this.#hold(set, block, waits), rows);
    const began = performance.now();
    const { head } = await desk.run('trainHead', (tell) => ({ of, plan, tell }), waits);
    const seconds = (performance.now() - began) / 1000;
    const judged = await unlessRefused(
      waits,
      () => desk.run('validateHead', (tell) => ({ of, plan, folds: { folds, seed }, tell }), waits),
      ({ seen }) => seen, // too few labels to leave any out: the head stands all the same
    );
    const found = typeof judged === 'string' ? undefined : judged;
    const id = learnt.nextId('head');
    learnt.keepHead({ id, encoder: set.features.encoder, block, classes: rows.classes, head });
    const n = rows.classes.length;
    const confusion = linesOf(found?.confusion ?? new Float64Array(n * n), n);
    const classes = rows.classes.map(({ name }) => name);
    this.#needs.headsOf(set).bring(
      {
        ...{ id, encoder: set.features.encoder.id, block, hidden, classes, labels: rows.rows.length, seconds },
        ...{ isCalibrated: head.isCalibrated, isByPlace: rows.groups !== undefined },
        figure: found && { macroF1: found.macroF1, interval: found.interval, confusion },
        whyNoFigure: typeof judged === 'string' ? judged : undefined,
      },
      augmentation,
    );
    return {
      head: id,
      seconds,
      macroF1: found?.macroF1 ?? Number.NaN,
      ci: found ? [found.interval[0], found.interval[1]] : NOT_A_NUMBER,
      confusion,
      classes,
    };
  }

  async predict(id: string, name: string, waits: Waits): ReturnType<Eosin['predict']> {
    const head = this.#needs.learnt.head(id);
    const set = this.#set(name);
    checkReads(head, set);
    const held = await this.#hold(set, head.block, waits);
    const probabilities = await this.#needs.desk().ask('predict', { head: head.head, set: held }, waits);
    return { classes: head.classes.map(({ name: of }) => of), probabilities };
  }

  /** By the proxy task that needs no further embedding: see nextDoor in docs/learn.md. */
  async rankEncoders({ sets }: Asked<'rankEncoders'>, waits: Waits): ReturnType<Eosin['rankEncoders']> {
    const desk = this.#needs.desk();
    const ranked: Awaited<ReturnType<Eosin['rankEncoders']>> = [];
    for (const name of sets) {
      const set = this.#set(name);
      if (set.of !== 'patches') {
        const todo = 'Rank encoders on the patches of a slide.';
        throw new EosinError({ tag: 'BadInput', what: `The set ${name}`, seen: `${set.of} have no neighbours`, todo });
      }
      const secondsPerPatch = this.#needs.kept().secondsPerPatch(set.features) ?? Number.NaN;
      for (const { name: block } of set.features.blocks) {
        const held = await this.#hold(set, block, waits);
        const task = { set: held, boxes: boxesOf(set), seed: 1 };
        const { score } = await desk.run('nextDoor', (tell) => ({ ...task, tell }), waits);
        ranked.push({ set: name, block, proxyScore: score, secondsPerPatch });
      }
    }
    return ranked.sort((a, b) => b.proxyScore - a.proxyScore);
  }

  async cka(asked: Asked<'cka'>, waits: Waits): ReturnType<Eosin['cka']> {
    const sets = asked.map(({ set }) => this.#set(set));
    const blocks = sets.map((set, i) => blockOf(set, asked[i]?.block));
    const rows = commonRows(sets);
    const desk = this.#needs.desk();
    const names: string[] = [];
    for (const [i, set] of sets.entries()) {
      const [block = '', only] = [blocks[i], rows[i]];
      const isWhole = only?.length === set.rows.length && only.every((row, k) => row === k);
      if (isWhole) names.push(await this.#hold(set, block, waits));
      else names.push(await desk.hold(`part ${i} of ${set.name} ${block}`, () => featuresOf(set, block, only), waits));
    }
    try {
      return { matrix: await desk.run('cka', (tell) => ({ sets: names, plan: PLAIN_CKA, tell }), waits) };
    } finally {
      for (const name of names) if (name.startsWith('part ')) await desk.drop(name, waits).catch(() => undefined);
    }
  }

  async trainAttention(asked: Asked<'trainAttention'>, waits: Waits): ReturnType<Eosin['trainAttention']> {
    const { learnt } = this.#needs;
    const classes = [...new Set(asked.bags.map(({ label }) => label))].sort();
    const sets = asked.bags.map(({ set }) => this.#set(set));
    const [first] = sets;
    if (!first) throw new EosinError({ tag: 'BadInput', what: 'The bags', seen: 'there are none', todo: 'Give some.' });
    const block = blockOf(first, asked.block);
    const { encoder } = first.features;
    const bags: BagOf[] = [];
    for (const [i, set] of sets.entries()) {
      const { rows, label = '' } = asked.bags[i] ?? {};
      checkReads({ id: 'The first bag', encoder, block, classes: [] }, set);
      const wrong = rows?.find((row) => !(Number.isInteger(row) && row >= 0 && row < set.rows.length));
      if (wrong !== undefined) noRow(wrong, set);
      bags.push({
        name: `${i + 1}`,
        set: await this.#hold(set, block, waits),
        rows: rows && Uint32Array.from(rows),
        label: classes.indexOf(label),
        group: undefined,
      });
    }
    const { gated = false, topK = 0, folds = FOLDS, seed } = asked;
    checkWhole('The top patches', topK, 0, MOST_ROWS, 'Give how many count, or 0 for all.');
    checkFolds(folds);
    if (seed !== undefined) checkSeed(seed);
    const planned = { bags, encoder, block, classes, gated, topK, folds, seed };
    const { id, auc, interval, curve } = await learnAttention({ desk: this.#needs.desk(), learnt }, planned, waits);
    return { model: id, auc, ci: [interval[0], interval[1]], curve };
  }

  /** Of a network that was trained here. */
  async attend(
    id: string,
    name: string,
    without: readonly number[] | undefined,
    waits: Waits,
  ): ReturnType<Eosin['attend']> {
    const attention = this.#needs.learnt.attention(id);
    const set = this.#set(name);
    checkReads(attention, set);
    const held = await this.#hold(set, attention.block, waits);
    const attended = await this.#needs.desk().ask('attend', { model: attention.model, set: held }, waits);
    return answerOf(attended, attention.classes, without);
  }

  neighbours(name: string, row: number, k: number): ReturnType<Eosin['neighbours']> {
    const set = this.#set(name);
    if (!(Number.isInteger(row) && row >= 0 && row < set.rows.length)) noRow(row, set);
    checkWhole('The neighbours', k, 1, MOST_ROWS, 'Give how many, from 1 on.');
    const block = blockOf(set, undefined);
    return this.#similar.nearest(set, () => featuresOf(set, block), row, k);
  }

  #set(name: string): NamedSet {
    return this.#needs.kept().named(name);
  }

  #hold(set: NamedSet, block: string, waits: Waits): Promise<string> {
    return this.#needs.desk().holdBlock(set, block, waits);
  }
}

function noRow(row: number, set: NamedSet): never {
  const todo = `${set.name} has rows 0 to ${set.rows.length - 1}.`;
  throw new EosinError({ tag: 'BadInput', what: 'The row', seen: `${row}`, todo });
}

/** For what a script gives: least and most are included. @throws EosinError BadInput */
function checkWhole(what: string, seen: number, least: number, most: number, todo: string): void {
  if (Number.isInteger(seen) && seen >= least && seen <= most) return;
  throw new EosinError({ tag: 'BadInput', what, seen: `${seen}`, todo });
}

const MOST_HIDDEN = 1_024;
const MOST_ROWS = 2 ** 31 - 1;

const checkHidden = (hidden: number): void =>
  checkWhole('The hidden layer', hidden, 0, MOST_HIDDEN, `Give 0 for a logistic head, or up to ${MOST_HIDDEN} units.`);

const checkFolds = (folds: number): void => checkWhole('The folds', folds, 2, MOST_ROWS, 'Give how many, from 2 on.');

const checkSeed = (seed: number): void =>
  checkWhole('The seed', seed, 0, Number.MAX_SAFE_INTEGER, 'Give a whole number, 0 or more.');

function augmentationOf(name = 'none'): keyof typeof USUAL {
  if (name === 'none' || name === 'noise' || name === 'mixup') return name;
  const todo = 'Give none, noise or mixup.';
  throw new EosinError({ tag: 'BadInput', what: 'The augmentation', seen: name, todo });
}

// Learning on the open slide, put together. Loaded when first needed.
import { openLearn } from '#learn/open-learn.ts';
import type { LazyAttention } from '../lazy-attention.ts';
import { Labels } from './labels.ts';
import { LearnConsole } from './learn-console.ts';
import { LearnDesk } from './learn-desk.ts';
import { Learnt } from './learnt.ts';

const BUDGET_BYTES = 768 * 2 ** 20; // of features and what is computed of them

export class LearnSession {
  readonly labels = new Labels();
  readonly learnt = new Learnt();
  readonly console: LearnConsole;
  #desk: LearnDesk | undefined;

  constructor({ work }: Pick<Awaited<ReturnType<LazyAttention['session']>>, 'work'>) {
    this.console = new LearnConsole({
      kept: () => work.kept,
      labels: this.labels,
      learnt: this.learnt,
      desk: () => this.#deskNow(),
    });
  }

  /** Another slide has come, or none: what was learnt stays. */
  forget(): void {
    this.#desk?.[Symbol.dispose]();
    this.#desk = undefined;
    this.labels.restore({ classes: [], labels: [] });
  }

  #deskNow(): LearnDesk {
    this.#desk ??= new LearnDesk(openLearn({ budgetBytes: BUDGET_BYTES }), BUDGET_BYTES);
    return this.#desk;
  }
}

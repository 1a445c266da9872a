// Learning on the open slide, put together. Loaded when first needed.
import { openLearn } from '#learn/open-learn.ts';
import type { AttentionSession } from '../attention/attention-session.ts';
import { LabelKeeper } from '../kept-learning/label-keeper.ts';
import type { SlideSession } from '../slide-session.ts';
import { createLearnStore, type LearnStore } from '../stores/learn-store.ts';
import { Labels } from './labels.ts';
import { LearnConsole } from './learn-console.ts';
import { LearnDesk } from './learn-desk.ts';
import { Learnt } from './learnt.ts';

const BUDGET_BYTES = 768 * 2 ** 20; // of features and what is computed of them

export interface LearnNeeds {
  readonly slides: Pick<SlideSession, 'opened'>;
  readonly attention: Pick<AttentionSession, 'work' | 'disk'>;
}

export class LearnSession {
  readonly #needs: LearnNeeds;
  readonly #keeper: LabelKeeper;
  readonly store: LearnStore = createLearnStore();
  readonly labels: Labels;
  readonly learnt = new Learnt();
  readonly console: LearnConsole;
  #desk: LearnDesk | undefined;

  constructor(needs: LearnNeeds) {
    this.#needs = needs;
    this.labels = new Labels(() => this.#keeper.changed());
    this.#keeper = new LabelKeeper(needs.attention.disk, this.labels, (notKept) => this.store.setState({ notKept }));
    this.console = new LearnConsole({
      kept: () => needs.attention.work.kept,
      labels: this.labels,
      learnt: this.learnt,
      desk: () => this.#deskNow(),
    });
  }

  /** Resolves once the labels that were kept of the open slide are here. */
  async ready(): Promise<void> {
    const slide = this.#needs.slides.opened()?.slide;
    if (slide) await this.#keeper.open(slide);
  }

  /** Another slide has come, or none: what was learnt stays. */
  forget(): void {
    this.#keeper.forget(); // first: the labels of the slide that is left stay as they are
    this.labels.restore({ classes: [], labels: [] });
    this.#desk?.[Symbol.dispose]();
    this.#desk = undefined;
  }

  #deskNow(): LearnDesk {
    this.#desk ??= new LearnDesk(openLearn({ budgetBytes: BUDGET_BYTES }), BUDGET_BYTES);
    return this.#desk;
  }
}

// Attention on slides that are labelled as a whole, from the workspace's buttons.
import { blocksOf } from '#analysis/feature-set.ts';
import { unhurried, type Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { noPatches } from './head-desk.ts';
import { nameForAttention } from './head-name.ts';
import type { LearnBench } from './learn-bench.ts';

export class WholeSlides {
  readonly #bench: LearnBench;

  constructor(bench: LearnBench) {
    this.#bench = bench;
  }

  /** The open slide's patches by the chosen encoder become a bag. @returns why they cannot, a sentence */
  add(): string | undefined {
    const [set, slide, mpp] = [
      this.#bench.shownSet(),
      this.#bench.needs.slides.opened()?.slide,
      this.#bench.needs.slides.mpp(),
    ];
    if (!set || !slide || !mpp) return 'Embed tissue of this slide first.';
    const fingerprint = this.#bench.fingerprint();
    if (!fingerprint) return 'This page is not served securely, so slides cannot be told apart.';
    const of = { fingerprint, encoder: set.features.encoder, mpp, stridePx: undefined };
    this.#bench.bags.add(slide.name, of, set.rows.length);
    return undefined;
  }

  train(plan: { gated: boolean; topK: number; folds: number }): Promise<void> {
    return this.#bench.work('Training attention', async (waits) => {
      const set = this.#bench.shownSet();
      const { encoder: id } = this.#bench.store.getState();
      const encoder =
        this.#bench.sets.encoders().find((one) => one.id === (id ?? set?.features.encoder.id)) ??
        this.#bench.sets.encoders()[0];
      if (!encoder) throw new EosinError(noPatches('No encoder'));
      const block = this.#bench.blockOf(blocksOf(encoder));
      this.#bench.store.setState({ attention: undefined });
      this.#bench.store.setState({ attention: await this.#bench.bags.train({ encoder, block, ...plan }, waits) });
    });
  }

  /** The trained network's map, strip and prediction on the open slide; the workspace Analyse shows them. */
  show(): Promise<void> {
    return this.#bench.work('Attention', async (waits) => {
      const { attention } = this.#bench.store.getState();
      if (!attention) return;
      const { folder, set, held, learnt } = await this.#folder(attention.model, waits);
      const attended = await this.#bench.desk().ask('attend', { model: learnt.model, set: held }, waits);
      const encoder = this.#bench.needs.attention.work.encoder(learnt.encoder.id);
      this.#bench.needs.attention.show({ model: folder.manifest, encoder, set: set.features }, attended);
      this.#bench.needs.stores.settings.setState({ workspace: 'analyse' });
      this.#bench.draw();
    });
  }

  /** The trained network as a model folder. @throws EosinError BadInput where the open slide has no patches of its encoder */
  async folder(id: string): Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>> {
    return (await this.#folder(id, unhurried())).folder.files;
  }

  async #folder(id: string, waits: Waits) {
    const learnt = this.#bench.learnt.attention(id);
    const set = this.#bench.sets.of(learnt.encoder.id);
    if (!set) throw new EosinError(noPatches(learnt.encoder.id));
    const held = await this.#bench.desk().holdBlock(set, learnt.block, waits);
    const named = nameForAttention(learnt, this.#bench.store.getState().attention);
    const asked = { model: learnt.model, set: held, classes: learnt.classes, named };
    return { folder: await this.#bench.desk().ask('attentionFolder', asked, waits), set, held, learnt };
  }
}

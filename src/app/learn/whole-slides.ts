// Attention on slides that are labelled as a whole, from the workspace's buttons.
import { blocksOf } from '#analysis/feature-set.ts';
import { unhurried, type Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { mpp } from '#units/units.ts';
import { whyInMemory } from '../kept-learning/learning-shelf.ts';
import type { KeptNetwork, NetworkKeeper } from '../kept-learning/network-keeper.ts';
import type { LearntAttention } from '../stores/learn-store.ts';
import { embedPictures } from './embed-pictures.ts';
import { noPatches } from './head-desk.ts';
import { nameForAttention } from './head-name.ts';
import type { LearnBench } from './learn-bench.ts';
import { type PathedFile, pictureFolders } from './picture-folders.ts';

const NO_MPP = { x: mpp(1), y: mpp(1) }; // pictures are seen at the encoder's own size

/** Of a folder: the same for the same files, by name, size and date, wherever it lies. Its pixels are not read twice. */
async function fingerprintOf(files: readonly File[]): Promise<string> {
  const text = files.map(({ name, size, lastModified }) => `${name} ${size} ${lastModified}`).join('\n');
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return `pic${Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

export class WholeSlides {
  readonly #bench: LearnBench;
  readonly #keeper: NetworkKeeper;
  readonly #logs = new Map<string, string>(); // names on the disk, by the networks' ids
  #restoring: Promise<void> | undefined;

  constructor(bench: LearnBench, keeper: NetworkKeeper) {
    this.#bench = bench;
    this.#keeper = keeper;
  }

  /** Networks of before, once. Never fails: what cannot be read is left out. */
  restore(): Promise<void> {
    this.#restoring ??= this.#restore().catch((thrown) => this.#notKept(thrown));
    return this.#restoring;
  }

  async #restore(): Promise<void> {
    const { learnt, store } = this.#bench;
    for (const { name, network } of await this.#keeper.restore(unhurried())) {
      const { encoder, classes, model, summary } = network;
      const id = learnt.nextId('attention');
      learnt.keepAttention({ id, encoder, block: summary.block, classes, model });
      this.#logs.set(id, name);
      const back = { ...summary, model: id, encoder: encoder.id };
      store.setState(({ networks }) => ({ networks: [...networks, back], network: id }));
    }
  }

  #notKept(thrown: unknown): void {
    this.#bench.store.setState({ notKept: whyInMemory(thrown) });
  }

  /** The one that is looked at. */
  look(id: string): void {
    this.#bench.store.setState({ network: id });
  }

  remove(id: string): void {
    const { learnt, store } = this.#bench;
    learnt.removeAttention(id);
    store.setState(({ networks, network }) => {
      const left = networks.filter(({ model }) => model !== id);
      return { networks: left, network: network === id ? left.at(-1)?.model : network };
    });
    const name = this.#logs.get(id);
    this.#logs.delete(id);
    if (name !== undefined) void this.#keeper.remove(name, unhurried()).catch((thrown) => this.#notKept(thrown));
  }

  /** All that are here. */
  all(): KeptNetwork[] {
    const { learnt, store } = this.#bench;
    return store.getState().networks.map(({ model: id, encoder: _, ...summary }) => {
      const { encoder, classes, model } = learnt.attention(id);
      return { encoder: { id: encoder.id, sha256: encoder.sha256 }, classes, model, summary };
    });
  }

  /** One from elsewhere; the same again changes nothing. */
  async takeIn(network: KeptNetwork): Promise<void> {
    const said = JSON.stringify(network.summary);
    if (this.all().some(({ summary }) => JSON.stringify(summary) === said)) return;
    const { learnt, store } = this.#bench;
    const { encoder, classes, model, summary } = network;
    const id = learnt.nextId('attention');
    learnt.keepAttention({ id, encoder, block: summary.block, classes, model });
    const here = { ...summary, model: id, encoder: encoder.id };
    store.setState(({ networks }) => ({ networks: [...networks, here], network: id }));
    await this.#keep(here);
  }

  /** Resolves once it is on disk, or cannot be: then the tab alone has it, and says so. */
  async #keep({ model: id, encoder: _, ...summary }: LearntAttention): Promise<void> {
    const { encoder, classes, model } = this.#bench.learnt.attention(id);
    try {
      const { id: of, sha256 } = encoder;
      const network = { encoder: { id: of, sha256 }, classes, model, summary };
      const name = await this.#keeper.keep(network, Date.now(), unhurried());
      if (name !== undefined) this.#logs.set(id, name);
    } catch (thrown) {
      this.#notKept(thrown);
    }
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

  /** Folders of pictures become bags, seen by the chosen encoder; the folder that each lies in is its label. */
  addFolders(files: readonly PathedFile[]): Promise<void> {
    return this.#bench.work('Embedding pictures', async (waits) => {
      const { sets, store, bags, needs } = this.#bench;
      const { folders } = pictureFolders(files);
      const all = folders.reduce((sum, folder) => sum + folder.files.length, 0);
      if (all === 0) {
        const todo = 'Choose a folder of folders with PNG, JPEG or TIFF files in them.';
        throw new EosinError({ tag: 'BadInput', what: 'The folder', seen: 'it holds no pictures', todo });
      }
      const chosen = store.getState().encoder ?? this.#bench.shownSet()?.features.encoder.id;
      const encoder = await sets.encoderNow(chosen ?? sets.encoders()[0]?.id ?? '', waits);
      let before = 0;
      for (const { name, parent, files: of } of folders) {
        const onDone = (done: number): void => store.setState({ progress: (before + done) / all });
        const { features } = await embedPictures({ files: of, encoder, read: needs.attention.read, onDone }, waits);
        const asked = {
          fingerprint: await fingerprintOf(of),
          encoder: features.encoder,
          mpp: NO_MPP,
          stridePx: undefined,
        };
        await bags.addPictures(name, parent, asked, features, waits);
        before += of.length;
      }
    });
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
      const found = await this.#bench.bags.train({ encoder, block, ...plan }, waits);
      this.#bench.store.setState(({ networks }) => ({ networks: [...networks, found], network: found.model }));
      await this.#keep(found);
    });
  }

  /** The trained network's map, strip and prediction on the open slide; the workspace Analyse shows them. */
  show(id: string): Promise<void> {
    return this.#bench.work('Attention', async (waits) => {
      const { folder, set, held, learnt } = await this.#folder(id, waits);
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
    const summary = this.#bench.store.getState().networks.find(({ model }) => model === id);
    const named = nameForAttention(learnt, summary);
    const asked = { model: learnt.model, set: held, classes: learnt.classes, named };
    return { folder: await this.#bench.desk().ask('attentionFolder', asked, waits), set, held, learnt };
  }
}

// Encoders side by side on the open slide, and the patches most like one.
import { ringOf } from '#analysis/polygons.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { sampleForMap } from '#learn/map-sample.ts';
import { rankCorrelation } from '#learn/proxy.ts';
import type { Progress } from '#learn/steps.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import type { CkaFindings, PictureSummary } from '../stores/learn-store.ts';
import { type Compared, ckaOf, comparedRows, csvOf } from './encoder-desk.ts';
import { noPatches } from './head-desk.ts';
import type { LearnBench } from './learn-bench.ts';
import { boundsOf, boxesOf, boxOf, placesOf } from './row-sets.ts';

const SIMILAR = 24;

/** A set's features in the plane. */
export interface FeaturePicture {
  readonly set: NamedSet;
  readonly points: Float32Array; // [rows × 2]; NaN for patches that a sample left out
}

export class SideBySide {
  readonly #bench: LearnBench;

  #picture: FeaturePicture | undefined;

  constructor(bench: LearnBench) {
    this.#bench = bench;
  }

  /** Of the set on screen; undefined where it is of another, or of fewer patches. */
  picture(): FeaturePicture | undefined {
    return this.#picture?.set === this.#bench.shownSet() ? this.#picture : undefined;
  }

  /** The chosen features by their first two principal components, or as a map by UMAP. */
  makePicture(how: PictureSummary['how']): Promise<void> {
    return this.#bench.work('Drawing the features', async (waits) => {
      const set = this.#bench.shownSet();
      if (!set) throw new EosinError(noPatches('The encoder'));
      const block = this.#bench.blockOf(set.features.blocks);
      const held = await this.#bench.desk().holdBlock(set, block, waits);
      const { points, ...summary } =
        how === 'umap' ? await this.#map(set, held, waits) : await this.#components(set, held, waits);
      this.#picture = { set, points };
      this.#bench.store.setState(({ picture }) => ({
        picture: { ...summary, version: (picture?.version ?? 0) + 1 },
        brushed: [],
      }));
      this.brush([]);
    });
  }

  async #components(set: NamedSet, held: string, waits: Waits): Promise<PictureSummary & { points: Float32Array }> {
    const { scores, share } = await this.#bench.desk().ask('components', { set: held, count: 2 }, waits);
    return { how: 'components', points: scores, rows: set.rows.length, share: [share[0] ?? 0, share[1] ?? 0] };
  }

  /** Of a large set a sample: all that is labelled, and others from everywhere. */
  async #map(set: NamedSet, held: string, waits: Waits): Promise<PictureSummary & { points: Float32Array }> {
    const { store, labels } = this.#bench;
    const labelled = placesOf(set).flatMap((place, row) => (labels.of(place) === undefined ? [] : [row]));
    const rows = sampleForMap(set.rows.length, labelled);
    const onProgress = ({ done, total }: Progress): void => store.setState({ progress: done / total });
    const plan = { rows, seed: 1 };
    const drawn = await this.#bench
      .desk()
      .run('umap', (tell) => ({ set: held, plan, tell }), { signal: waits.signal, onProgress });
    if (!rows) return { how: 'umap', points: drawn, rows: set.rows.length, share: undefined };
    const points = new Float32Array(2 * set.rows.length).fill(Number.NaN);
    for (const [i, row] of rows.entries()) points.set(drawn.subarray(2 * i, 2 * i + 2), 2 * row);
    return { how: 'umap', points, rows: rows.length, share: undefined };
  }

  /** Rows of the picture's set, framed on the slide. */
  brush(rows: readonly number[]): void {
    const { store, needs } = this.#bench;
    store.setState({ brushed: rows });
    const picture = this.picture();
    needs.viewer.setOutline(
      'brushed',
      picture && rows.length > 0
        ? { rings: rows.map((row) => ringOf(boxOf(picture.set, row))), dashed: false }
        : undefined,
    );
  }

  /**
   * Embeds the patches of the shown set by each encoder, then compares all their blocks.
   * @param withCopies embeds altered copies of some of them too, to be found again
   */
  compare(encoderIds: readonly string[], withCopies = false): Promise<void> {
    return this.#bench.work('Comparing encoders', async (waits) => {
      const set = this.#bench.shownSet();
      const region = set && boundsOf(boxesOf(set));
      for (const id of encoderIds) {
        const seen = this.#bench.sets.of(id);
        if (region && (seen === undefined || seen.rows.length < (set?.rows.length ?? 0)))
          await this.#bench.sets.embed(id, region, waits);
      }
      for (const [k, id] of withCopies ? encoderIds.entries() : []) {
        const tell = (share: number): void => this.#bench.store.setState({ progress: (k + share) / encoderIds.length });
        if (!this.#bench.sets.copies(id)) await this.#bench.sets.makeCopies(id, tell, waits);
      }
      this.#bench.setsChanged();
      this.#bench.store.setState({ progress: undefined, compare: [], agreement: undefined });
      for await (const row of comparedRows(this.#compared(encoderIds), this.#bench.labels, this.#bench.desk(), waits))
        this.#bench.store.setState(({ compare }) => ({ compare: [...compare, row] }));
      const both = this.#bench.store
        .getState()
        .compare.flatMap(({ probe, proxy }) => (probe && proxy ? [{ probe, proxy }] : []));
      if (both.length >= 3)
        this.#bench.store.setState({
          agreement: rankCorrelation(
            both.map(({ proxy }) => proxy.score),
            both.map(({ probe }) => probe.macroF1),
          ),
        });
    });
  }

  cka(estimate: CkaFindings['estimate']): Promise<void> {
    return this.#bench.work('Comparing features', async (waits) => {
      const all = this.#bench.store.getState().sets.map(({ encoder }) => encoder);
      const { compared, isAbout } = await this.#alike(this.#compared(all), waits);
      const cka = await ckaOf(compared, estimate, this.#bench.desk(), waits);
      this.#bench.store.setState({ cka: { ...cka, isAbout } });
    });
  }

  /**
   * Encoders of different windows have no patch in common: each reads its own window about the centres of the largest. What
   * the largest was shown already serves; the others embed anew, once.
   */
  async #alike(
    compared: readonly Compared[],
    waits: Waits,
  ): Promise<{ compared: readonly Compared[]; isAbout: boolean }> {
    const width = ({ set }: Compared): number => this.#bench.sets.windowPx(set.features.encoder.id);
    const [most, least] = [Math.max(...compared.map(width)), Math.min(...compared.map(width))];
    if (compared.length < 2 || most - least < 1e-3 * most) return { compared, isAbout: false };
    const largest = compared.find((one) => width(one) === most);
    const region = largest && boundsOf(boxesOf(largest.set));
    if (!region) return { compared, isAbout: false };
    const alike: Compared[] = [];
    for (const one of compared) {
      const isLargest = most - width(one) < 1e-3 * most;
      const { encoder } = one.set.features;
      alike.push(isLargest ? one : { ...one, set: await this.#bench.sets.embedAbout(encoder.id, most, region, waits) });
    }
    return { compared: alike, isAbout: true };
  }

  ckaCSV(): Blob | undefined {
    const { cka } = this.#bench.store.getState();
    return cka && new Blob([csvOf(cka)], { type: 'text/csv' });
  }

  /** The patches most like one; undefined puts them away. */
  async similarTo(row: number | undefined): Promise<void> {
    const set = this.#bench.shownSet();
    if (row === undefined || !set) return this.#bench.store.setState({ similar: undefined });
    await this.#bench.work('Similar patches', async (waits) => {
      const block = this.#bench.blockOf(set.features.blocks);
      const held = await this.#bench.desk().holdBlock(set, block, waits);
      const began = performance.now();
      const found = await this.#bench.desk().ask('nearest', { set: held, row, k: SIMILAR }, waits);
      const ms = performance.now() - began;
      const patches = Array.from(found.rows, (other, i) => ({
        row: other,
        box: boxOf(set, other),
        similarity: found.similarity[i] ?? 0,
      }));
      this.#bench.store.setState({ similar: { to: { row, box: boxOf(set, row) }, patches, ms } });
    });
  }

  #compared(encoderIds: readonly string[]): Compared[] {
    const { sets } = this.#bench.store.getState();
    return encoderIds.flatMap((id) => {
      const [set, summary] = [this.#bench.sets.of(id), sets.find(({ encoder }) => encoder === id)];
      return set && summary ? [{ ...summary, set, copies: this.#bench.sets.copies(id) }] : [];
    });
  }
}

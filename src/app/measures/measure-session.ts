// Measures of the open slide's objects: asked for by the table, the plots, files and the console alike.
import { estimateSlideStains } from '#analysis/measuring/estimate-stains.ts';
import type { Scale } from '#analysis/measuring/measure-calls.ts';
import { measureStains } from '#analysis/measuring/measure-stains.ts';
import type { MeasureWork } from '#analysis/measuring/measure-work.ts';
import { meets, type Region } from '#analysis/region.ts';
import { unhurried, type Waits } from '#channel/waits.ts';
import { EosinError, isAbort } from '#errors/failure.ts';
import { type FilterFault, isFault } from '#objects/filter/tokens.ts';
import { broughtValue } from '#objects/measures/brought.ts';
import { quantileOf, summaryOf } from '#objects/measures/distribution.ts';
import type { Measures } from '#objects/measures/measures.ts';
import { hasMean, type MeasureGroup, type MeasureName, unitOf } from '#objects/measures/names.ts';
import { intersection, type Selection } from '#objects/selection.ts';
import { RUIFROK_JOHNSTON, type StainVectors, whatIsWrong } from '#stain/vectors.ts';
import type { MeasureNeeds } from '../lazy-measures.ts';
import { noSlide } from '../slide-session.ts';
import type { ObjectLayer } from '../stores/layers-store.ts';
import { OBJECT_LAYERS } from '../stores/objects-store.ts';
import { compiledFilter, filterError, rowsWhere, vocabularyOf } from './filter-rows.ts';
import { KeptStains } from './kept-stains.ts';
import { type GroupColumns, MeasureBook } from './measure-book.ts';
import { createMeasuresStore } from './measures-store.ts';
import { rowsWithin } from './scope.ts';
import type { StainLog } from './stain-log.ts';

export class MeasureSession {
  readonly state = createMeasuresStore(RUIFROK_JOHNSTON);
  readonly book: MeasureBook;
  readonly #needs: MeasureNeeds;
  readonly #work: MeasureWork;
  readonly #kept: KeptStains;
  #own: Selection | undefined; //  what a filter chose last
  #within: Region | undefined; // where the filter that brushed looked
  #reading: AbortController | undefined; // the look at the slide's pixels that goes on
  #orders = new Map<string, { readonly of: Float32Array; readonly rows: Promise<Uint32Array<ArrayBuffer>> }>();

  /** @param kept stains of before, and where those of now go */
  constructor(needs: MeasureNeeds, work: MeasureWork, kept: StainLog) {
    this.#needs = needs;
    this.#work = work;
    // A box, a lasso, Esc: what is marked then is no filter's any more.
    needs.stores.selection.subscribe(({ brushed }) => {
      if (brushed !== this.#own) this.state.setState({ brushedBy: undefined });
    });
    const scale = (): Scale => this.#scale();
    this.book = new MeasureBook({ found: needs.found, scale, work });
    const vectors = (): StainVectors => this.state.getState().vectors;
    const recalled = (): void => this.state.setState(({ version }) => ({ version: version + 1 }));
    this.#kept = new KeptStains({ ...needs, book: this.book, scale, vectors, recalled }, kept);
  }

  /** Resolves once the vectors that were kept of the open slide are set; what was measured with them follows. */
  async ready(): Promise<void> {
    const { vectors, from } = (await this.#kept.vectors()) ?? {};
    if (vectors && from && vectors !== this.state.getState().vectors) {
      this.book.forgetStains();
      this.state.setState(({ version }) => ({ vectors, vectorsFrom: from, version: version + 1 }));
    }
    void this.#kept.recall();
  }

  #scale(): Scale {
    return this.#needs.slides.mpp() ?? { x: 1, y: 1 };
  }

  names(kind: ObjectLayer): readonly MeasureName[] {
    return this.book.names(kind);
  }

  unit(name: MeasureName): string {
    return unitOf(name, this.#needs.slides.mpp() !== undefined);
  }

  /** Whether these are there, or come without a look at the slide's pixels. */
  isReady(kind: ObjectLayer, { group }: MeasureName): boolean {
    return group !== 'stain' || this.book.stains(kind) !== undefined;
  }

  /**
   * One measure of every object. Stains are read from the slide where they are not there yet.
   * @throws the signal's reason; EosinError BadInput for a name that there is not; what reading throws
   */
  async column(kind: ObjectLayer, name: string, waits: Waits): Promise<Float32Array<ArrayBuffer>> {
    const known = this.names(kind).find((one) => one.name === name);
    const column = known && (await this.#columns(kind, known, waits)).get(name);
    if (column) return column;
    const todo = `Known are ${this.names(kind)
      .map((one) => one.name)
      .join(', ')}.`;
    throw new EosinError({ tag: 'BadInput', what: 'The measure', seen: `there is none named ${name}`, todo });
  }

  /** Rows by ascending value, NaN last. Kept for the last few columns that were asked for. */
  async order(kind: ObjectLayer, name: string, waits: Waits): Promise<Uint32Array<ArrayBuffer>> {
    const of = await this.column(kind, name, waits);
    const key = `${kind} ${name}`;
    const kept = this.#orders.get(key);
    if (kept?.of === of) return kept.rows;
    const rows = this.#work.order({ values: of.slice() }, unhurried());
    this.#orders.delete(key);
    this.#orders.set(key, { of, rows });
    rows.catch(() => this.#orders.delete(key));
    for (const oldest of this.#orders.keys()) {
      if (this.#orders.size <= ORDERS_KEPT) break;
      this.#orders.delete(oldest);
    }
    return rows;
  }

  /** One value, as the table shows it: of a column that is there, or that a file brought. */
  brought(kind: ObjectLayer, { brought = '' }: MeasureName, row: number): number {
    const { extras } = this.#needs.found.store(kind).columns;
    return extras ? broughtValue(extras, brought, row) : Number.NaN;
  }

  /** All that need no look at the slide's pixels, and stains where they were measured. What files brought is with the objects. */
  async of(kind: ObjectLayer, waits: Waits): Promise<Measures> {
    const groups = new Map<MeasureGroup, GroupColumns>();
    for (const { group } of this.names(kind)) {
      if (groups.has(group) || group === 'file') continue;
      const columns = group === 'stain' ? this.book.stains(kind) : await this.book.group(kind, group, waits);
      if (columns) groups.set(group, columns);
    }
    return this.#measures(kind, groups);
  }

  /** The same at once: what is not there yet is worked out on this very thread. */
  now(kind: ObjectLayer): Measures {
    const groups = new Map<MeasureGroup, GroupColumns>();
    const brought = new Map<string, Float32Array<ArrayBuffer>>();
    for (const name of this.names(kind)) {
      const { group } = name;
      if (group === 'file') {
        for (const [called, column] of this.book.brought(kind, name)) brought.set(called, column);
        continue;
      }
      const columns = group === 'stain' ? this.book.stains(kind) : this.book.groupNow(kind, group);
      if (columns) groups.set(group, columns);
    }
    return this.#measures(kind, groups.set('file', brought));
  }

  #measures(kind: ObjectLayer, groups: ReadonlyMap<MeasureGroup, GroupColumns>): Measures {
    const { version, columns: of } = this.#needs.found.store(kind);
    const names: string[] = [];
    const units: string[] = [];
    const columns: Record<string, Float32Array<ArrayBuffer>> = {};
    for (const name of this.names(kind)) {
      const column = groups.get(name.group)?.get(name.name);
      if (!column) continue;
      names.push(name.name);
      units.push(this.unit(name));
      columns[name.name] = column;
    }
    return { kind, version, count: of.count, names, units, columns };
  }

  async #columns(kind: ObjectLayer, name: MeasureName, waits: Waits): Promise<GroupColumns> {
    const { group } = name;
    if (group === 'file') {
      await this.#needs.found.settled();
      return this.book.brought(kind, name);
    }
    return group === 'stain' ? this.measureStains(kind, waits) : this.book.group(kind, group, waits);
  }

  /** What is wrong with a filter; undefined where nothing is. */
  fault(filter: string, kind: ObjectLayer): FilterFault | undefined {
    const compiled = this.#compiled(filter, kind);
    return isFault(compiled) ? compiled : undefined;
  }

  #compiled(filter: string, kind: ObjectLayer) {
    return compiledFilter(filter, vocabularyOf(kind, this.names(kind), this.#needs.found.store(kind).classes));
  }

  /** @throws EosinError BadInput with the place of what is wrong; as `column` */
  async where(filter: string, kind: ObjectLayer, waits: Waits): Promise<Selection> {
    const compiled = this.#compiled(filter, kind);
    if (isFault(compiled)) throw filterError(compiled);
    const columns = new Map<string, Float32Array>();
    for (const name of compiled.uses) columns.set(name, await this.column(kind, name, waits));
    await this.#needs.found.settled();
    const { classIndex } = this.#needs.found.store(kind).columns;
    const none = new Float32Array(0);
    const values = { classIndex, column: (name: string) => columns.get(name) ?? none };
    return { kind, rows: await rowsWhere(compiled, values, waits) };
  }

  /**
   * The objects that a filter chooses are marked on the slide.
   * @param within of a region only @throws as `where`
   */
  async select(filter: string, kind: ObjectLayer, waits: Waits, within?: Region): Promise<Selection> {
    const chosen = await this.where(filter, kind, waits);
    const selection = within
      ? intersection(chosen, { kind, rows: rowsWithin(this.#needs.found.store(kind), within) })
      : chosen;
    this.#within = within;
    this.#own = selection;
    this.#needs.stores.selection.setState({ brushed: selection });
    this.state.setState({ brushedBy: filter });
    return selection;
  }

  /** The objects of a kind are coloured by a measure from now on, or by their class again. @throws as `column` */
  async colourBy(kind: ObjectLayer, name: string | undefined, waits: Waits): Promise<void> {
    const { viewer, found } = this.#needs;
    const known = this.names(kind).find((one) => one.name === name);
    const tell = (by: string | undefined): void =>
      this.state.setState(({ colouredBy }) => ({ colouredBy: { ...colouredBy, [kind]: by } }));
    if (!known) {
      tell(undefined);
      return viewer.setColourBy(kind, undefined);
    }
    tell(known.name);
    const ascending = await this.order(kind, known.name, waits);
    const values = await this.column(kind, known.name, waits);
    const { unknown } = summaryOf(values, ascending);
    const at = (share: number): number => quantileOf(values, ascending, ascending.length - unknown, share);
    const [low, high] = [at(COLOUR_TAIL), at(1 - COLOUR_TAIL)];
    const { version } = found.store(kind);
    const said = { name: known.label, unit: this.unit(known), hasMean: hasMean(known) };
    viewer.setColourBy(kind, { kind, ...said, values, low, high, version });
  }

  /** Nothing is marked any more. */
  clear(): void {
    this.#own = undefined;
    this.state.setState({ brushedBy: undefined });
    this.#needs.stores.selection.setState({ brushed: undefined });
  }

  /** Rows have moved: what a filter chose is chosen anew, all else is let go. */
  async brushAgain(kind: ObjectLayer): Promise<void> {
    const { brushedBy } = this.state.getState();
    this.clear();
    if (brushedBy === undefined || this.fault(brushedBy, kind)) return;
    await this.attempt(() => this.select(brushedBy, kind, unhurried(), this.#within));
  }

  /**
   * Reads every tile that holds objects once, unless that was done. A second call for the same waits for the first.
   * @throws the signal's reason; EosinError BadInput while a run goes on; what reading throws
   */
  async measureStains(kind: ObjectLayer, { signal }: Waits): Promise<GroupColumns> {
    const kept = this.book.stains(kind);
    if (kept) return kept;
    const { slides, found, stores } = this.#needs;
    const slide = slides.opened()?.slide;
    if (!slide) throw new EosinError(noSlide);
    if (stores.run.getState().progress) throw new EosinError(whileRunning);
    await this.#kept.recall();
    const recalled = this.book.stains(kind);
    if (recalled) return recalled;
    await found.settled();
    this.#reading?.abort(new DOMException('Other stains are read now.', 'AbortError'));
    const reading = new AbortController();
    this.#reading = reading;
    const tell = (share: number): void => this.state.setState({ working: { what: 'Reading stains', share } });
    try {
      tell(0);
      const { columns, failedTiles } = await measureStains(
        {
          slide,
          mpp: slides.mpp(),
          objects: found.store(kind),
          vectors: this.state.getState().vectors,
          work: this.#work,
          onProgress: (done, total) => tell(done / total),
        },
        { signal: AbortSignal.any([signal, reading.signal]) },
      );
      const group: GroupColumns = new Map(Object.entries(columns));
      this.book.keepStains(kind, group);
      if (failedTiles === 0) this.#kept.keep(kind, group);
      const problem =
        failedTiles > 0 ? `${failedTiles} tiles would not decode: stains on them are not known.` : undefined;
      this.state.setState(({ version }) => ({ version: version + 1, problem }));
      return group;
    } finally {
      if (this.#reading === reading) {
        this.#reading = undefined;
        this.state.setState({ working: undefined });
      }
    }
  }

  /** Measured elsewhere with the vectors that are set, of the same objects in the same order. */
  takeStains(kind: ObjectLayer, columns: GroupColumns): void {
    this.book.keepStains(kind, columns);
    this.#kept.keep(kind, columns);
    this.state.setState(({ version }) => ({ version: version + 1 }));
  }

  /** What goes on is left off. */
  stopReading(): void {
    this.#reading?.abort(new DOMException('Stopped.', 'AbortError'));
  }

  /** The published ones, or one's own. What was measured with others is dropped. @throws EosinError BadInput */
  setVectors(vectors: StainVectors, from: 'published' | 'slide' | 'hand' = 'hand'): void {
    const wrong = whatIsWrong(vectors);
    if (wrong !== undefined) {
      const todo = 'Give red, green and blue of each stain, optical densities above 0.';
      throw new EosinError({ tag: 'BadInput', what: 'The stain vectors', seen: wrong, todo });
    }
    this.stopReading();
    this.book.forgetStains();
    this.state.setState(({ version }) => ({ vectors, vectorsFrom: from, version: version + 1 }));
    this.#kept.setVectors({ vectors, from });
  }

  publishedVectors(): void {
    this.setVectors(RUIFROK_JOHNSTON, 'published');
  }

  /** From a sample of the slide's tissue, by Macenko's method. @throws EosinError TooLittleTissue; what reading throws */
  async estimateVectors(waits: Waits): Promise<StainVectors> {
    const { slides, regions } = this.#needs;
    const slide = slides.opened()?.slide;
    if (!slide) throw new EosinError(noSlide);
    this.state.setState({ working: { what: 'Looking at the stains', share: undefined } });
    try {
      const tissue = await regions.tissue(waits);
      const isTissue = (rect: Parameters<typeof meets>[1]): boolean => meets(tissue, rect);
      const vectors = await estimateSlideStains({ slide, mpp: slides.mpp(), isTissue, work: this.#work }, waits);
      this.setVectors(vectors, 'slide');
      return vectors;
    } finally {
      this.state.setState({ working: undefined });
    }
  }

  /** Runs what may fail for a reason that a person should read; shows the reason. */
  async attempt(what: () => Promise<unknown>): Promise<void> {
    this.state.setState({ problem: undefined });
    try {
      await what();
    } catch (thrown) {
      if (!isAbort(thrown)) this.tellProblem(thrown);
    }
  }

  tellProblem(thrown: unknown): void {
    this.state.setState({ problem: thrown instanceof Error ? thrown.message : String(thrown) });
  }

  /** The objects have changed: at rest they are coloured anew. */
  changed(): void {
    this.state.setState(({ version }) => ({ version: version + 1 }));
    if (this.#needs.stores.run.getState().progress) return;
    void this.#kept.recall();
    for (const kind of OBJECT_LAYERS) {
      const by = this.state.getState().colouredBy[kind];
      if (by !== undefined) void this.attempt(() => this.colourBy(kind, by, unhurried()));
    }
  }

  /** Another slide: nothing of the last one stays. */
  forget(): void {
    this.stopReading();
    this.#kept.forget();
    this.book.forget();
    this.#orders.clear();
    const { setState } = this.state;
    setState(({ version }) => ({
      classIndex: undefined,
      brushedBy: undefined,
      fault: undefined,
      colouredBy: {},
      problem: undefined,
      vectors: RUIFROK_JOHNSTON,
      vectorsFrom: 'published',
      version: version + 1,
    }));
  }
}

const COLOUR_TAIL = 0.02; // of the values on either side take the colours of the ends
const ORDERS_KEPT = 2; // 4 MB each for a million rows

const whileRunning = {
  tag: 'BadInput',
  what: 'The stains',
  seen: 'a run goes on, and objects still change',
  todo: 'Measure once it has ended.',
} as const;

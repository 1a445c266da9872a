// What goes out to files and comes in from them, for the open slide. Loaded when first needed.

import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { ObjectColumns, ObjectKind } from '#objects/columns.ts';
import type { Refused, SlideFrame } from '#objects/io/feature-objects.ts';
import { noGeoJSON } from '#objects/io/feature-stream.ts';
import { type Files, openFiles, type ToldWaits } from '#objects/io/open-files.ts';
import { tableOf } from '#objects/io/table.ts';
import { MOST_BROUGHT } from '#objects/measures/brought.ts';
import type { Slide } from '#slide/slide.ts';
import { version } from '../../../package.json';
import type { FilesNeeds } from '../lazy-files.ts';
import { once } from '../once.ts';
import { openShelf } from '../slide-log.ts';
import { noSlide } from '../slide-session.ts';
import type { ObjectLayer } from '../stores/layers-store.ts';
import { OBJECT_LAYERS } from '../stores/objects-store.ts';
import { notify } from '../stores/window-store.ts';
import { withoutThose } from './already-there.ts';
import { AnnotationDesk } from './annotation-desk.ts';
import { BroughtDesk } from './brought-desk.ts';
import { LeaveGuard } from './leave-guard.ts';
import { readSession, type Shown, sessionFile, showSession, whyNotOf } from './session.ts';
import { StagedObjects } from './staged.ts';

/** What an image can be of. */
export type ImageOf = 'tissue' | 'attention' | 'difference' | ObjectLayer;

export interface Imported {
  readonly imported: number; //              features
  readonly refused: readonly Refused[];
  readonly already: number; //               objects that were on the slide, the same to the bit
  readonly byKind: Readonly<Record<ObjectKind, number>>; // objects that came
  readonly isBehind: boolean; //             the disk does not hold all of them yet
}

export class FileDesk {
  readonly #needs: FilesNeeds;
  readonly files: Files;
  readonly #annotations: AnnotationDesk;
  readonly #brought: BroughtDesk;
  readonly #guard: LeaveGuard;
  #onScreen = new AbortController(); // aborted when the slide leaves the screen
  /** What the last file said, for the list on screen. */
  last: (Imported & { readonly name: string }) | undefined;

  /** @param files the worker; a test brings its own, as it does the page that could be left */
  constructor(
    needs: FilesNeeds,
    files: Files = openFiles(),
    storage = once(() => openShelf('annotations')),
    page: EventTarget = window,
  ) {
    this.#guard = new LeaveGuard(page);
    this.#needs = needs;
    this.files = files;
    this.#annotations = new AnnotationDesk(needs, files, storage);
    this.#brought = new BroughtDesk(needs, storage);
    needs.slides.onChange(() => this.leave());
  }

  /** The slide is left: what was changed is still written. */
  leave(): void {
    this.#onScreen.abort(new DOMException('The slide was closed.', 'AbortError'));
    this.#onScreen = new AbortController();
    this.#annotations.leave();
    this.#brought.leave();
  }

  /** Annotations of before come back onto the slide, and what files brought. */
  async lookUp(): Promise<void> {
    const slide = this.#needs.slides.opened()?.slide;
    if (!slide) return;
    const onScreen = this.#onScreen;
    const lost = await this.#annotations.lookUp(slide, this.#frame(), onScreen);
    if (!onScreen.signal.aborted) await this.#brought.lookUp(slide, onScreen, lost);
  }

  async exportGeoJSON(kinds: readonly ObjectKind[], gzip: boolean, waits: ToldWaits): Promise<Blob> {
    const { found, slides } = this.#needs;
    await found.settled();
    const chosen = OBJECT_LAYERS.filter((kind) => kinds.includes(kind)).map((kind) => found.store(kind).columns);
    return this.files.writeGeoJSON(chosen, { mpp: slides.mpp(), gzip }, waits);
  }

  /** All that is known of the objects of a kind, a row each. @throws what measuring throws */
  async exportTable(kind: ObjectLayer, as: 'csv' | 'parquet', waits: ToldWaits): Promise<Blob> {
    const { found, measures, slides } = this.#needs;
    const slide = this.#slide();
    const session = await measures.session();
    await found.settled();
    const known = await session.of(kind, waits);
    const { columns, version } = found.store(kind);
    if (version !== known.version) throw new EosinError(whileChanging);
    const size = slides.mpp();
    const about = {
      'eosin.slide': slide.name,
      'eosin.kind': kind,
      ...(size && { 'eosin.um_per_px': `${size.x}, ${size.y}` }),
    };
    return this.files.writeTable(tableOf(columns, known), columns.count, { as, about }, waits);
  }

  /**
   * Onto the open slide once the whole file is read: who leaves before finds it as it was. What is there already stays.
   * @param waits.onProgress features so far
   * @throws EosinError BadInput where nothing could be taken
   */
  async importGeoJSON(file: Blob, { signal: asked, onProgress }: ToldWaits): Promise<Imported> {
    this.#slide(); // there is one
    const onScreen = this.#onScreen;
    const signal = AbortSignal.any([asked, onScreen.signal]);
    await this.lookUp();
    const refused: Refused[] = [];
    const byKind: Record<ObjectKind, number> = { nuclei: 0, glands: 0, lumina: 0, annotations: 0 };
    const before = new Map(OBJECT_LAYERS.map((kind) => [kind, this.#needs.found.store(kind).columns.count]));
    const staged = new StagedObjects();
    let [imported, already] = [0, 0];
    for await (const batch of this.files.readGeoJSON(file, this.#frame(), { signal })) {
      for (const columns of batch.objects) {
        const fresh = (before.get(columns.kind) ?? 0) > 0 ? this.#without(columns) : columns; // of one file, all are meant
        already += columns.count - fresh.count;
        byKind[columns.kind] += fresh.count;
        staged.add(fresh);
      }
      refused.push(...batch.refused);
      imported = batch.imported;
      onProgress?.(imported);
    }
    const [first] = refused;
    if (imported === 0 && first) throw noGeoJSON(first.why, refused.length);
    signal.throwIfAborted();
    const [objects, annotations] = [staged.ofRuns(), staged.of('annotations')];
    const landing = staged.land(this.#needs.found, onScreen);
    this.#guard.until(landing);
    await landing;
    refused.push(...this.#unofferedNames());
    const name = file instanceof File ? file.name : 'The file';
    const keeping = [this.#brought.keep(name, objects), this.#annotations.keep(name, annotations)];
    this.#guard.until(this.written());
    const isBehind = (await Promise.all(keeping)).includes(true);
    this.last = { imported, refused, already, byKind, name, isBehind };
    return this.last;
  }

  /** The map of tissue classes, of attention, the difference on screen, or the objects of a kind as labels. @throws EosinError BadInput where there is none */
  async exportImage(of: ImageOf, waits: Waits): Promise<Blob> {
    const { found, attention, compared } = this.#needs;
    const { attentionFile, differenceFile, labelFile, tissueFile } = await import('./map-files.ts');
    await found.settled();
    if (of === 'tissue') return tissueFile(found, this.#frame(), this.files, waits);
    if (of === 'attention') return attentionFile(attention, this.#frame(), this.files, waits);
    if (of === 'difference') return differenceFile(compared, attention, this.#frame(), this.files, waits);
    return labelFile(found.store(of), this.#frame(), this.files, waits);
  }

  /** What is on the slide and how it came, to read and to print. */
  async exportReport(waits: Waits): Promise<Blob> {
    const { reportFile } = await import('./report.ts');
    return reportFile(this.#needs, `Eosin ${version}`, waits);
  }

  /** All of what is on the slide, how it came and how it is shown, as one file. */
  exportSession(waits: Waits): Promise<Blob> {
    return sessionFile(this.#needs, this.files, `Eosin ${version}`, waits);
  }

  /**
   * Of the open slide only: of another, nothing is shown and why is told.
   * @throws EosinError BadInput where it is no session, or damaged
   */
  async openSession(
    file: Blob,
    asked: Waits,
  ): Promise<{ readonly why: string | undefined; readonly shown: Shown | undefined }> {
    this.#slide(); // there is one
    const onScreen = this.#onScreen;
    const waits = { signal: AbortSignal.any([asked.signal, onScreen.signal]) };
    const session = await readSession(file, waits);
    const why = await whyNotOf(session, this.#needs, waits);
    if (why !== undefined) return { why, shown: undefined };
    await this.lookUp();
    const staged = new StagedObjects();
    const add = (objects: ObjectColumns): void =>
      staged.add(objects.kind === 'annotations' ? this.#without(objects) : objects);
    const land = async (): Promise<void> => {
      const [objects, annotations] = [staged.ofRuns(), staged.of('annotations')];
      await staged.land(this.#needs.found, onScreen);
      const name = file instanceof File ? file.name : 'a session';
      const keeping = [this.#brought.keepSession(name, objects), this.#annotations.keep(name, annotations)];
      this.#guard.until(this.written());
      await Promise.all(keeping);
    };
    const stage = { frame: this.#frame(), slide: onScreen, add, land };
    const shown = await showSession(session, this.#needs, this.files, stage, waits);
    return { why: undefined, shown };
  }

  /** Resolves once what was brought is on disk, or cannot be. */
  async written(): Promise<void> {
    await this.#annotations.written();
    await this.#brought.written();
  }

  /** What files brought, from the slide and the disk; it can be brought back once. */
  async takeAwayBrought(): Promise<void> {
    await this.lookUp();
    if (this.#brought.isAny) await this.#brought.takeAway(this.#onScreen);
    else notify(this.#needs.stores.window, { text: 'No file brought anything onto this slide.', seconds: 4 });
  }

  async bringBackBrought(): Promise<void> {
    await this.#brought.bringBack(this.#onScreen);
    this.#guard.until(this.written());
  }

  /** The annotation that is selected; it can be brought back once. */
  removeAnnotation(): void {
    this.#annotations.removeSelected();
    this.#guard.until(this.written());
  }

  bringBack(): void {
    this.#annotations.bringBack();
    this.#guard.until(this.written());
  }

  /** Files may bring more measurements than tables and filters take. */
  #unofferedNames(): Refused[] {
    return OBJECT_LAYERS.flatMap((kind) => {
      const names = this.#needs.found.store(kind).columns.extras?.names ?? [];
      const first = names[MOST_BROUGHT];
      if (first === undefined) return [];
      const all = names.length.toLocaleString('en-US');
      const why = `${kind} have ${all} measurements of files by now: the first ${MOST_BROUGHT} can be filtered, plotted and saved as CSV or Parquet; those from ${first} on stay with their objects, and GeoJSON has all of them`;
      return [{ feature: 0, why, partly: true }];
    });
  }

  #without(columns: ObjectColumns): ObjectColumns {
    return withoutThose(columns, this.#needs.found.store(columns.kind));
  }

  #slide(): Slide {
    const slide = this.#needs.slides.opened()?.slide;
    if (!slide) throw new EosinError(noSlide);
    return slide;
  }

  #frame(): SlideFrame {
    const [level] = this.#slide().levels;
    return { widthPx: level?.widthPx ?? 0, heightPx: level?.heightPx ?? 0, mpp: this.#needs.slides.mpp() };
  }
}

const whileChanging = {
  tag: 'BadInput',
  what: 'The table',
  seen: 'objects changed while it was made',
  todo: 'Save it once the run has ended.',
} as const;

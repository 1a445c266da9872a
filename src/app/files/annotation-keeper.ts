// Annotations of the open slide, kept by the browser beside it: whatever a person brings or takes away is written behind what goes
// on, and is there again when the slide is opened next, whatever its name. A change is a record of its own, however many there are.
//
//   mark        uint8
//   text        some annotations as GeoJSON, as Eosin kept them before: read, never written
//   removed     JSON [x, y], level-0 px: those with just this centroid are gone
//   packed      a record of those a file brought, brought-records.ts
import { unhurried } from '#channel/waits.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import type { SlideFrame } from '#objects/io/feature-objects.ts';
import type { Files } from '#objects/io/open-files.ts';
import type { Slide } from '#slide/slide.ts';
import type { OpenLog, Storage } from '#storage/storage.ts';
import type { Point } from '#units/rect.ts';
import { bytesOf, readNote } from '../kept-log.ts';
import { SlideLog } from '../slide-log.ts';
import { BroughtReader, type BroughtSoFar, recordsOf, told } from './brought-records.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const MARK = { text: 1, removed: 2, packed: 3 } as const;
const KEPT = {
  kind: 'annotations',
  what: 'the annotations of this slide',
  noDisk: 'This browser gives the page no disk.',
};

export class AnnotationKeeper {
  readonly #files: Files;
  readonly #log: SlideLog;
  #found: Promise<void> = Promise.resolve();

  /**
   * @param storage undefined where the browser gives no disk
   * @param tell why annotations live with the tab only, a sentence
   */
  constructor(storage: () => Promise<Storage | undefined>, files: Files, tell: (whyInMemory: string) => void) {
    this.#files = files;
    this.#log = new SlideLog(storage, KEPT, tell);
  }

  /** Hands over what is kept of a slide, once. Never fails: what cannot be read or kept is told. */
  async open(slide: Slide, frame: SlideFrame, show: (kept: BroughtSoFar) => Promise<void>): Promise<void> {
    if (!this.#log.isOf(slide)) {
      this.forget();
      this.#found = this.#open(slide, frame, show);
    }
    await this.#found;
  }

  async #open(slide: Slide, frame: SlideFrame, show: (kept: BroughtSoFar) => Promise<void>): Promise<void> {
    const reader = new BroughtReader();
    await this.#log.open(slide, (log) => this.#read(log, slide, frame, reader));
    if (!this.#log.isOf(slide)) return;
    const kept = reader.done(); // also where the log could not be read to its end
    if (kept.stores.size > 0 || kept.cutOff.length > 0) await show(kept);
    if (kept.cutOff.length > 0 && this.#log.isOf(slide)) this.#log.write((log) => append(log, MARK.packed, told()));
  }

  async #read(log: OpenLog, slide: Slide, frame: SlideFrame, reader: BroughtReader): Promise<void> {
    for await (const record of log.records(unhurried())) {
      if (!this.#log.isOf(slide)) return;
      const body = record.subarray(1);
      if (record[0] === MARK.packed) await reader.take(body);
      else if (record[0] === MARK.removed) {
        reader.sum.stores.get('annotations')?.removeAt(placeOf(body));
      } else if (record[0] === MARK.text) {
        for await (const { objects } of this.#files.readGeoJSON(new Blob([body]), frame, unhurried()))
          for (const columns of objects) reader.sum.add(columns);
      }
    }
  }

  /** @param name of the file they are from @param objects lent: a snapshot */
  added(name: string, objects: ObjectColumns): void {
    this.#log.write(async (log) => {
      for (const record of recordsOf({ name, objects: [objects], inPlaceOfAll: undefined }))
        await append(log, MARK.packed, record);
    });
  }

  removed({ x, y }: Point): void {
    this.#log.write((log) => append(log, MARK.removed, bytesOf([x, y])));
  }

  /** Resolves once all changes so far are on disk, or cannot be. */
  async written(): Promise<void> {
    await this.#log.written();
  }

  /** The slide is left: what was changed is still written. */
  forget(): void {
    this.#log.forget();
    this.#found = Promise.resolve();
  }
}

function append(log: OpenLog, mark: number, body: Bytes): Promise<void> {
  const record = new Uint8Array(1 + body.length);
  record[0] = mark;
  record.set(body, 1);
  return log.append(record, unhurried());
}

/** NaN, where nothing lies, if it is none. */
function placeOf(body: Bytes): Point {
  const place = readNote(body);
  const [x, y]: unknown[] = Array.isArray(place) ? place : [];
  return { x: typeof x === 'number' ? x : Number.NaN, y: typeof y === 'number' ? y : Number.NaN };
}

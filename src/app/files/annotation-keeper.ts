// Annotations of the open slide, kept by the browser beside it: whatever a person brings or takes away is written at once, and is
// there again when the slide is opened next, whatever its name. Records are GeoJSON as it leaves Eosin.
import { unhurried } from '#channel/waits.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import type { SlideFrame } from '#objects/io/feature-objects.ts';
import type { Files } from '#objects/io/open-files.ts';
import type { Slide } from '#slide/slide.ts';
import type { Storage } from '#storage/storage.ts';
import type { Point } from '#units/rect.ts';
import { SlideLog } from '../slide-log.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Where they are shown. */
export interface AnnotationsShown {
  bring(objects: ObjectColumns): void;
  remove(kind: 'annotations', at: Point): void;
}

const MARK = { objects: 1, removed: 2 } as const; // first byte of a record
const KEPT = {
  kind: 'annotations',
  what: 'the annotations of this slide',
  noDisk: 'This browser gives the page no disk.',
};

export class AnnotationKeeper {
  readonly #files: Files;
  readonly #shown: AnnotationsShown;
  readonly #log: SlideLog;

  /**
   * @param storage undefined where the browser gives no disk
   * @param tell why annotations live with the tab only, a sentence
   */
  constructor(
    storage: () => Promise<Storage | undefined>,
    files: Files,
    shown: AnnotationsShown,
    tell: (whyInMemory: string) => void,
  ) {
    [this.#files, this.#shown] = [files, shown];
    this.#log = new SlideLog(storage, KEPT, tell);
  }

  /** Shows what is kept of a slide, once. Never fails: what cannot be read or kept is told. */
  async open(slide: Slide, frame: SlideFrame): Promise<void> {
    await this.#log.open(slide, async (log) => {
      for await (const record of log.records(unhurried())) {
        if (!this.#log.isOf(slide)) break;
        await this.#show(record, frame);
      }
    });
  }

  added(objects: ObjectColumns): void {
    this.#write(async () => {
      const file = await this.#files.writeGeoJSON([objects], { mpp: undefined, gzip: false }, unhurried());
      return marked(MARK.objects, new Uint8Array(await file.arrayBuffer()));
    });
  }

  removed({ x, y }: Point): void {
    this.#write(async () => marked(MARK.removed, new TextEncoder().encode(JSON.stringify([x, y]))));
  }

  /** Resolves once all changes so far are on disk, or cannot be. */
  async written(): Promise<void> {
    await this.#log.written();
  }

  /** The slide is left: what was changed is still written. */
  forget(): void {
    this.#log.forget();
  }

  #write(record: () => Promise<Bytes>): void {
    this.#log.write(async (log) => log.append(await record(), unhurried()));
  }

  async #show(record: Bytes, frame: SlideFrame): Promise<void> {
    const body = record.subarray(1);
    if (record[0] === MARK.objects) {
      for await (const { objects } of this.#files.readGeoJSON(new Blob([body]), frame, unhurried()))
        for (const columns of objects) this.#shown.bring(columns);
    } else if (record[0] === MARK.removed) {
      const at: unknown = JSON.parse(new TextDecoder().decode(body));
      if (!Array.isArray(at)) return;
      const [x, y]: unknown[] = at;
      if (typeof x === 'number' && typeof y === 'number') this.#shown.remove('annotations', { x, y });
    }
  }
}

function marked(mark: number, body: Uint8Array): Bytes {
  const record = new Uint8Array(1 + body.length);
  record[0] = mark;
  record.set(body, 1);
  return record;
}

// Annotations of the open slide, kept by the browser beside it: whatever a person brings or takes away is written at once, and is
// there again when the slide is opened next, whatever its name. Records are GeoJSON as it leaves Eosin.
import { unhurried } from '#channel/waits.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import type { SlideFrame } from '#objects/io/feature-objects.ts';
import type { Files } from '#objects/io/open-files.ts';
import type { Slide } from '#slide/slide.ts';
import type { OpenLog, Storage } from '#storage/storage.ts';
import type { Point } from '#units/rect.ts';
import { bytesOf, keptLog, nameable, whyNotOnDisk } from '../kept-log.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Where they are shown. */
export interface AnnotationsShown {
  bring(objects: ObjectColumns): void;
  remove(kind: 'annotations', at: Point): void;
}

const MARK = { objects: 1, removed: 2 } as const; // first byte of a record
const NEEDED_BYTES = 2 ** 20;

export class AnnotationKeeper {
  readonly #storage: () => Promise<Storage | undefined>;
  readonly #files: Files;
  readonly #shown: AnnotationsShown;
  readonly #tell: (whyInMemory: string) => void;
  #slide: Slide | undefined;
  #log: Promise<OpenLog | undefined> = Promise.resolve(undefined);
  #writing: Promise<void> = Promise.resolve();

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
    [this.#storage, this.#files, this.#shown, this.#tell] = [storage, files, shown, tell];
  }

  /** Shows what is kept of a slide, once. Never fails: what cannot be read or kept is told. */
  async open(slide: Slide, frame: SlideFrame): Promise<void> {
    if (this.#slide !== slide) {
      this.forget();
      this.#slide = slide;
      this.#log = this.#open(slide, frame);
    }
    await this.#log;
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
    await this.#writing;
  }

  /** The slide is left: what was changed is still written. */
  forget(): void {
    const [log, writing] = [this.#log, this.#writing];
    [this.#slide, this.#log] = [undefined, Promise.resolve(undefined)];
    void writing.then(async () => (await log)?.[Symbol.dispose]());
  }

  #write(record: () => Promise<Bytes>): void {
    const opening = this.#log;
    this.#writing = this.#writing.then(async () => {
      const log = await opening;
      if (!log) return;
      try {
        await log.append(await record(), unhurried());
      } catch (thrown) {
        this.#tell(whyInMemory(thrown));
      }
    });
  }

  async #open(slide: Slide, frame: SlideFrame): Promise<OpenLog | undefined> {
    try {
      const storage = await this.#storage();
      if (!storage) {
        this.#tell('This browser gives the page no disk.');
        return undefined;
      }
      const log = await logOf(storage, await slide.fingerprint(unhurried()));
      for await (const record of log.records(unhurried())) {
        if (this.#slide !== slide) break;
        await this.#show(record, frame);
      }
      return log;
    } catch (thrown) {
      this.#tell(whyInMemory(thrown));
      return undefined;
    }
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

function logOf(storage: Storage, fingerprint: string): Promise<OpenLog> {
  const name = `annotations-${nameable(fingerprint, 40)}`;
  const header = bytesOf({ schema: 1, kind: 'annotations', fingerprint });
  return keptLog(storage, { name, header, neededBytes: NEEDED_BYTES }, unhurried());
}

function marked(mark: number, body: Uint8Array): Bytes {
  const record = new Uint8Array(1 + body.length);
  record[0] = mark;
  record.set(body, 1);
  return record;
}

const whyInMemory = (thrown: unknown): string => whyNotOnDisk(thrown, 'the annotations of this slide');

// Labels of the open slide and which heads learn from them: from the disk when it is first learnt on, and back after every
// change. Heads themselves are not kept: from the same labels and features they come out the same, in a moment.
import { unhurried, type Waits } from '#channel/waits.ts';
import type { Slide } from '#slide/slide.ts';
import type { OpenLog } from '#storage/storage.ts';
import { readNote } from '../kept-log.ts';
import type { LabelsKept } from '../learn/labels.ts';
import { LatestNote, type LearningShelf, whyInMemory } from './learning-shelf.ts';

/** A head as far as it has to be trained again. */
export interface KeptHead {
  readonly encoder: string;
  readonly block: string;
  readonly hidden: number; // 0: logistic
}

/** Labels, and which heads learn from them. */
export interface LabelledKept extends LabelsKept {
  readonly heads: readonly KeptHead[];
}

/** Of patches, and of objects by their kind. */
export interface LearningKept extends LabelledKept {
  readonly objects?: Readonly<Record<string, LabelledKept>>;
}

/** What is kept, and where it goes back to. */
export interface KeptSource {
  kept(): LearningKept;
  restore(kept: LearningKept): void;
}

interface Keeping {
  readonly log: OpenLog;
  readonly note: LatestNote;
}

export class LabelKeeper {
  readonly #shelf: (waits: Waits) => Promise<LearningShelf | undefined>;
  readonly #source: KeptSource;
  readonly #tell: (whyInMemory: string) => void;
  #slide: Slide | undefined;
  #opening: Promise<Keeping | undefined> | undefined;
  #keeping: Keeping | undefined;

  constructor(
    shelf: (waits: Waits) => Promise<LearningShelf | undefined>,
    source: KeptSource,
    tell: (whyInMemory: string) => void,
  ) {
    this.#shelf = shelf;
    this.#source = source;
    this.#tell = tell;
  }

  /** Once a slide. Never fails: what cannot be read or kept is told, and labels live with the tab. */
  async open(slide: Slide): Promise<void> {
    if (this.#slide !== slide) {
      this.forget();
      this.#slide = slide;
      this.#opening = this.#open(slide);
    }
    await this.#opening;
  }

  /** To be called after every change of the labels. */
  changed(): void {
    this.#keeping?.note.set(this.#source.kept());
  }

  /** Resolves once all changes so far are on disk, or cannot be. */
  async written(): Promise<void> {
    await this.#keeping?.note.written();
  }

  /** The slide is left: what was changed is still written. */
  forget(): void {
    const [opening, keeping] = [this.#opening, this.#keeping];
    [this.#slide, this.#opening, this.#keeping] = [undefined, undefined, undefined];
    void opening?.then(async (open) => {
      await (keeping ?? open)?.note.written();
      open?.log[Symbol.dispose]();
    });
  }

  async #open(slide: Slide): Promise<Keeping | undefined> {
    const waits = unhurried();
    try {
      const shelf = await this.#shelf(waits);
      if (!shelf) return undefined;
      const log = await shelf.labels(await slide.fingerprint(waits), waits);
      const kept = learningOf(await log.note(waits));
      const keeping = {
        log,
        note: new LatestNote(
          (note, during) => log.setNote(note, during),
          (thrown) => this.#failed(thrown),
        ),
      };
      if (this.#slide !== slide) return keeping;
      if (kept) this.#source.restore(kept);
      this.#keeping = keeping;
      return keeping;
    } catch (thrown) {
      this.#failed(thrown);
      return undefined;
    }
  }

  #failed(thrown: unknown): void {
    this.#tell(whyInMemory(thrown));
  }
}

/** Undefined where there are none, or none that can be read. */
export function learningOf(note: Uint8Array<ArrayBuffer> | undefined): LearningKept | undefined {
  const value = readNote(note);
  const patches = labelsOf(value);
  if (!patches || typeof value !== 'object' || value === null || !('objects' in value)) return patches;
  const kinds = Object.entries(value.objects ?? {}).flatMap(([kind, one]: [string, unknown]) => {
    const labels = labelsOf(one);
    return labels ? [[kind, labels] as const] : [];
  });
  return { ...patches, objects: Object.fromEntries(kinds) };
}

function labelsOf(value: unknown): LabelledKept | undefined {
  if (typeof value !== 'object' || value === null || !('classes' in value) || !('labels' in value)) return undefined;
  const { classes, labels } = value;
  if (!Array.isArray(classes) || !Array.isArray(labels)) return undefined;
  const named = classes.flatMap((one: unknown) => {
    if (typeof one !== 'object' || one === null || !('name' in one) || !('color' in one)) return [];
    const { name, color } = one;
    return typeof name === 'string' && typeof color === 'string' ? [{ name, color }] : [];
  });
  const places = labels.flatMap((one: unknown): (readonly [string, number])[] => {
    if (!Array.isArray(one)) return [];
    const [place, index]: unknown[] = one;
    const isLabel = typeof place === 'string' && typeof index === 'number' && index in named;
    return isLabel ? [[place, index]] : [];
  });
  return { classes: named, labels: places, heads: headsOf('heads' in value ? value.heads : undefined) };
}

function headsOf(value: unknown): KeptHead[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown): KeptHead[] => {
    if (typeof one !== 'object' || one === null || !('encoder' in one && 'block' in one && 'hidden' in one)) return [];
    const { encoder, block, hidden } = one;
    const isHead = typeof encoder === 'string' && typeof block === 'string' && typeof hidden === 'number';
    return isHead ? [{ encoder, block, hidden }] : [];
  });
}

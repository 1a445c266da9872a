// Objects as the slide shows them: in the classes of the run, or in others that something gives them for as long as it is
// looked at. What the run said of them stays as it is, in counts, files and reports.
import type { ObjectClass } from '#objects/columns.ts';
import type { ObjectSource } from '#viewer/viewer-api.ts';
import type { FoundObjects } from './found-objects.ts';
import type { ObjectLayer } from './stores/layers-store.ts';

export interface OtherClasses {
  readonly version: number; //                       of the object store: of another one they are not shown
  readonly classes: readonly ObjectClass[];
  readonly classIndex: Uint8Array<ArrayBuffer>; //   [rows of the store's columns] into classes
}

export class DrawnObjects {
  readonly #found: FoundObjects;
  readonly #others = new Map<ObjectLayer, { readonly of: OtherClasses; readonly source: ObjectSource }>();
  readonly #listeners = new Set<() => void>();

  constructor(found: FoundObjects) {
    this.#found = found;
  }

  /** Undefined gives the run's classes back. */
  show(kind: ObjectLayer, of: OtherClasses | undefined): void {
    if (!of && !this.#others.has(kind)) return;
    const { live } = this.#found.store(kind);
    if (of) {
      const { classes, classIndex, version } = of;
      const source = { ...live, columns: { ...live.columns, classes, classIndex }, isGone: live.isGone, version };
      this.#others.set(kind, { of, source });
    } else this.#others.delete(kind);
    for (const listener of this.#listeners) listener();
  }

  /** Undefined where nobody has looked for this kind. */
  source(kind: ObjectLayer): ObjectSource | undefined {
    if (!this.#found.has(kind)) return undefined;
    return this.#other(kind)?.source ?? this.#found.store(kind).live;
  }

  /** The classes of `source`; where they are not the run's, all of them are shown. */
  classes(kind: ObjectLayer): { readonly count: number; readonly areOfRun: boolean } {
    const other = this.#other(kind);
    return { count: (other?.of ?? this.#found.store(kind)).classes.length, areOfRun: other === undefined };
  }

  /** Calls after each `show`; the result ends it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #other(kind: ObjectLayer): { readonly of: OtherClasses; readonly source: ObjectSource } | undefined {
    const other = this.#others.get(kind);
    return other?.of.version === this.#found.store(kind).live.version ? other : undefined;
  }
}

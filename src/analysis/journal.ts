// What is committed of a run: a patch counts as done once the journal has taken it. What a journal holds need not be
// computed again: a run replays it first.
import type { Waits } from '#channel/waits.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import type { GridPatch } from '#objects/grid.ts';
import type { CoreMap } from './postprocess/core-map.ts';

export interface JournalEntry {
  readonly col: number; // of the core, on the grid anchored at the slide's origin
  readonly row: number;
  /** Beside the plan: looked at for the glands that reach over it, and counted nowhere else. */
  readonly around: boolean;
  readonly nuclei: ObjectColumns | undefined; // lent: copied or written before `append` resolves
  readonly tissue: GridPatch | undefined; //     lent likewise
  readonly core: CoreMap | undefined; //         lent likewise: what the mosaic of glands and lumina takes of it
}

export interface Journal {
  /** @throws EosinError where the entry could not be kept (StorageFull, ...); the patch then counts as failed */
  append(entry: JournalEntry, waits: Waits): Promise<void>;
  /**
   * In the order committed, each the caller's own. Those appended meanwhile may or may not be among them.
   * @throws EosinError where it cannot be read
   */
  entries(waits: Waits): AsyncGenerator<JournalEntry, void, undefined>;
}

/** Bytes that a journal writes to: the file of a run, or memory. Structural twin of storage's, which is not known here. */
export interface RecordLog {
  /** Takes the record over. Resolves once it is on disk. */
  append(record: Uint8Array<ArrayBuffer>, waits: Waits): Promise<void>;
  records(waits: Waits): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;
}

export interface MemoryJournal extends Journal {
  /** Patches committed, in that order. */
  readonly committed: readonly { readonly col: number; readonly row: number }[];
}

/** A journal for as long as the tab lives. */
export function openMemoryJournal(): MemoryJournal {
  const kept: JournalEntry[] = [];
  return {
    get committed() {
      return kept.filter(({ around }) => !around).map(({ col, row }) => ({ col, row }));
    },
    append: async (entry, { signal }) => {
      signal.throwIfAborted();
      kept.push(structuredClone(entry));
    },
    async *entries({ signal }) {
      for (const entry of kept) {
        signal.throwIfAborted();
        yield structuredClone(entry);
      }
    },
  };
}

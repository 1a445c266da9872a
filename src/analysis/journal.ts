// What is committed of a run: a patch counts as done once the journal has taken it.
import type { Waits } from '#channel/waits.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import type { GridPatch } from '#objects/grid.ts';

export interface JournalEntry {
  readonly col: number; // of the core, on the grid anchored at the slide's origin
  readonly row: number;
  readonly nuclei: ObjectColumns | undefined; // lent: copied or written before `append` resolves
  readonly tissue: GridPatch | undefined; //     lent likewise
}

export interface Journal {
  /** @throws EosinError where the entry could not be kept; the patch then counts as failed */
  append(entry: JournalEntry, waits: Waits): Promise<void>;
}

export interface MemoryJournal extends Journal {
  /** Patches committed, in that order. Their results live in the object stores. */
  readonly committed: readonly { readonly col: number; readonly row: number }[];
}

/** A journal for as long as the tab lives. */
export function openMemoryJournal(): MemoryJournal {
  const committed: { col: number; row: number }[] = [];
  return {
    committed,
    append: async ({ col, row }, { signal }) => {
      signal.throwIfAborted();
      committed.push({ col, row });
    },
  };
}

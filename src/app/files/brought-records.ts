// What a file brought, as records of a log. A file is there once its end is: what a tab left in the middle counts for nothing.
//
//   mark        uint8
//   begin       JSON: the file's name, and whether it takes the place of all before it
//   objects     some rows of a kind, columns-bytes.ts
//   map         tissue classes as JSON, then the patches of the map
//   area        float64 [pieces × 5], kept-area.ts
//   parts       float64 [parts × 5], of these pieces
//   end
//   told        that files before it were cut off
import { readColumns, readExtras, readGrid, writeColumns, writeExtras, writeGrid } from '#analysis/columns-bytes.ts';
import { ByteReader, ByteWriter } from '#analysis/journal-bytes.ts';
import { turn } from '#channel/turn.ts';
import { batchesOf } from '#objects/builder.ts';
import type { ObjectClass, ObjectColumns, ObjectKind } from '#objects/columns.ts';
import type { ValueGrid } from '#objects/grid.ts';
import { ObjectStore } from '#objects/store.ts';
import { fieldOf } from '../field-of.ts';
import { bytesOf, readNote } from '../kept-log.ts';
import { RUN_LAYERS } from '../stores/objects-store.ts';
import type { KeptArea } from './kept-area.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** What a session brings beside objects: it stands in the place of all that was there. */
export interface BroughtMap {
  readonly kinds: readonly ObjectKind[]; // that runs have looked for
  readonly tissue: ValueGrid | undefined;
  readonly area: KeptArea;
}

export interface Brought {
  readonly name: string; //                          of the file
  readonly objects: readonly ObjectColumns[]; //      lent: snapshots
  readonly inPlaceOfAll: BroughtMap | undefined;
}

const MARK = { begin: 1, objects: 2, map: 3, area: 4, end: 5, told: 6, parts: 7 } as const;
const ROWS = 8_000; //  of a record: some milliseconds, and a megabyte
const PATCHES = 64;

/** One after the other: between two of them others have their turn. */
export function* recordsOf({ name, objects, inPlaceOfAll }: Brought): Generator<Bytes, void, undefined> {
  yield marked(MARK.begin, (out) => out.bytes(bytesOf({ name, kinds: inPlaceOfAll?.kinds })));
  for (const columns of objects) {
    for (const part of batchesOf(columns, ROWS)) {
      yield marked(MARK.objects, (out) => {
        writeColumns(out, part);
        writeExtras(out, part.extras);
      });
    }
  }
  const { tissue, area } = inPlaceOfAll ?? {};
  for (let from = 0; tissue && from < tissue.patches.length; from += PATCHES) {
    const patches = tissue.patches.slice(from, from + PATCHES);
    yield marked(MARK.map, (out) => {
      out.text(JSON.stringify(tissue.channels));
      out.count(patches.length);
      for (const patch of patches) writeGrid(out, patch);
    });
  }
  if (area) yield marked(MARK.area, (out) => out.real(Float64Array.from(area.pieces.flat())));
  if (area) yield marked(MARK.parts, (out) => out.real(Float64Array.from(area.parts.flat())));
  yield marked(MARK.end, () => undefined);
}

/** That a person knows which files were cut off. */
export const told = (): Bytes => marked(MARK.told, () => undefined);

/** What all whole files of a log come to. */
export class BroughtSoFar {
  readonly stores = new Map<ObjectKind, ObjectStore>();
  readonly names: string[] = [];
  cutOff: readonly string[] = []; // files that have no end, since somebody was told
  inPlaceOfAll: BroughtMap | undefined;

  /** Copied. */
  add(columns: ObjectColumns): void {
    const store = this.stores.get(columns.kind) ?? new ObjectStore(columns.kind, columns.classes);
    this.stores.set(columns.kind, store);
    store.append(columns);
  }
}

/** Takes records in their order. @throws EosinError BadInput where one is damaged */
export class BroughtReader {
  readonly sum = new BroughtSoFar();
  #file: { name: string; kinds: readonly ObjectKind[] | undefined; batches: ObjectColumns[] } | undefined;
  #tissue: ValueGrid | undefined;
  #area: KeptArea = NOTHING;

  async take(record: Bytes): Promise<void> {
    const [mark] = record;
    const from = new ByteReader(record, 1);
    if (mark === MARK.begin) this.#begin(record.slice(1));
    else if (mark === MARK.objects) {
      const columns = readColumns(from);
      const extras = readExtras(from, columns.count);
      this.#file?.batches.push({ ...columns, ...(extras && { extras }) });
    } else if (mark === MARK.map) {
      const channels = classesOf(from.text());
      const patches = Array.from({ length: from.count() }, () => readGrid(from));
      this.#tissue = { name: 'Tissue classes', channels, patches: [...(this.#tissue?.patches ?? []), ...patches] };
    } else if (mark === MARK.area) {
      this.#area = { ...this.#area, pieces: rowsOf(from.float64()) };
    } else if (mark === MARK.parts) this.#area = { ...this.#area, parts: rowsOf(from.float64()) };
    else if (mark === MARK.end) await this.#end();
    else if (mark === MARK.told) [this.sum.cutOff, this.#file] = [[], undefined];
  }

  /** Once all is read: what has no end now gets none. */
  done(): BroughtSoFar {
    this.#leaveCutOff();
    return this.sum;
  }

  #leaveCutOff(): void {
    if (this.#file) this.sum.cutOff = [...this.sum.cutOff, this.#file.name];
    this.#file = undefined;
  }

  #begin(about: Bytes): void {
    this.#leaveCutOff();
    const value = readNote(about);
    const [name, kinds] = [fieldOf(value, 'name'), fieldOf(value, 'kinds')];
    this.#file = {
      name: typeof name === 'string' ? name : 'A file',
      kinds: Array.isArray(kinds) ? RUN_LAYERS.filter((kind) => kinds.includes(kind)) : undefined,
      batches: [],
    };
    [this.#tissue, this.#area] = [undefined, NOTHING];
  }

  /** A batch at a time: between two of them others have their turn. */
  async #end(): Promise<void> {
    if (!this.#file) return;
    const { name, kinds, batches } = this.#file;
    this.#file = undefined;
    for (const batch of batches) {
      this.sum.add(batch);
      await turn();
    }
    this.sum.names.push(name);
    if (kinds) this.sum.inPlaceOfAll = { kinds, tissue: this.#tissue, area: this.#area };
  }
}

const NOTHING: KeptArea = { pieces: [], parts: [] };

const rowsOf = (all: Float64Array): number[][] =>
  Array.from({ length: all.length / 5 }, (_, k) => Array.from(all.subarray(5 * k, 5 * k + 5)));

function marked(mark: number, write: (out: ByteWriter) => void): Bytes {
  const out = new ByteWriter();
  out.bytes(Uint8Array.of(mark));
  write(out);
  return out.done();
}

function classesOf(text: string): ObjectClass[] {
  const list: unknown = JSON.parse(text);
  return (Array.isArray(list) ? list : []).flatMap((one: unknown): ObjectClass[] => {
    const [name, color] = [fieldOf(one, 'name'), fieldOf(one, 'color')];
    return typeof name === 'string' && typeof color === 'string' ? [{ name, color }] : [];
  });
}

// A journal in a log of bytes: one record a patch, exact to the bit.
//
//   mark        uint8, 1 a patch of the plan, 2 one around it: what is counted without reading more
//   version     uint8; another one is refused, for its patches may have been cut or post-processed otherwise
//   col, row    uint32
//   holds       uint8, 1 nuclei + 2 tissue + 4 core map + 8 lumina in it
//   parts       in that order; arrays as journal-bytes.ts writes them. The log deflates.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { readColumns, readGrid, writeColumns, writeGrid } from './columns-bytes.ts';
import type { Journal, JournalEntry, RecordLog } from './journal.ts';
import { ByteReader, ByteWriter } from './journal-bytes.ts';
import type { CoreMap, Runs, SeedRuns, ValuedRuns } from './postprocess/core-map.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** The first byte of a record. */
export const MARK = { patch: 1, around: 2 } as const;

const VERSION = 1;
const HOLDS = { nuclei: 1, tissue: 2, core: 4, lumina: 8 } as const;

/** The log is lent; what it holds already is what the journal begins with. */
export function openJournal(log: RecordLog): Journal {
  return {
    append: (entry, waits) => log.append(encodeEntry(entry), waits),
    async *entries(waits: Waits) {
      for await (const record of log.records(waits)) yield decodeEntry(record);
    },
  };
}

export function encodeEntry({ col, row, around, nuclei, tissue, core }: JournalEntry): Bytes {
  const out = new ByteWriter();
  const holds =
    (nuclei ? HOLDS.nuclei : 0) |
    (tissue ? HOLDS.tissue : 0) |
    (core ? HOLDS.core : 0) |
    (core?.lumina ? HOLDS.lumina : 0);
  out.bytes(Uint8Array.of(around ? MARK.around : MARK.patch, VERSION));
  out.count(col);
  out.count(row);
  out.bytes(Uint8Array.of(holds));
  if (nuclei) writeColumns(out, nuclei);
  if (tissue) writeGrid(out, tissue);
  if (core) writeCore(out, core);
  return out.done();
}

/** @throws EosinError BadInput where it is of another version, or no entry */
export function decodeEntry(record: Bytes): JournalEntry {
  const from = new ByteReader(record);
  const [mark, version] = from.bytes(2);
  if (version !== VERSION)
    throw refused(`it was kept by another version of Eosin (${version}; this one reads ${VERSION})`);
  if (mark !== MARK.patch && mark !== MARK.around) throw refused(`it begins with ${mark}`);
  const [col, row] = [from.count(), from.count()];
  const holds = from.bytes(1)[0] ?? 0;
  const entry = {
    col,
    row,
    around: mark === MARK.around,
    nuclei: holds & HOLDS.nuclei ? readColumns(from) : undefined,
    tissue: holds & HOLDS.tissue ? readGrid(from) : undefined,
    core: holds & HOLDS.core ? readCore(from, (holds & HOLDS.lumina) !== 0) : undefined,
  };
  if (!from.isAtEnd) throw refused('there is more of it than it says');
  return entry;
}

function writeCore(out: ByteWriter, { seeds, rim, lumina }: CoreMap): void {
  writeRuns(out, seeds);
  out.whole(seeds.end);
  out.whole(seeds.sum);
  writeValued(out, rim);
  if (lumina) writeValued(out, lumina);
}

function readCore(from: ByteReader, hasLumina: boolean): CoreMap {
  const seeds: SeedRuns = { ...readRuns(from), end: from.uint32(), sum: from.uint32() };
  return { seeds, rim: readValued(from), lumina: hasLumina ? readValued(from) : undefined };
}

function writeRuns(out: ByteWriter, { row, from, to }: Runs): void {
  out.whole(row);
  out.whole(from);
  out.whole(to);
}

const readRuns = (from: ByteReader): Runs => ({ row: from.uint16(), from: from.uint16(), to: from.uint16() });

function writeValued(out: ByteWriter, runs: ValuedRuns): void {
  writeRuns(out, runs);
  out.small(runs.values);
}

const readValued = (from: ByteReader): ValuedRuns => ({ ...readRuns(from), values: from.small() });

const refused = (seen: string): EosinError =>
  new EosinError({
    tag: 'BadInput',
    what: 'A patch that was kept',
    seen,
    todo: 'Remove the run from the list, and start it again.',
  });

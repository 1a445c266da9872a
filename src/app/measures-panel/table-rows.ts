// The rows of the table: all objects of a kind or the marked ones, by one column.
import { useEffect, useMemo, useState } from 'react';
import { isAbort } from '#errors/failure.ts';
import { isCount, type MeasureName } from '#objects/measures/names.ts';
import type { Selection } from '#objects/selection.ts';
import type { ObjectLayer } from '../stores/layers-store.ts';
import { usePicked } from '../stores.ts';
import { aligned, measure } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { useMeasured, useMeasures } from './measures-context.tsx';

export interface Sorting {
  readonly by: string | undefined; // a measure, 'class', or the objects' own order
  readonly descending: boolean;
}

export interface TableRows {
  readonly length: number;
  /** The object at a place from the top. */
  rowAt(place: number): number | undefined;
  /** −1 where the object is not in the table. */
  placeOf(row: number): number;
  classOf(row: number): string;
  /** '' where it is not known (yet). */
  written(name: MeasureName, row: number): string;
}

/** Undefined until there is an order. @param marked only these */
export function useTableRows(
  kind: ObjectLayer,
  { by, descending }: Sorting,
  marked: Selection | undefined,
): TableRows | undefined {
  const { stores, found } = useDesk();
  const session = useMeasures();
  const version = useMeasured((state) => state.version);
  const running = usePicked(stores.run, ({ progress }) => progress !== undefined);
  const [order, setOrder] = useState<{
    by: string | undefined;
    kind: ObjectLayer;
    version: number;
    rows: Uint32Array | undefined;
  }>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the order may differ with each version
  useEffect(() => {
    if (running) return;
    const left = new AbortController();
    const waits = { signal: left.signal };
    const read = async (): Promise<void> => {
      await found.settled();
      const rows =
        by === undefined
          ? undefined
          : by === 'class'
            ? byClass(found.store(kind).columns.classIndex)
            : await session.order(kind, by, waits);
      if (!left.signal.aborted) setOrder({ by, kind, version: found.store(kind).version, rows });
    };
    read().catch((thrown: unknown) => {
      if (!isAbort(thrown)) session.tellProblem(thrown);
    });
    return () => left.abort(new DOMException('Another order is wanted.', 'AbortError'));
  }, [session, found, kind, by, version, running]);
  const columns = useColumns(kind);
  return useMemo(() => {
    if (!order || order.kind !== kind || order.version !== found.store(kind).version) return undefined;
    const all = found.store(kind).columns;
    const rows = chosenRows(order.rows, marked, all.count);
    const length = rows?.length ?? all.count;
    const turned = (place: number): number => (descending ? length - 1 - place : place);
    return {
      length,
      rowAt: (place) => (place < 0 || place >= length ? undefined : rows ? rows[turned(place)] : turned(place)),
      placeOf: (row) => {
        const place = rows ? rows.indexOf(row) : row;
        return place < 0 ? -1 : turned(place);
      },
      classOf: (row) => all.classes[all.classIndex[row] ?? 0]?.name ?? '',
      written: (of, row) => {
        const { name, quantity, group } = of;
        const value = group === 'file' ? session.brought(kind, of, row) : (columns.get(name)?.[row] ?? Number.NaN);
        if (Number.isNaN(value)) return '';
        if (quantity === 'flag') return value === 1 ? 'yes' : 'no';
        return name === 'gland' ? String(value) : isCount(of) ? measure(value) : aligned(value);
      },
    };
  }, [order, kind, marked, descending, columns, found, session]);
}

/** Undefined: all, in their own order. */
function chosenRows(
  order: Uint32Array | undefined,
  marked: Selection | undefined,
  count: number,
): Uint32Array | undefined {
  if (!order || !marked) return order ?? marked?.rows;
  const isMarked = new Uint8Array(count);
  for (const row of marked.rows) isMarked[row] = 1;
  return order.filter((row) => isMarked[row] === 1);
}

function byClass(classIndex: Uint8Array): Uint32Array {
  const next = new Uint32Array(257);
  for (const of of classIndex) next[of + 1] = (next[of + 1] ?? 0) + 1;
  for (let of = 1; of < 257; of++) next[of] = (next[of] ?? 0) + (next[of - 1] ?? 0);
  const rows = new Uint32Array(classIndex.length);
  for (let row = 0; row < classIndex.length; row++) {
    const of = classIndex[row] ?? 0;
    const at = next[of] ?? 0;
    rows[at] = row;
    next[of] = at + 1;
  }
  return rows;
}

/** The measures that are there; they come group by group, the cheapest first. */
function useColumns(kind: ObjectLayer): ReadonlyMap<string, Float32Array> {
  const { stores } = useDesk();
  const session = useMeasures();
  const version = useMeasured((state) => state.version);
  const running = usePicked(stores.run, ({ progress }) => progress !== undefined);
  const [columns, setColumns] = useState<ReadonlyMap<string, Float32Array>>(new Map());
  // biome-ignore lint/correctness/useExhaustiveDependencies: measures may differ with each version
  useEffect(() => {
    const left = new AbortController();
    const waits = { signal: left.signal };
    if (running) return;
    const read = async (): Promise<void> => {
      const found = new Map<string, Float32Array>();
      for (const name of session.names(kind)) {
        if (!session.isReady(kind, name) || name.group === 'file') continue; // of files a table of a million has too many
        found.set(name.name, await session.column(kind, name.name, waits));
        if (!left.signal.aborted) setColumns(new Map(found));
      }
    };
    read().catch((thrown: unknown) => {
      if (!isAbort(thrown)) session.tellProblem(thrown);
    });
    return () => left.abort(new DOMException('Others are looked at now.', 'AbortError'));
  }, [session, kind, version, running]);
  return columns;
}

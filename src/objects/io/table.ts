// What is known of objects as a table: one row an object, made and written batch by batch.
import type { ObjectColumns } from '../columns.ts';
import { entriesOf } from '../extras.ts';
import { MOST_BROUGHT } from '../measures/brought.ts';
import type { Measures } from '../measures/measures.ts';

export interface TableColumn {
  readonly name: string; // with its unit, in letters that any program takes: area_um2
  readonly type: 'text' | 'single' | 'double';
}

/** Texts as indices into a short list; NaN is not known. */
export type TableValues =
  | { readonly texts: readonly string[]; readonly index: Uint32Array<ArrayBuffer> }
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

export interface TableBatch {
  readonly rows: number;
  readonly values: readonly TableValues[]; // by column
}

export interface ObjectTableOf {
  readonly columns: readonly TableColumn[];
  batch(from: number, to: number): TableBatch;
}

/**
 * Class, name where objects have one, centroid; then the measures, then what files said beside them. All is borrowed.
 * @param measures of the same version as the columns
 */
export function tableOf(objects: ObjectColumns, measures: Measures): ObjectTableOf {
  const { centroid, classIndex, classes, extras } = objects;
  const isNamed = extras !== undefined && [...extras.notes.values()].some(({ name }) => name !== undefined);
  const brought = (extras?.names ?? []).slice(0, MOST_BROUGHT);
  const plain: TableColumn[] = [
    { name: 'class', type: 'text' },
    ...(isNamed ? [{ name: 'name', type: 'text' } as const] : []),
    { name: 'centroid_x_px', type: 'double' },
    { name: 'centroid_y_px', type: 'double' },
    ...measures.names.map((name, k) => ({ name: withUnit(name, measures.units[k] ?? ''), type: 'single' }) as const),
    ...brought.map((name) => ({ name, type: 'double' }) as const),
  ];
  return {
    columns: apart(plain),
    batch(from, to) {
      const rows = to - from;
      const x = Float64Array.from({ length: rows }, (_, k) => centroid[2 * (from + k)] ?? Number.NaN);
      const y = Float64Array.from({ length: rows }, (_, k) => centroid[2 * (from + k) + 1] ?? Number.NaN);
      const named = { texts: classes.map(({ name }) => name), index: Uint32Array.from(classIndex.subarray(from, to)) };
      const columns = measures.names.map((name) =>
        (measures.columns[name] ?? new Float32Array(objects.count)).slice(from, to),
      );
      const others = brought.map(() => new Float64Array(rows).fill(Number.NaN));
      if (extras) {
        const { row, name, value } = extras.measured;
        const [first] = entriesOf(row, from);
        for (let m = first; m < row.length && (row[m] ?? 0) < to; m++) {
          const column = others[name[m] ?? 0];
          if (column) column[(row[m] ?? 0) - from] = value[m] ?? Number.NaN;
        }
      }
      return { rows, values: [named, ...(isNamed ? [namesOf(objects, from, to)] : []), x, y, ...columns, ...others] };
    },
  };
}

function namesOf({ extras }: ObjectColumns, from: number, to: number): TableValues {
  const texts = [''];
  const index = new Uint32Array(to - from);
  for (let row = from; row < to; row++) {
    const name = extras?.notes.get(row)?.name;
    if (name !== undefined) index[row - from] = texts.push(name) - 1;
  }
  return { texts, index };
}

const UNITS: Readonly<Record<string, string>> = { 'µm²': 'um2', µm: 'um', 'px²': 'px2', '°': 'deg' };

function withUnit(name: string, unit: string): string {
  const plain = Object.hasOwn(UNITS, unit) ? UNITS[unit] : unit.replace(/[^A-Za-z0-9]+/g, '_');
  return plain ? `${name}_${plain}` : name;
}

/** A name that is there already gets a number. */
function apart(columns: readonly TableColumn[]): TableColumn[] {
  const taken = new Set<string>();
  return columns.map((column) => {
    let { name } = column;
    for (let k = 2; taken.has(name); k++) name = `${column.name}_${k}`;
    taken.add(name);
    return { ...column, name };
  });
}

export const buffersOfBatch = ({ values }: TableBatch): ArrayBuffer[] =>
  values.map((of) => ('texts' in of ? of.index.buffer : of.buffer));

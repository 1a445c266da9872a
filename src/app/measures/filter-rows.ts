// From the text of a filter to the rows it chooses.
import { turn } from '#channel/turn.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { ObjectClass } from '#objects/columns.ts';
import { type CompiledFilter, compileFilter, type RowValues, type Vocabulary } from '#objects/filter/compile.ts';
import { parseFilter } from '#objects/filter/parse.ts';
import { type FilterFault, isFault } from '#objects/filter/tokens.ts';
import type { MeasureName } from '#objects/measures/names.ts';
import type { ObjectLayer } from '../stores/layers-store.ts';

const KIND_NAMES: Readonly<Record<ObjectLayer, readonly string[]>> = {
  nuclei: ['nucleus', 'nuclei'],
  glands: ['gland', 'glands'],
  lumina: ['lumen', 'lumina'],
  annotations: ['annotation', 'annotations'],
};

export function vocabularyOf(
  kind: ObjectLayer,
  names: readonly MeasureName[],
  classes: readonly ObjectClass[],
): Vocabulary {
  const isFlag = ({ quantity }: MeasureName): boolean => quantity === 'flag';
  return {
    numbers: names.filter((name) => !isFlag(name)).map(({ name }) => name),
    flags: names.filter(isFlag).map(({ name }) => name),
    classes: classes.map(({ name }) => name),
    kindNames: KIND_NAMES[kind],
    otherKindNames: Object.values(KIND_NAMES)
      .flat()
      .filter((name) => !KIND_NAMES[kind].includes(name)),
  };
}

export function compiledFilter(text: string, vocabulary: Vocabulary): CompiledFilter | FilterFault {
  const expression = parseFilter(text);
  return isFault(expression) ? expression : compileFilter(expression, vocabulary);
}

/** A sentence with the place in it, columns counted from 1. */
export const faultWords = ({ at, seen, todo }: FilterFault): string => `Column ${at + 1}: ${seen}. ${todo}`;

export const filterError = ({ at, seen, todo }: FilterFault): EosinError =>
  new EosinError({ tag: 'BadInput', what: 'The filter', seen: `at column ${at + 1} there is ${seen}`, todo });

const ROWS_AT_ONCE = 100_000; // some milliseconds

/** Ascending. Pauses now and then, so that a million rows do not stop the page. @throws the signal's reason */
export async function rowsWhere(
  filter: CompiledFilter,
  values: RowValues,
  { signal }: Waits,
): Promise<Uint32Array<ArrayBuffer>> {
  const isChosen = filter.over(values);
  const count = values.classIndex.length;
  const rows = new Uint32Array(count);
  let kept = 0;
  for (let from = 0; from < count; from += ROWS_AT_ONCE) {
    if (from > 0) await turn();
    signal.throwIfAborted();
    const to = Math.min(count, from + ROWS_AT_ONCE);
    for (let row = from; row < to; row++) if (isChosen(row)) rows[kept++] = row;
  }
  return rows.slice(0, kept);
}

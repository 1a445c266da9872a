// A brush as a filter, and as words.
import { measure } from '../words.ts';
import type { Range } from './histogram.tsx';

export interface Between {
  readonly name: string; // of a measure
  readonly low: number | undefined; //  undefined: without an end there
  readonly high: number | undefined;
}

/** As short as the columns' 32 bits deserve. */
const written = (value: number): string => String(Number(value.toPrecision(6)));

/** What a filter may hold between quotes; undefined where a name has quotes of both kinds. */
const quoted = (name: string): string | undefined =>
  name.includes('"') ? (name.includes("'") ? undefined : `'${name}'`) : `"${name}"`;

/** @param className of that class only */
export function filterOf(className: string | undefined, ranges: readonly Between[]): string {
  const of = className === undefined ? undefined : quoted(className);
  const conditions = [
    ...(of === undefined ? [] : [`class == ${of}`]),
    ...ranges.flatMap(({ name, low, high }) => [
      ...(low === undefined ? [] : [`${name} >= ${written(low)}`]),
      ...(high === undefined ? [] : [`${name} <= ${written(high)}`]),
    ]),
  ];
  return conditions.length > 0
    ? conditions.join(' and ')
    : `${ranges[0]?.name ?? 'area'} == ${ranges[0]?.name ?? 'area'}`;
}

/** between 40 and 56 µm² */
export const wordsOf = ({ low, high }: Range, unit: string): string =>
  `between ${measure(low)} and ${measure(high)}${unit ? ` ${unit}` : ''}`;

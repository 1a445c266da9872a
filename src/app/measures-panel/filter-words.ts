// A brush as a filter, and as words.
import { quoted } from '#objects/filter/tokens.ts';
import { measure } from '../words.ts';
import type { Range } from './histogram.tsx';

export interface Between {
  readonly name: string; // of a measure
  readonly low: number | undefined; //  undefined: without an end there
  readonly high: number | undefined;
}

/** As short as the columns' 32 bits deserve. */
const written = (value: number): string => String(Number(value.toPrecision(6)));

/** @param className of that class only */
export function filterOf(className: string | undefined, ranges: readonly Between[]): string {
  const conditions = [
    ...(className === undefined ? [] : [`class == ${quoted(className)}`]),
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

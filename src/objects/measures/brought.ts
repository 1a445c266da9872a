// Measurements that a file brought are measures like those that are worked out here, under names that a filter can write.
import { type Extras, entriesOf } from '../extras.ts';
import { type MeasureName, wordOf } from './names.ts';

/** More names than this stay with their objects and in GeoJSON; as measures, and columns of tables, they are not offered. Who takes a file in says so. */
export const MOST_BROUGHT = 500;

/** Words that mean something else in a filter. */
const TAKEN = ['class', 'and', 'or', 'not', 'in', 'true', 'false'];

/** "Nucleus: Area µm^2" is nucleus_area_um2. @param names as in the file @param own measures that are worked out here */
export function broughtMeasures(names: readonly string[], own: readonly MeasureName[]): MeasureName[] {
  const taken = new Set([...TAKEN, ...own.map(({ name }) => name)]);
  const labels = new Set(own.map(({ label }) => label));
  return names.slice(0, MOST_BROUGHT).map((brought, index): MeasureName => {
    const word = wordOf(brought.replaceAll(/[µμ]/g, 'u').replaceAll('^', '')) || `measurement_${index + 1}`;
    const plain = /^\p{N}/u.test(word) ? `_${word}` : word;
    let name = plain;
    for (let k = 2; taken.has(name); k++) name = `${plain}_${k}`;
    taken.add(name);
    const label = labels.has(brought) ? `${brought} (file)` : brought;
    return { name, label, group: 'file', quantity: 'number', brought };
  });
}

/** NaN where an object has none. */
export function broughtColumn({ measured, names }: Extras, brought: string, count: number): Float32Array<ArrayBuffer> {
  const column = new Float32Array(count).fill(Number.NaN);
  const wanted = names.indexOf(brought);
  const { row, name, value } = measured;
  for (let k = 0; k < row.length; k++) if (name[k] === wanted) column[row[k] ?? 0] = value[k] ?? Number.NaN;
  return column;
}

/** Of one object, without a column. */
export function broughtValue({ measured, names }: Extras, brought: string, row: number): number {
  const wanted = names.indexOf(brought);
  let value = Number.NaN;
  for (let [k, to] = entriesOf(measured.row, row); k < to; k++)
    if (measured.name[k] === wanted) value = measured.value[k] ?? Number.NaN;
  return value;
}

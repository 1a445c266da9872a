import { expect, test } from 'vitest';
import { compileFilter } from '../filter/compile.ts';
import { parseFilter } from '../filter/parse.ts';
import { isFault } from '../filter/tokens.ts';
import { broughtMeasures, MOST_BROUGHT } from './brought.ts';
import { measuresFor } from './names.ts';

const own = measuresFor('nuclei', [{ name: 'Tumor', color: '#c80000' }]);

test.each([
  ['Nucleus: Area µm^2', 'nucleus_area_um2'],
  ['Nucleus: Hematoxylin OD mean', 'nucleus_hematoxylin_od_mean'],
  ['Centroid X µm', 'centroid_x_um'],
  ['3rd neighbour', '_3rd_neighbour'],
  ['Perimeter', 'perimeter_2'],
  ['class', 'class_2'],
  ['And', 'and_2'],
  ['***', 'measurement_1'],
  ['__proto__', 'proto'],
  ['constructor', 'constructor'],
  ['Ähnlichkeit', 'ähnlichkeit'],
])('%s is %s', (brought, name) => {
  const [measure] = broughtMeasures([brought], own);
  expect(measure?.name).toBe(name);
  const expression = parseFilter(`${name} > 1`);
  if (isFault(expression)) throw new Error(expression.seen);
  const none = { flags: [], classes: [], kindNames: [], otherKindNames: [] };
  expect(isFault(compileFilter(expression, { ...none, numbers: [name] }))).toBe(false);
});

test('names that differ in their signs alone stay apart; no more than can be looked through', () => {
  const names = broughtMeasures(['A b', 'A: b', 'a^b', 'ab'], own).map(({ name }) => name);
  expect(names).toEqual(['a_b', 'a_b_2', 'ab', 'ab_2']);
  expect(
    broughtMeasures(
      Array.from({ length: 2000 }, (_, k) => `m ${k}`),
      own,
    ),
  ).toHaveLength(MOST_BROUGHT);
});

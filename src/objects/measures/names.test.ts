import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseFilter } from '../filter/parse.ts';
import { isFault } from '../filter/tokens.ts';
import { type MeasureName, measuresFor, unitOf } from './names.ts';

const classes = ['Epithelial', 'Goblet cell (benign)', 'Other', 'other class', '?!'].map((name) => ({
  name,
  color: '#ffffff',
}));

test('every measure has a name of its own that a filter can write', () => {
  for (const kind of ['nuclei', 'glands', 'lumina', 'annotations'] as const) {
    const names = measuresFor(kind, classes).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(parseFilter(name)).toMatchObject({ is: 'name', name });
  }
  expect(
    measuresFor('nuclei', classes)
      .map(({ name }) => name)
      .slice(-6),
  ).toEqual([
    'distance_to_epithelial',
    'distance_to_goblet_cell_benign',
    'distance_to_other',
    'distance_to_other_class_3',
    'distance_to_4',
    'distance_to_other_class',
  ]);
});

test('units are micrometres, or pixels where nobody knows better', () => {
  const of = (quantity: MeasureName['quantity']) => ({ name: 'x', label: 'x', group: 'own', quantity }) as const;
  expect([unitOf(of('area'), true), unitOf(of('area'), false)]).toEqual(['µm²', 'px²']);
  expect([unitOf(of('length'), true), unitOf(of('length'), false)]).toEqual(['µm', 'px']);
  expect([unitOf(of('angle'), true), unitOf(of('density'), false), unitOf(of('number'), true)]).toEqual([
    '°',
    'OD',
    '',
  ]);
  expect([unitOf(of('perArea'), true), unitOf(of('perArea'), false)]).toEqual(['per mm²', 'per million px²']);
});

test('docs/measures.md defines each of them, and its filters are filters', () => {
  const page = readFileSync('docs/measures.md', 'utf8');
  const all = [
    ...measuresFor('nuclei', [
      { name: 'Epithelial', color: '' },
      { name: 'Stroma', color: '' },
    ]),
    ...measuresFor('glands', []),
    ...measuresFor('annotations', []),
  ];
  for (const { name } of all) if (name !== 'distance_to_stroma') expect(page).toContain(`\`${name}\``);
  const filters = page.split('\n').filter((line) => line.startsWith('    '));
  expect(filters.length).toBeGreaterThan(3);
  for (const filter of filters) expect(isFault(parseFilter(filter)), filter).toBe(false);
});

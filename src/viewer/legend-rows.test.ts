import { expect, test } from 'vitest';
import { fittingRows, legendRows } from './legend-rows.ts';

const nothing = { layers: [], grid: undefined, patchMap: undefined, classMap: undefined };
const classes = [
  { name: 'Epithelial', color: '#ff7a1a', shown: true },
  { name: 'Other', color: '#ffffff', shown: false },
];
const step = { color: '#440154', from: 0, to: 1234.5 };

test('what is on the picture is named, what is hidden is not', () => {
  const layers = [
    { kind: 'nuclei', form: 'fills', opacity: 1, classes, density: undefined },
    {
      kind: 'lumina',
      form: 'outlines',
      opacity: 1,
      classes: [{ name: 'Lumen', color: '#1a2bff', shown: true }],
      density: undefined,
    },
  ] as const;
  expect(legendRows({ ...nothing, layers })).toEqual([
    { is: 'entry', text: 'Epithelial nucleus', color: '#ff7a1a', form: 'patch' },
    { is: 'entry', text: 'Lumen', color: '#1a2bff', form: 'dashed' },
  ]);
  expect(legendRows(nothing)).toEqual([]);
});

test('a comparison names both sides of its line, or what is subtracted from what', () => {
  const step = { color: '#440154', from: -1, to: 1, label: '' };
  const map = { opacity: 1, threshold: 0, greyTissue: true, interpolated: false, entries: [step] };
  const [left, right] = ['Tissue classes: Tumour', 'Tissue classes, run of 2 Jan: Tumour'].map((name) => ({
    ...map,
    name,
  }));
  const heads = (legend: Parameters<typeof legendRows>[0]) =>
    legendRows(legend).flatMap((row) => (row.is === 'head' ? [row.text] : []));
  if (!left || !right) throw new Error('two maps');
  expect(heads({ ...nothing, grid: left, divider: { left: 'grid', right } })).toEqual([
    'Left of the line: Tissue classes: Tumour',
    'Right of the line: Tissue classes, run of 2 Jan: Tumour',
  ]);
  const difference = { ...map, name: 'Difference: Tumour less Stroma', threshold: 0.25, difference: true };
  expect(legendRows({ ...nothing, grid: difference })).toEqual([
    { is: 'head', text: 'Difference: Tumour less Stroma, from ±0.25 on' },
    { is: 'ramp', colors: ['#440154'], from: '-1', to: '1' },
  ]);
  expect(heads({ ...nothing, patchMap: { ...difference, name: 'Difference of ranks', threshold: 0 } })).toEqual([
    'Difference of ranks',
  ]);
});

test('density and maps show their range and unit', () => {
  const layers = [
    { kind: 'nuclei', form: 'density', opacity: 1, classes, density: { unit: 'per mm²', entries: [step] } },
  ] as const;
  const grid = {
    name: 'Tissue',
    opacity: 1,
    threshold: 0.25,
    greyTissue: true,
    interpolated: false,
    entries: [{ ...step, label: '' }],
  };
  expect(legendRows({ ...nothing, layers, grid })).toEqual([
    { is: 'head', text: 'Nuclei, per mm²' },
    { is: 'ramp', colors: ['#440154'], from: '0', to: '≥ 1,230' },
    { is: 'head', text: 'Tissue, from 0.25 on' },
    { is: 'ramp', colors: ['#440154'], from: '0', to: '1,230' },
  ]);
});

test('of annotations the small ones may be density, and the others lines in the colours of their classes', () => {
  const density = { unit: 'per mm²', entries: [step] } as const;
  const layers = [
    { kind: 'annotations', form: 'outlines', opacity: 1, classes: classes.slice(0, 1), density: undefined },
    { kind: 'cells', form: 'density', opacity: 1, classes: classes.slice(0, 1), density },
  ] as const;
  expect(legendRows({ ...nothing, layers })).toEqual([
    { is: 'entry', text: 'Epithelial', color: '#ff7a1a', form: 'line' },
    { is: 'head', text: 'Small annotations, per mm²' },
    { is: 'ramp', colors: ['#440154'], from: '0', to: '≥ 1,230' },
  ]);
});

test('what is not listed is counted: beyond twelve classes of a layer, and beyond the room of the picture', () => {
  const many = Array.from({ length: 20 }, (_, k) => ({ name: `C${k}`, color: '#ffffff', shown: k > 0 }));
  const layer = { kind: 'annotations', form: 'outlines', opacity: 1, classes: many, density: undefined } as const;
  const rows = legendRows({ ...nothing, layers: [layer] });
  expect(rows).toHaveLength(13);
  expect(rows.at(-1)).toEqual({ is: 'more', count: 7 });
  expect(fittingRows(rows, 13)).toEqual(rows);
  expect(fittingRows(rows, 12)).toEqual([...rows.slice(0, 11), { is: 'more', count: 8 }]);
  expect(fittingRows(rows, 2)).toEqual([...rows.slice(0, 1), { is: 'more', count: 18 }]);
  for (const none of [1, 0, -3]) expect(fittingRows(rows, none)).toEqual([{ is: 'more', count: 19 }]);
  expect(fittingRows(rows.slice(0, 1), 0)).toEqual(rows.slice(0, 1));
  const headed = [{ is: 'head', text: 'Tissue' }, ...rows] as const;
  expect(fittingRows(headed, 1)).toEqual([{ is: 'more', count: 19 }]); // a heading is no entry
});

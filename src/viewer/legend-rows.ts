// The legend of a picture as rows of words and colours. Pure.
import { oneOfClass } from '#objects/class-words.ts';
import { kindOf } from './overlay/parts.ts';
import type { Legend, LegendGrid, LegendLayer, LegendStep, Part } from './viewer-api.ts';

export type LegendRow =
  | { readonly is: 'head'; readonly text: string }
  | { readonly is: 'more'; readonly count: number } // entries that are not shown
  | { readonly is: 'entry'; readonly text: string; readonly color: string; readonly form: 'line' | 'dashed' | 'patch' }
  | { readonly is: 'ramp'; readonly colors: readonly string[]; readonly from: string; readonly to: string };

const NAMES: Readonly<Record<Part, readonly [one: string, many: string]>> = {
  nuclei: ['Nucleus', 'Nuclei'],
  glands: ['Gland', 'Glands'],
  lumina: ['Lumen', 'Lumina'],
  annotations: ['Annotation', 'Annotations'],
  cells: ['Small annotation', 'Small annotations'],
};
const MOST_CLASSES = 12; // of a layer

export function legendRows({ layers, grid, patchMap, classMap, colours, divider }: Legend): LegendRow[] {
  const sided = (side: 'Left' | 'Right', is: boolean): string => (is ? `${side} of the line: ` : '');
  const patchSide = divider?.left === 'patchMap' ? sided('Left', true) : sided('Right', divider?.right === 'patchMap');
  return [
    ...(colours === undefined ? [] : [{ is: 'head', text: colours } as const]),
    ...layers.flatMap(layerRows),
    ...(grid ? gridRows(grid, sided('Left', divider?.left === 'grid')) : []),
    ...(patchMap ? gridRows(patchMap, patchSide) : []),
    ...(divider && divider.right !== 'patchMap' ? gridRows(divider.right, sided('Right', true)) : []),
    ...(classMap
      ? [
          { is: 'head', text: classMap.name } as const,
          ...classMap.entries.map(({ name, color }) => ({ is: 'entry', text: name, color, form: 'patch' }) as const),
        ]
      : []),
  ];
}

function layerRows({ kind, form, classes, density, measure }: LegendLayer): LegendRow[] {
  const [one, many] = NAMES[kind];
  if (density) return [{ is: 'head', text: `${many}, ${density.unit}` }, ramp(density.entries, 'high')];
  if (measure)
    return [
      {
        is: 'head',
        text: `${many}: ${measure.name}${measure.unit && `, ${measure.unit}`}${measure.cell ? `, mean of ${measure.cell} cells` : ''}`,
      },
      ramp(measure.entries, 'both'),
    ];
  const shown = classes.filter((of) => of.shown);
  const line = kind === 'lumina' ? 'dashed' : form === 'outlines' ? 'line' : 'patch';
  const rows = shown.slice(0, MOST_CLASSES).map(({ name, color }): LegendRow => {
    const isAlone = classes.length === 1 && kindOf(kind) !== 'annotations';
    return { is: 'entry', text: isAlone ? one : oneOfClass(kindOf(kind), name), color, form: line };
  });
  const more = shown.length - rows.length;
  return more > 0 ? [...rows, { is: 'more', count: more }] : rows;
}

/** As many as there is room for, at least one: where some are left out, the last says how many. */
export function fittingRows(rows: readonly LegendRow[], most: number): readonly LegendRow[] {
  if (rows.length <= Math.max(1, most)) return rows;
  const shown = rows.slice(0, Math.max(0, most - 1));
  const left = rows.slice(shown.length);
  return [...shown, { is: 'more', count: left.reduce((sum, row) => sum + entriesIn(row), 0) }];
}

const entriesIn = (row: LegendRow): number => (row.is === 'more' ? row.count : row.is === 'head' ? 0 : 1);

function gridRows({ name, entries, threshold, interpolated, difference }: LegendGrid, side: string): LegendRow[] {
  const steps = entries.flatMap(({ color, from, to }) =>
    from === undefined || to === undefined ? [] : [{ color, from, to }],
  );
  const above = threshold > 0 ? `, from ${difference ? '±' : ''}${short(threshold)} on` : '';
  return [
    { is: 'head', text: `${side}${name}${above}${interpolated ? ', interpolated' : ''}` },
    ...(steps.length === entries.length
      ? [ramp(steps)]
      : entries.map(({ color, label }) => ({ is: 'entry', text: label, color, form: 'patch' }) as const)),
  ];
}

/** @param open ends beyond which values have the colour of the end */
const ramp = (steps: readonly LegendStep[], open: 'none' | 'high' | 'both' = 'none'): LegendRow => ({
  is: 'ramp',
  colors: steps.map(({ color }) => color),
  from: `${open === 'both' ? '≤ ' : ''}${short(steps[0]?.from ?? 0)}`,
  to: `${open === 'none' ? '' : '≥ '}${short(steps.at(-1)?.to ?? 1)}`,
});

const short = (value: number): string => new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 }).format(value);

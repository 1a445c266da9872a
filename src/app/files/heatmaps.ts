// Maps of values over the slide, as scripts and files take them: copies, one a class of tissue and one of attention.
import type { ValueGrid } from '#objects/grid.ts';
import type { PatchMap } from '#viewer/viewer-api.ts';
import type { FoundObjects } from '../found-objects.ts';
import type { LazyAttention } from '../lazy-attention.ts';
import type { LazyCompare } from '../lazy-compare.ts';

export interface Heatmap {
  readonly name: string;
  readonly boxes: Float32Array<ArrayBuffer>; //  [n × 4] x, y, width, height, level-0 px
  readonly values: Float32Array<ArrayBuffer>; // [n]; NaN where there is no tissue, or a patch is left out
}

/** With the difference that is on screen. */
export const heatmapsOf = (
  found: FoundObjects,
  attention: Pick<LazyAttention, 'loaded'>,
  compared: Pick<LazyCompare, 'loaded'>,
): Heatmap[] => {
  const [tissue, attended, difference] = [found.tissueGrid(), attentionMap(attention), compared.loaded()?.difference()];
  const ofAttention = attention.loaded()?.difference();
  return [
    ...(tissue ? mapsOf(tissue, 'Tissue') : []),
    ...(attended ? [attended] : []),
    ...(difference ? mapsOf(difference, 'Difference') : []),
    ...(ofAttention ? [heatmapOf(ofAttention)] : []),
  ];
};

const heatmapOf = ({ name, boxes, values }: PatchMap): Heatmap => ({
  ...{ name, boxes: Float32Array.from(boxes), values: Float32Array.from(values) },
});

function mapsOf(grid: ValueGrid, what: string): Heatmap[] {
  const cells = grid.patches.reduce((sum, { cols, rows }) => sum + cols * rows, 0);
  return grid.channels.map(({ name }, channel) => {
    const [boxes, values] = [new Float32Array(4 * cells), new Float32Array(cells)];
    let at = 0;
    for (const { x, y, cellWidth, cellHeight, cols, rows, values: of } of grid.patches) {
      for (let k = 0; k < cols * rows; k++, at++) {
        boxes.set([x + (k % cols) * cellWidth, y + Math.floor(k / cols) * cellHeight, cellWidth, cellHeight], 4 * at);
        values[at] = of[channel * cols * rows + k] ?? Number.NaN;
      }
    }
    return { name: `${what}: ${name}`, boxes, values };
  });
}

/** Raw attention: how it is scaled for the eye is no matter of files. */
export function attentionMap(attention: Pick<LazyAttention, 'loaded'>): Heatmap | undefined {
  const bag = attention.loaded()?.attendedBag();
  if (!bag) return undefined;
  const values = bag.attended.attention.map((value, row) => (bag.leftOut?.[row] === 1 ? Number.NaN : value));
  return { name: 'Attention, raw', boxes: Float32Array.from(bag.boxes), values: Float32Array.from(values) };
}

// What lies close together is nearly alike: left out one by one it flatters a head. Blocks of the slide are left out together
// instead, where labels lie in enough of them.
export const PATCH_SIDES = [8, 4, 2] as const; //       patches of a block, the coarsest first
export const OBJECT_SIDES = [32, 16, 8, 4] as const; // an object's squares of a block: of nuclei 512 to 64 µm
const FEWEST = 5; //                blocks: as many as folds

/**
 * The block [n] of each labelled row; undefined where no size of block leaves every class in at least two of `FEWEST` blocks
 * or more: then row by row.
 * @param boxes [n × 4] x, y, width, height, level-0 px; all of one size
 * @param sides of a block, in boxes
 */
export function spatialGroups(
  boxes: Float32Array,
  labels: ArrayLike<number>,
  sides: readonly number[],
): Uint32Array<ArrayBuffer> | undefined {
  for (const side of sides) {
    const numbers = new Map<string, number>();
    const groups = Uint32Array.from({ length: labels.length }, (_, k) => {
      const [x = 0, y = 0, width = 1, height = 1] = boxes.subarray(4 * k, 4 * k + 4);
      const key = `${Math.floor((x + width / 2) / (side * width))},${Math.floor((y + height / 2) / (side * height))}`;
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      return number;
    });
    if (numbers.size >= FEWEST && isSpread(groups, labels)) return groups;
  }
  return undefined;
}

function isSpread(groups: Uint32Array, labels: ArrayLike<number>): boolean {
  const blocks = new Map<number, Set<number>>();
  for (const [k, group] of groups.entries()) {
    const label = labels[k] ?? 0;
    blocks.set(label, (blocks.get(label) ?? new Set()).add(group));
  }
  return [...blocks.values()].every((of) => of.size >= 2);
}

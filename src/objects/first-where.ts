/** The first place of ascending values where `is` holds; it holds from there on. Their length where it holds nowhere. */
export function firstWhere(values: ArrayLike<number>, is: (value: number) => boolean): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (is(values[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  return low;
}

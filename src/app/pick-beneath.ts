// Which of the objects under a click is meant: the smallest kind first, and what lies beneath with each click more. Pure.
import type { ObjectLayer } from './stores/layers-store.ts';

export interface Picked {
  readonly kind: ObjectLayer;
  readonly row: number;
}

/**
 * A gland is full of nuclei and its middle is its lumen: a click at the same place again takes the next one beneath, and
 * after the last the first.
 * @param under all that lie there, the first one on top
 * @param selected now @param isAgain whether the last click was there too
 */
export function pickBeneath(
  under: readonly Picked[],
  selected: Picked | undefined,
  isAgain: boolean,
): Picked | undefined {
  const at = isAgain ? under.findIndex(({ kind, row }) => kind === selected?.kind && row === selected.row) : -1;
  return under[(at + 1) % under.length];
}

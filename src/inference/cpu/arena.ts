// Places for maps that do not all live at once, in one piece of memory.

export interface Life {
  readonly name: string;
  readonly bytes: number;
  readonly from: number; // the step that makes it
  readonly until: number; // the last step that reads it
}

/**
 * Places as low as they go, the largest first; what lives at the same time does not overlap.
 * @returns offsets by name, and the bytes of the whole
 */
export function arranged(lives: readonly Life[]): { offsets: Map<string, number>; bytes: number } {
  const placed: (Life & { readonly at: number })[] = [];
  for (const life of lives.toSorted((a, b) => b.bytes - a.bytes || a.from - b.from)) {
    const beside = placed.filter(({ from, until }) => from <= life.until && until >= life.from);
    let at = 0;
    for (const other of beside.toSorted((a, b) => a.at - b.at)) {
      if (at + life.bytes <= other.at) break;
      at = Math.max(at, other.at + other.bytes);
    }
    placed.push({ ...life, at });
  }
  return {
    offsets: new Map(placed.map(({ name, at }) => [name, at])),
    bytes: placed.reduce((most, { at, bytes }) => Math.max(most, at + bytes), 0),
  };
}

// Values by their place in an ascending order, without sorting all of them. Pure.

const HALF = 1 << 16;

/**
 * In two passes, however many there are: by the upper half of each number's bits, then by the lower half among those that
 * share the upper one of a value that is asked for. @param values none is NaN. @param places 0 for the least
 */
export function nthValues(values: Float32Array<ArrayBuffer>, places: readonly number[]): number[] {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const upper = new Uint32Array(HALF);
  for (let i = 0; i < bits.length; i++) count(upper, keyOf(bits[i] ?? 0) >>> 16);
  const asked = places.map((place) => placeIn(upper, place));
  const lower = new Map(asked.map(({ at }) => [at, new Uint32Array(HALF)]));
  const tables = Array.from({ length: HALF }, (_, half) => lower.get(half));
  for (let i = 0; i < bits.length; i++) {
    const key = keyOf(bits[i] ?? 0);
    const table = tables[key >>> 16];
    if (table) count(table, key & (HALF - 1));
  }
  const found = asked.map(({ at, left }) => at * HALF + placeIn(lower.get(at) ?? upper, left).at);
  return Array.from(new Float32Array(Uint32Array.from(found, bitsOf).buffer));
}

const count = (counts: Uint32Array, at: number): void => {
  counts[at] = (counts[at] ?? 0) + 1;
};

/** The bits of a number so that they are ordered as the numbers are: of negative ones all turned over, else the sign. */
const keyOf = (bits: number): number => (bits & 0x80000000 ? ~bits : bits | 0x80000000) >>> 0;
const bitsOf = (key: number): number => (key & 0x80000000 ? key & 0x7fffffff : ~key) >>> 0;

/** In which of the counted the place lies, and which it is among those there. */
function placeIn(counts: Uint32Array, place: number): { at: number; left: number } {
  let left = place;
  for (let at = 0; at < counts.length; at++) {
    const here = counts[at] ?? 0;
    if (left < here) return { at, left };
    left -= here;
  }
  return { at: counts.length - 1, left: 0 };
}

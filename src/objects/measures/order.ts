// Rows in the order of their values.

const BITS = 11;
const BUCKETS = 1 << BITS;

/**
 * All rows, the smallest value first, NaN last; equal values in the order of their rows. A radix sort of the numbers' bits
 * (three passes of 11): a million rows in some 50 ms, where a comparison a pair would take a second.
 * @param values borrowed
 */
export function ascendingRows(values: Float32Array): Uint32Array<ArrayBuffer> {
  const count = values.length;
  const keys = new Uint32Array(count);
  const bits = new Uint32Array(Float32Array.from(values).buffer);
  for (let row = 0; row < count; row++) {
    const value = bits[row] ?? 0;
    // negative numbers ascend with their bits turned over; zero has two signs
    if (Number.isNaN(values[row])) keys[row] = 0xffffffff;
    else if (value === 0x80000000) keys[row] = 0x80000000;
    else keys[row] = value & 0x80000000 ? ~value : value | 0x80000000;
  }
  let rows = Uint32Array.from({ length: count }, (_, row) => row);
  let next = new Uint32Array(count);
  for (let shift = 0; shift < 32; shift += BITS) {
    const start = new Uint32Array(BUCKETS + 1);
    for (let row = 0; row < count; row++) {
      const bucket = (((keys[row] ?? 0) >>> shift) & (BUCKETS - 1)) + 1;
      start[bucket] = (start[bucket] ?? 0) + 1;
    }
    for (let b = 1; b <= BUCKETS; b++) start[b] = (start[b] ?? 0) + (start[b - 1] ?? 0);
    for (let k = 0; k < count; k++) {
      const row = rows[k] ?? 0;
      const bucket = ((keys[row] ?? 0) >>> shift) & (BUCKETS - 1);
      const at = start[bucket] ?? 0;
      next[at] = row;
      start[bucket] = at + 1;
    }
    [rows, next] = [next, rows];
  }
  return rows;
}

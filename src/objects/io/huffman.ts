// Prefix codes for Deflate (RFC 1951, 3.2.2) from how often each symbol comes.

export const MOST_BITS = 15; // of a code

export interface Codes {
  readonly lengths: Uint8Array; // bits, 0 where it is not used
  /** code << 4 | bits; the code as it is written, its first bit the lowest. */
  readonly packed: Uint32Array;
}

/** At least two symbols must come. */
export function codesOf(counts: Uint32Array): Codes {
  let flatter = counts;
  let lengths = lengthsOf(flatter);
  while (lengths.some((bits) => bits > MOST_BITS)) {
    flatter = flatter.map((count) => (count === 0 ? 0 : (count >> 2) + 1));
    lengths = lengthsOf(flatter);
  }
  const used = new Uint32Array(MOST_BITS + 1);
  for (const bits of lengths) if (bits > 0) used[bits] = (used[bits] ?? 0) + 1;
  const next = new Uint32Array(MOST_BITS + 1);
  for (let bits = 1, code = 0; bits <= MOST_BITS; bits++) {
    code = (code + (used[bits - 1] ?? 0)) << 1;
    next[bits] = code;
  }
  const packed = new Uint32Array(counts.length);
  for (const [symbol, bits] of lengths.entries()) {
    if (bits === 0) continue;
    const code = next[bits] ?? 0;
    next[bits] = code + 1;
    packed[symbol] = (reversed(code, bits) << 4) | bits;
  }
  return { lengths, packed };
}

/** Depths in Huffman's tree: leaves by count, and the nodes made of them, are two queues that both ascend. */
function lengthsOf(counts: Uint32Array): Uint8Array {
  const countOf = (symbol: number): number => counts[symbol] ?? 0;
  const leaves = [...counts.keys()].filter((symbol) => countOf(symbol) > 0).sort((a, b) => countOf(a) - countOf(b));
  const n = leaves.length;
  const weight = new Float64Array(2 * n - 1);
  for (const [k, symbol] of leaves.entries()) weight[k] = countOf(symbol);
  const parent = new Uint16Array(2 * n - 1);
  let [leaf, node] = [0, n];
  for (let made = n; made < 2 * n - 1; made++) {
    for (let k = 0; k < 2; k++) {
      const isLeaf = leaf < n && (node >= made || (weight[leaf] ?? 0) <= (weight[node] ?? 0));
      const least = isLeaf ? leaf++ : node++;
      weight[made] = (weight[made] ?? 0) + (weight[least] ?? 0);
      parent[least] = made;
    }
  }
  const depth = new Uint8Array(2 * n - 1);
  for (let k = 2 * n - 3; k >= 0; k--) depth[k] = (depth[parent[k] ?? 0] ?? 0) + 1;
  const lengths = new Uint8Array(counts.length);
  for (const [k, symbol] of leaves.entries()) lengths[symbol] = depth[k] ?? 0;
  return lengths;
}

export function reversed(code: number, bits: number): number {
  let out = 0;
  for (let k = 0; k < bits; k++) out |= ((code >> k) & 1) << (bits - 1 - k);
  return out;
}

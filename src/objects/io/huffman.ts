// Huffman codes of limited length, as deflate (RFC 1951, 3.2.2) writes them.

/**
 * How many bits the code of each symbol has: 0 where it does not occur. Two symbols at least get one, so that a code is whole.
 * Huffman's, where that is short enough; else the least frequent symbols that fit share what is left (Kraft's sum is 1).
 */
export function lengthsOf(counts: Uint32Array, longest: number): Uint8Array {
  const lengths = new Uint8Array(counts.length);
  const used = Array.from(counts.keys()).filter((symbol) => (counts[symbol] ?? 0) > 0);
  for (let symbol = 0; used.length < 2; symbol++) if (!used.includes(symbol)) used.push(symbol);
  used.sort((a, b) => (counts[a] ?? 0) - (counts[b] ?? 0) || a - b);
  const byLength = limited(depthsOf(used.map((symbol) => Math.max(1, counts[symbol] ?? 0))), longest);
  // The least frequent get the longest.
  let length = longest;
  for (const symbol of used) {
    while ((byLength[length] ?? 0) === 0) length--;
    lengths[symbol] = length;
    byLength[length] = (byLength[length] ?? 0) - 1;
  }
  return lengths;
}

/** Huffman's tree over weights in ascending order: how deep each leaf lies. Two queues, for what is joined comes in order too. */
function depthsOf(weights: readonly number[]): number[] {
  const n = weights.length;
  const sums: number[] = [];
  const parents = new Int32Array(2 * n - 1);
  let [leaf, joined] = [0, 0];
  const least = (): number => {
    const takesLeaf = leaf < n && (joined >= sums.length || (weights[leaf] ?? 0) <= (sums[joined] ?? 0));
    return takesLeaf ? leaf++ : n + joined++;
  };
  const weight = (node: number): number => (node < n ? weights[node] : sums[node - n]) ?? 0;
  for (let k = 0; k < n - 1; k++) {
    const [a, b] = [least(), least()];
    sums.push(weight(a) + weight(b));
    parents[a] = n + k;
    parents[b] = n + k;
  }
  const depths = new Array<number>(2 * n - 1).fill(0);
  for (let node = 2 * n - 3; node >= 0; node--) depths[node] = (depths[parents[node] ?? 0] ?? 0) + 1;
  return depths.slice(0, n);
}

/** How many codes of each length there are, none longer than the longest. */
function limited(depths: readonly number[], longest: number): number[] {
  const byLength = new Array<number>(longest + 1).fill(0);
  for (const depth of depths) {
    const length = Math.min(depth, longest);
    byLength[length] = (byLength[length] ?? 0) + 1;
  }
  let whole = 0; // in parts of the longest code: 2^longest where nothing is left or too much
  for (const [length, count] of byLength.entries()) if (length > 0) whole += count * 2 ** (longest - length);
  // One of the longest goes beside one that is shorter by a step, whose place becomes two: one part less is taken each time.
  for (; whole > 2 ** longest; whole--) {
    byLength[longest] = (byLength[longest] ?? 0) - 1;
    let length = longest - 1;
    while ((byLength[length] ?? 0) === 0) length--;
    byLength[length] = (byLength[length] ?? 0) - 1;
    byLength[length + 1] = (byLength[length + 1] ?? 0) + 2;
  }
  return byLength;
}

/** The codes of those lengths, first bit lowest, as deflate packs them. */
export function codesOf(lengths: Uint8Array): Uint16Array {
  const next = new Array<number>(17).fill(0);
  for (const length of lengths) if (length > 0) next[length + 1] = (next[length + 1] ?? 0) + 1;
  for (let length = 1, code = 0; length <= 16; length++) {
    code = (code + (next[length] ?? 0)) << 1;
    next[length] = code;
  }
  return Uint16Array.from(lengths, (length) => {
    if (length === 0) return 0;
    const code = next[length] ?? 0;
    next[length] = code + 1;
    return reversed(code, length);
  });
}

function reversed(code: number, length: number): number {
  let turned = 0;
  for (let bit = 0; bit < length; bit++) turned |= ((code >> bit) & 1) << (length - 1 - bit);
  return turned;
}

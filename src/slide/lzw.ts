/**
 * TIFF's LZW (most significant bit first, codes grow one early), into `size` bytes and never more.
 * Our own instead of geotiff's: that one follows its table in circles on damaged data, and grows without limit.
 * @returns what was decoded; shorter than `size` when the stream ends early
 * @throws Error when a code cannot be
 */
export function decodeLzw(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const CLEAR = 256;
  const END = 257;
  const out = new Uint8Array(size);
  const start = new Int32Array(4096); //  where in `out` the string of a code begins
  const length = new Int32Array(4096); // and how long it is
  let used = 0;
  let next = 258;
  let width = 9;
  let previousStart = -1; // the string written last
  let previousLength = 0;
  let bits = 0;
  let held = 0;
  let at = 0;
  while (used < size) {
    while (held < width && at < bytes.length) {
      bits = ((bits << 8) | (bytes[at++] ?? 0)) & 0xffffff;
      held += 8;
    }
    if (held < width) break;
    held -= width;
    const code = (bits >>> held) & ((1 << width) - 1);
    if (code === END) break;
    if (code === CLEAR) {
      next = 258;
      width = 9;
      previousStart = -1;
      continue;
    }
    const from = used;
    if (code < 256) {
      out[used++] = code;
    } else {
      if (code > next || (code === next && previousStart < 0) || code > 4095)
        throw new Error('an LZW code that cannot be');
      const first = code === next ? previousStart : (start[code] ?? 0);
      const run = code === next ? previousLength + 1 : (length[code] ?? 0);
      for (let i = 0; i < run && used < size; i++) out[used++] = out[first + i] ?? 0;
    }
    if (previousStart >= 0 && next < 4096) {
      start[next] = previousStart;
      length[next] = previousLength + 1; // the string before and the first byte of this one, which follows it in `out`
      next++;
    }
    previousStart = from;
    previousLength = used - from;
    if (next >= (1 << width) - 1 && width < 12) width++;
  }
  return used === size ? out : out.slice(0, used);
}

/** PackBits: runs and stretches of bytes. Stops at `most` bytes, and where the input ends. */
export function unpackBits(bytes: Uint8Array, most: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(most);
  let used = 0;
  for (let at = 0; at + 1 < bytes.length && used < most; ) {
    const code = bytes[at] ?? 0;
    if (code < 128) {
      const stretch = bytes.subarray(at + 1, Math.min(at + 2 + code, at + 1 + most - used));
      out.set(stretch, used);
      used += stretch.length;
      at += code + 2;
    } else if (code > 128) {
      const end = Math.min(used + 257 - code, most);
      out.fill(bytes[at + 1] ?? 0, used, end);
      used = end;
      at += 2;
    } else at++;
  }
  return out.subarray(0, used);
}

/** One after the other, in an array of its own: in `room`, which is taken over, where that is large enough. */
export function joined(parts: readonly Uint8Array[], room?: ArrayBuffer): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const out = room && room.byteLength >= length ? new Uint8Array(room, 0, length) : new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

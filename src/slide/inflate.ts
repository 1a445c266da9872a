// Deflated bytes unpacked by the platform, as far as they may grow.
import { joined } from './joined.ts';

/**
 * @param most bytes
 * @returns undefined where they unpack to more
 * @throws TypeError where they are damaged or cut short, or more follows them
 */
export async function inflated(
  bytes: Uint8Array<ArrayBuffer>,
  format: 'deflate' | 'deflate-raw',
  most: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format)).getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joined(parts);
    parts.push(value);
    length += value.length;
    if (length > most) {
      await reader.cancel();
      return undefined;
    }
  }
}

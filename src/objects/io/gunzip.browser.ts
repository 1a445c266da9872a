// In a browser, whose own unpacker takes one member and drops what it had where a file breaks off.
import { gzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { gunzipped } from './gunzip.ts';

const text = Array.from({ length: 60_000 }, (_, k) => `line ${k} ${(k * 7919) % 1000}`).join('\n');
const packed = (of: string): Uint8Array<ArrayBuffer> => new Uint8Array(gzipSync(new TextEncoder().encode(of)));

/** All of it, and whether it ended well. */
async function read(file: Blob): Promise<{ text: string; isWhole: boolean }> {
  const pull = gunzipped(file);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const got = async (): Promise<string> => new Blob(pieces).text();
  try {
    for (let piece = await pull(); piece; piece = await pull()) pieces.push(piece.slice());
  } catch {
    return { text: await got(), isWhole: false };
  }
  return { text: await got(), isWhole: true };
}

test('one member, and several, are all of the text', async () => {
  const middle = text.length >> 1;
  expect(await read(new Blob([packed(text)]))).toEqual({ text, isWhole: true });
  const members = [packed(text.slice(0, middle)), packed(''), packed(text.slice(middle))];
  expect(await read(new Blob(members))).toEqual({ text, isWhole: true });
});

test('one that is cut short gives what stands before', async () => {
  const whole = packed(text);
  const { text: got, isWhole } = await read(new Blob([whole.subarray(0, Math.floor(0.7 * whole.length))]));
  expect(isWhole).toBe(false);
  expect(got.length).toBeGreaterThan(0.5 * text.length);
  expect(text.startsWith(got)).toBe(true);
});

import { crc32 as nodeCrc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { crc32 } from './crc32.ts';

test('the check value of the standard', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array(0))).toBe(0);
});

test('as zlib has it, at every length up to 70 and at any offset', () => {
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => (i * 167 + 13) & 255);
  for (let from = 0; from < 9; from++) {
    for (let length = 0; length < 70; length++) {
      const part = bytes.subarray(from, from + length);
      expect(crc32(part)).toBe(nodeCrc32(part));
    }
  }
});

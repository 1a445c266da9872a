import { expect, test } from 'vitest';
import { sizeOf } from './traffic.ts';

test('every body counts by its bytes, and one of unknown length cannot hide', () => {
  expect(sizeOf(undefined)).toBe(0);
  expect(sizeOf('µm')).toBe(3);
  expect(sizeOf(new Blob(['1234']))).toBe(4);
  expect(sizeOf(new Uint16Array(5))).toBe(10);
  expect(sizeOf(new ArrayBuffer(7))).toBe(7);
  expect(sizeOf(new URLSearchParams({ a: 'b' }))).toBe(3);
  expect(sizeOf(new ReadableStream())).toBe(Number.POSITIVE_INFINITY);
});

import { expect, test } from 'vitest';
import { packed, unpacked } from './packing.ts';

const even = new Uint8Array(10_000).fill(7);
const noise = Uint8Array.from({ length: 5000 }, (_, i) => ((i * 2654435761) >>> 13) & 255);

test.each([
  ['nothing', new Uint8Array(0)],
  ['a mark alone', Uint8Array.of(9)],
  ['a few bytes', Uint8Array.of(1, 2, 3)],
  ['what deflates', even],
  ['what does not', noise],
])('%s comes back, its mark in front', async (_, record) => {
  const out = await packed(record);
  expect(out[0]).toBe(record[0]);
  expect(out.length).toBeLessThanOrEqual(record.length + 6);
  expect(await unpacked(out)).toEqual(record);
});

test('what deflates gets small', async () => expect((await packed(even)).length).toBeLessThan(100));

test('bytes that were not packed so are refused', async () => {
  const good = await packed(even);
  const changed = (at: number, value: number) => unpacked(good.with(at, value));
  await expect(changed(1, 7)).rejects.toThrow('packed in a way numbered 7');
  await expect(changed(2, 1)).rejects.toThrow('of its');
  await expect(changed(5, 255)).rejects.toThrow('bytes long');
  await expect(changed(6, 255)).rejects.toThrow('does not inflate');
  await expect(unpacked(good.slice(0, 4))).rejects.toThrow('cut short');
});

import { expect, test } from 'vitest';
import { LeftOutTissue } from './left-out.ts';

const boxes = Float32Array.from([0, 10, 20, 30].flatMap((x) => [x, 0, 10, 10]));
const around = (from: number, to: number): Float64Array => Float64Array.from([from, -1, to, -1, to, 11, from, 11]);

test('patches whose centre lies inside a line are left out; each counts for the first piece that took it', () => {
  const out = new LeftOutTissue();
  expect(out.over(boxes)).toEqual({ mask: undefined, pieces: [] });
  out.add(around(0, 19));
  out.add(around(0, 29));
  expect(out.over(boxes)).toEqual({
    mask: Uint8Array.from([1, 1, 1, 0]),
    pieces: [
      { id: 1, patches: 2 },
      { id: 2, patches: 1 },
    ],
  });
  out.putBack(1);
  expect([...(out.over(boxes).mask ?? [])]).toEqual([1, 1, 1, 0]);
  out.putBack();
  expect(out.empty).toBe(true);
});

test('patches that are embedded later fall under the lines drawn before', () => {
  const out = new LeftOutTissue();
  out.add(around(20, 40));
  expect(out.over(boxes.subarray(0, 8)).mask).toBeUndefined();
  expect([...(out.over(boxes).mask ?? [])]).toEqual([0, 0, 1, 1]);
});

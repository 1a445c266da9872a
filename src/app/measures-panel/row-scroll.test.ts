import { expect, test } from 'vitest';
import { random } from '#objects/testing/random.ts';
import { MOST_PX, RowScroll } from './row-scroll.ts';

const [ROW, SEEN] = [22, 260]; // px
const MILLION = 1_000_000;

/** What a browser makes of a wish to scroll: a whole number of px, within what there is. */
const asScrolled = (scroll: RowScroll, topPx: number): number =>
  Math.min(scroll.roomPx - SEEN, Math.max(0, Math.round(topPx)));

test('a million rows fit into what browsers can make, and both ends are in sight', () => {
  const scroll = new RowScroll(MILLION, ROW, SEEN);
  expect(scroll.roomPx).toBe(MOST_PX);
  expect(MOST_PX).toBeLessThan(17.8e6); // Firefox; Chromium has 33.5 million
  expect(scroll.shown).toBe(10);
  expect(scroll.firstAt(0)).toBe(0);
  expect(scroll.firstAt(scroll.roomPx - SEEN) + scroll.shown - 1).toBe(999_999);
});

test.each([200, 300_000, MILLION, 5_000_000])('any of %i rows can be gone to, in whole px, from anywhere', (rows) => {
  const scroll = new RowScroll(rows, ROW, SEEN);
  const next = random(5);
  let topPx = 0;
  const wanted = [rows - 1, 0, 1, rows - 2, Math.floor(rows / 2)];
  for (let k = 0; k < 20_000; k++) wanted.push(Math.floor(next() * rows));
  for (const row of wanted) {
    topPx = asScrolled(scroll, scroll.topFor(row, topPx) ?? topPx);
    const first = scroll.firstAt(topPx);
    if (row < first || row >= first + scroll.shown) throw new Error(`row ${row} is not among ${first} and on`);
    expect(scroll.topFor(row, topPx)).toBeUndefined();
  }
});

test('from row to row it moves by one at the edge, and not at all within', () => {
  const scroll = new RowScroll(MILLION, ROW, SEEN);
  let topPx = asScrolled(scroll, scroll.topFor(500_000, 0) ?? 0);
  const [first, last] = [scroll.firstAt(topPx), scroll.firstAt(topPx) + scroll.shown - 1];
  expect(last).toBe(500_000);
  expect(scroll.topFor(first, topPx)).toBeUndefined();
  for (let row = last + 1; row < last + 50; row++) {
    topPx = asScrolled(scroll, scroll.topFor(row, topPx) ?? topPx);
    expect(scroll.firstAt(topPx)).toBe(row - scroll.shown + 1);
  }
});

test('few rows, or none, or no room yet', () => {
  expect(new RowScroll(3, ROW, SEEN)).toMatchObject({ shown: 3, roomPx: SEEN });
  expect(new RowScroll(3, ROW, SEEN).topFor(2, 0)).toBeUndefined();
  expect(new RowScroll(0, ROW, SEEN)).toMatchObject({ shown: 0, roomPx: SEEN });
  expect(new RowScroll(100, ROW, 0).shown).toBe(1);
});

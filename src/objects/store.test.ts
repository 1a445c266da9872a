import { expect, test, vi } from 'vitest';
import { contains, type Rect } from '#units/rect.ts';
import { ColumnsBuilder } from './builder.ts';
import { type ObjectColumns, ringOf } from './columns.ts';
import { inReadingOrder } from './order.ts';
import { ObjectStore } from './store.ts';
import { random } from './testing/random.ts';

const classes = [
  { name: 'Epithelial', color: '#ff7a1a' },
  { name: 'Other', color: '#ffffff' },
];

/** Squares of mixed size (a few very large) at random places, some left of and above the origin. */
function squares(next: () => number, count: number, kind: 'nuclei' | 'glands' = 'glands'): ObjectColumns {
  const builder = new ColumnsBuilder(kind, classes);
  for (let i = 0; i < count; i++) {
    const [x, y] = [next() * 11000 - 1000, next() * 11000 - 1000];
    const half = kind === 'nuclei' ? 4 + next() * 20 : 10 ** (1 + next() * 2.6);
    const ring = [x - half, y - half, x + half, y - half, x + half, y + half, x - half, y + half];
    builder.add({ classIndex: i % 2, probability: next(), x, y, areaPx: 4 * half * half, ring });
  }
  return builder.copy();
}

function boxOf(columns: ObjectColumns, row: number): [number, number, number, number] {
  const ring = ringOf(columns, row);
  const xs = ring.filter((_, i) => i % 2 === 0);
  const ys = ring.filter((_, i) => i % 2 === 1);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

test.each([1, 2, 3])('queries equal brute force through appends and removals, seed %i', (seed) => {
  const next = random(seed);
  const store = new ObjectStore('glands', classes);
  for (let round = 0; round < 6; round++) {
    store.append(squares(next, 300));
    const gone = { x: next() * 8000, y: next() * 8000, width: 1500, height: 1500 };
    const { columns } = store;
    let expectGone = 0;
    for (let i = 0; i < columns.count; i++) {
      if (contains(gone, columns.centroid[2 * i] ?? 0, columns.centroid[2 * i + 1] ?? 0)) expectGone++;
    }
    expect(store.removeWhere(gone)).toBe(expectGone);
    expect(store.columns.count).toBe(columns.count - expectGone);
    const boxes = Array.from({ length: store.columns.count }, (_, i) => boxOf(store.columns, i));
    for (const side of [0, 10, 700, 9000, 40000]) {
      const rect = { x: next() * 9000 - 1000, y: next() * 9000 - 1000, width: side, height: side * 0.7 };
      const meets = boxes.flatMap(([x0, y0, x1, y1], i) =>
        x0 <= rect.x + rect.width && x1 >= rect.x && y0 <= rect.y + rect.height && y1 >= rect.y ? [i] : [],
      );
      expect([...store.query(rect)]).toEqual(meets);
    }
  }
});

test('100,000 nuclei: every query equals brute force', () => {
  const next = random(7);
  const store = new ObjectStore('nuclei', classes);
  for (let i = 0; i < 10; i++) store.append(squares(next, 10_000, 'nuclei'));
  const { columns } = store;
  for (let k = 0; k < 20; k++) {
    const rect = { x: next() * 9000, y: next() * 9000, width: 200, height: 100 };
    const meets: number[] = [];
    for (let i = 0; i < columns.count; i++) {
      const at = 2 * (columns.ringStart[i] ?? 0); // a square: first vertex is its top left corner, third its bottom right
      const [cx, cy] = [columns.centroid[2 * i] ?? 0, columns.centroid[2 * i + 1] ?? 0];
      const x0 = cx + (columns.ring[at] ?? 0) / 8;
      const y0 = cy + (columns.ring[at + 1] ?? 0) / 8;
      const x1 = cx + (columns.ring[at + 4] ?? 0) / 8;
      const y1 = cy + (columns.ring[at + 5] ?? 0) / 8;
      if (x0 <= rect.x + rect.width && x1 >= rect.x && y0 <= rect.y + rect.height && y1 >= rect.y) meets.push(i);
    }
    expect([...store.query(rect)]).toEqual(meets);
    expect(meets.length).toBeGreaterThan(0);
  }
});

test.each([4, 5, 6])('removals in a row without a look between equal a rebuild, seed %i', (seed) => {
  const next = random(seed);
  const store = new ObjectStore('nuclei', classes);
  let expected: ObjectColumns = squares(next, 400, 'nuclei');
  store.append(expected);
  for (let round = 0; round < 12; round++) {
    for (let k = 0; k < 5; k++) {
      const gone = { x: next() * 9000 - 1000, y: next() * 9000 - 1000, width: 2500, height: 2000 };
      const isMeant = (x: number, y: number): boolean => x + y < 9000;
      const rows = Array.from({ length: expected.count }, (_, i) => i).filter((i) => {
        const [x, y] = [expected.centroid[2 * i] ?? 0, expected.centroid[2 * i + 1] ?? 0];
        return !contains(gone, x, y) || !isMeant(x, y);
      });
      expect(store.removeWhere(gone, isMeant)).toBe(expected.count - rows.length);
      const batch = squares(next, 20, 'nuclei');
      store.append(batch);
      const builder = new ColumnsBuilder('nuclei', classes);
      builder.addRows(expected, rows);
      builder.addRows(batch);
      expected = builder.copy();
    }
    const rect = { x: next() * 8000, y: next() * 8000, width: 1500, height: 900 };
    const rebuilt = new ObjectStore('nuclei', classes);
    rebuilt.append(expected);
    expect(store.query(rect)).toEqual(rebuilt.query(rect));
    expect(store.columns).toEqual(expected);
  }
});

/** An object of the plain oracle: its area is its name. */
interface Plain {
  readonly x: number;
  readonly y: number;
  readonly half: number;
  readonly name: number;
}

class PlainStore {
  #all: readonly Plain[] = [];
  #named = 0;
  readonly #next: () => number;

  constructor(next: () => number) {
    this.#next = next;
  }

  /** `count` nuclei in a rectangle, as a batch for the store as well. */
  append(count: number, within: Rect): ObjectColumns {
    const builder = new ColumnsBuilder('nuclei', classes);
    const added: Plain[] = [];
    for (let i = 0; i < count; i++) {
      const [x, y] = [within.x + this.#next() * within.width, within.y + this.#next() * within.height];
      const half = 4 + Math.floor(this.#next() * 16);
      const name = this.#named++;
      const ring = [x - half, y - half, x + half, y - half, x + half, y + half, x - half, y + half];
      builder.add({ classIndex: name % 2, probability: 1, x, y, areaPx: name, ring });
      added.push({ x, y, half, name });
    }
    this.#all = [...this.#all, ...added];
    return builder.view();
  }

  remove(rect: Rect, isMeant: (x: number, y: number) => boolean): number {
    const before = this.#all.length;
    this.#all = this.#all.filter(({ x, y }) => !contains(rect, x, y) || !isMeant(x, y));
    return before - this.#all.length;
  }

  /** In the order in which they came. */
  names(rect?: Rect): number[] {
    const meets = ({ x, y, half }: Plain): boolean =>
      rect === undefined ||
      (x - half <= rect.x + rect.width && x + half >= rect.x && y - half <= rect.y + rect.height && y + half >= rect.y);
    return this.#all.filter(meets).map(({ name }) => name);
  }

  byClass(): number[] {
    return [0, 1].map((of) => this.#all.filter(({ name }) => name % 2 === of).length);
  }
}

/** Of tens of thousands: Vitest's own comparison asks for each of them by its key. */
function expectSame(names: ArrayLike<number>, expected: readonly number[]): void {
  expect(names.length).toBe(expected.length);
  expect(expected.findIndex((name, i) => names[i] !== name)).toBe(-1);
}

const SLIDE = { x: -1000, y: -1000, width: 11_000, height: 11_000 };

test.each([11, 12, 13])('appends, removals and sweeps at random equal a plain list, seed %i', (seed) => {
  const next = random(seed);
  const plain = new PlainStore(next);
  const store = new ObjectStore('nuclei', classes);
  const named = ({ areaPx }: ObjectColumns, rows: ArrayLike<number>): number[] =>
    Array.from(rows, (row) => areaPx[row] ?? -1);
  const rect = (most: number): Rect => ({
    x: next() * 9000 - 1000,
    y: next() * 9000 - 1000,
    width: next() * most,
    height: next() * most,
  });
  store.append(plain.append(30_000, SLIDE));
  let settling = store.settling();
  for (let round = 0; round < 40; round++) {
    const [where, isMeant] = [rect(6000), (x: number, y: number): boolean => (x * 7 + y) % 10 < 8];
    expect(store.removeWhere(where, isMeant)).toBe(plain.remove(where, isMeant));
    store.append(plain.append(Math.floor(next() * 3000), where));
    if (next() < 0.3 && settling.next().done) settling = store.settling();
    const { live, counts } = store;
    const here = rect(1500);
    expect(named(live.columns, live.query(here))).toEqual(plain.names(here));
    expect(counts.byClass).toEqual(plain.byClass());
    const all = plain.names();
    expect(counts.count).toBe(all.length);
    const { areaPx } = live.columns;
    expectSame(
      areaPx.filter((_, row) => live.isGone?.[row] !== 1),
      all,
    );
    if (next() > 0.1) continue;
    expectSame(store.columns.areaPx, all);
    expect(named(store.columns, store.query(here))).toEqual(plain.names(here));
  }
  for (const _step of store.settling());
  expect(store.live.isGone).toBeUndefined();
  expectSame(store.live.columns.areaPx, plain.names());
});

test('a run that replaces everything moves a few thousand rows a patch, and what is gone does not pile up', () => {
  const next = random(9);
  const plain = new PlainStore(next);
  const store = new ObjectStore('nuclei', classes);
  store.append(plain.append(100_000, { x: 0, y: 0, width: 10_000, height: 10_000 }));
  const moved = vi.spyOn(ColumnsBuilder.prototype, 'addBlock');
  let most = 0;
  for (let patch = 0; patch < 100; patch++) {
    const core = { x: (patch % 10) * 1000, y: Math.floor(patch / 10) * 1000, width: 1000, height: 1000 };
    for (const change of [() => store.removeWhere(core), () => store.append(plain.append(1000, core))]) {
      moved.mockClear();
      change();
      most = Math.max(
        most,
        moved.mock.calls.reduce((rows, [, start, end]) => rows + end - start, 0),
      );
    }
    expect(store.live.columns.count).toBeLessThan(160_000);
  }
  vi.restoreAllMocks();
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(4_096);
  expect(store.counts.count).toBe(100_000);
});

test('a snapshot stays as it was', () => {
  const store = new ObjectStore('nuclei', classes);
  store.append(squares(random(1), 50, 'nuclei'));
  const before = store.columns;
  const rings = Array.from({ length: before.count }, (_, i) => ringOf(before, i));
  store.append(squares(random(2), 500, 'nuclei'));
  store.removeWhere({ x: -1e6, y: -1e6, width: 2e6, height: 2e6 });
  expect(store.columns.count).toBe(0);
  expect(Array.from({ length: before.count }, (_, i) => ringOf(before, i))).toEqual(rings);
});

test('nuclei keep outlines within a sixteenth of a pixel', () => {
  const builder = new ColumnsBuilder('nuclei', classes);
  const ring = [10.03, 20.01, 30.49, 21.3, 15.2, 44.44];
  builder.add({ classIndex: 0, probability: 1, x: 18.6, y: 28.6, areaPx: 200, ring });
  const kept = ringOf(builder.view(), 0);
  for (const [i, value] of ring.entries()) expect(Math.abs((kept[i] ?? 0) - value)).toBeLessThanOrEqual(1 / 16);
});

test('picking takes the smallest that encloses the point, then the nearest outline within the tolerance', () => {
  const builder = new ColumnsBuilder('glands', classes);
  const square = (x: number, y: number, half: number): void =>
    builder.add({
      classIndex: 0,
      probability: 1,
      x,
      y,
      areaPx: 4 * half * half,
      ring: [x - half, y - half, x + half, y - half, x + half, y + half, x - half, y + half],
    });
  square(100, 100, 50);
  square(100, 100, 10);
  square(400, 100, 20);
  const store = new ObjectStore('glands');
  store.append(builder.view());
  expect(store.pick(105, 95, 0)).toBe(1);
  expect(store.pick(130, 100, 0)).toBe(0);
  expect(store.pick(423, 100, 2)).toBeUndefined();
  expect(store.pick(423, 100, 4)).toBe(2);
});

test('classes of another batch join by name', () => {
  const store = new ObjectStore('glands', classes);
  const builder = new ColumnsBuilder('glands', [{ name: 'New', color: '#010203' }, ...classes]);
  for (const classIndex of [0, 1, 2]) {
    builder.add({ classIndex, probability: 1, x: 0, y: 0, areaPx: 1, ring: [0, 0, 1, 0, 1, 1] });
  }
  store.append(builder.view());
  expect(store.columns.classes.map(({ name }) => name)).toEqual(['Epithelial', 'Other', 'New']);
  expect([...store.columns.classIndex]).toEqual([2, 0, 1]);
});

test('subscribers hear every change until they leave', () => {
  const store = new ObjectStore('glands', classes);
  let heard = 0;
  const leave = store.subscribe(() => heard++);
  store.append(squares(random(1), 3));
  store.replace(squares(random(2), 2));
  expect([heard, store.version, store.columns.count]).toEqual([2, 2, 2]);
  leave();
  store.append(squares(random(3), 1));
  expect(heard).toBe(2);
});

test('reading order does not depend on the order of batches', () => {
  const [a, b] = [squares(random(1), 40), squares(random(2), 40)];
  const [one, other] = [new ObjectStore('glands', classes), new ObjectStore('glands', classes)];
  one.append(a);
  one.append(b);
  other.append(b);
  other.append(a);
  expect(inReadingOrder(one.columns)).toEqual(inReadingOrder(other.columns));
});

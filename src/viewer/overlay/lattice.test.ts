import { describe, expect, test } from 'vitest';
import { type Lattice, latticesOfBoxes, latticesOfGrid, pitchOf, valueBetween } from './lattice.ts';

const EVERYWHERE = { x: -1e6, y: -1e6, width: 2e6, height: 2e6 };

/** Boxes of a lattice with fractional places, one missing, one without a value. */
function boxesOf(cols: number, rows: number, worth: (x: number, y: number) => number, side = 100.53, from = 40.25) {
  const kept = Array.from({ length: cols * rows }, (_, i) => [i % cols, Math.floor(i / cols)] as const).filter(
    ([col, row]) => !(col === 3 && row === 2),
  );
  const boxes = Float32Array.from(kept.flatMap(([col, row]) => [from + col * side, from + row * side, side, side]));
  const values = Float32Array.from(kept, ([col, row]) =>
    col === 5 && row === 1 ? Number.NaN : worth(from + (col + 0.5) * side, from + (row + 0.5) * side),
  );
  return { boxes, values };
}

const at = (lattice: Lattice, x: number, y: number): number =>
  valueBetween(lattice, (x - lattice.x) / lattice.pitch.x, (y - lattice.y) / lattice.pitch.y);

const only = (lattices: readonly Lattice[]): Lattice => {
  const [lattice] = lattices;
  if (!lattice || lattices.length !== 1) throw new Error(`${lattices.length} lattices`);
  return lattice;
};

describe('between the centres of boxes', () => {
  const plane = (x: number, y: number): number => 0.3 + 0.0004 * x - 0.0002 * y;
  const { boxes, values } = boxesOf(8, 6, plane);
  const pitch = pitchOf(boxes);
  const lattice = only(latticesOfBoxes(boxes, values, pitch, EVERYWHERE));

  test('a plane stays a plane, and centres keep their values', () => {
    expect(pitch.x).toBeCloseTo(100.53, 2);
    for (const [x, y] of [
      [140, 130],
      [201.7, 140.3],
      [250, 560],
      [702.3, 500.9],
    ] as const)
      expect(at(lattice, x, y)).toBeCloseTo(plane(x, y), 4); // centres are 32-bit
    expect(at(lattice, 40.25 + 2.5 * 100.53, 40.25 + 4.5 * 100.53)).toBeCloseTo(values[33] ?? 0, 5);
  });

  test('a map ends where its boxes end, and so do its holes', () => {
    const edge = 40.25 + 8 * 100.53;
    expect(at(lattice, edge - 0.1, 300)).not.toBeNaN();
    expect(at(lattice, edge + 0.1, 300)).toBeNaN();
    expect(at(lattice, 40.15, 300)).toBeNaN();
    expect(at(lattice, 5e5, 300)).toBeNaN();
    for (const [col, row] of [
      [3, 2], // no box
      [5, 1], // no value
    ] as const) {
      const [left, top] = [40.25 + col * 100.53, 40.25 + row * 100.53];
      expect(at(lattice, left + 0.2, top + 50)).toBeNaN();
      expect(at(lattice, left + 100.3, top + 100.3)).toBeNaN();
      expect(at(lattice, left - 0.2, top + 50.265)).toBeCloseTo(at(lattice, left - 50.265, top + 50.265), 4); // the neighbour alone
    }
  });

  test('only boxes near the view are looked at, and give the same', () => {
    const near = { x: 300, y: 300, width: 80, height: 50 };
    const few = only(latticesOfBoxes(boxes, values, pitch, near));
    expect(few.values.length).toBeLessThan(lattice.values.length);
    for (const [x, y] of [
      [300.5, 300.5],
      [379, 349],
    ] as const)
      expect(at(few, x, y)).toBeCloseTo(at(lattice, x, y), 6);
  });

  test('boxes apart from each other: nothing is drawn between them', () => {
    const apart = Float32Array.of(0, 0, 50, 50, 100, 0, 50, 50);
    const two = only(latticesOfBoxes(apart, Float32Array.of(0, 1), pitchOf(apart), EVERYWHERE));
    expect(two.pitch.x).toBe(100);
    expect(at(two, 49, 25)).toBeCloseTo(0.24, 6);
    expect(at(two, 51, 25)).toBeNaN();
    expect(at(two, 101, 25)).toBeCloseTo(0.76, 6);
  });

  test('a single box, and none', () => {
    const one = Float32Array.of(10, 10, 20, 20);
    expect(at(only(latticesOfBoxes(one, Float32Array.of(0.7), pitchOf(one), EVERYWHERE)), 11, 29)).toBeCloseTo(0.7, 6);
    expect(latticesOfBoxes(new Float32Array(0), new Float32Array(0), { x: 1, y: 1 }, EVERYWHERE)).toEqual([]);
  });
});

describe('between the cells of a grid', () => {
  const CELL = 12.375;
  const wave = (x: number, y: number): number => 0.5 + 0.4 * Math.sin(x / 90) * Math.cos(y / 70);
  const patch = (x: number, y: number, side = CELL) => {
    const cells = 8;
    const value = (i: number): number => wave(x + ((i % cells) + 0.5) * side, y + (Math.floor(i / cells) + 0.5) * side);
    const second = Array.from({ length: cells * cells }, (_, i) => value(i));
    const values = Float32Array.from([...second.map((of) => 1 - of), ...second]);
    return { x, y, cellWidth: side, cellHeight: side, cols: cells, rows: cells, values };
  };

  test('there is no seam between patches, and the channel is the one that was asked for', () => {
    const whole = only(latticesOfGrid([patch(0, 0), patch(99, 0), patch(0, 99), patch(99, 99)], 1, EVERYWHERE));
    for (let x = 10; x < 190; x += 7.3)
      for (let y = 10; y < 190; y += 9.1) expect(Math.abs(at(whole, x, y) - wave(x, y))).toBeLessThan(0.01);
    const first = only(latticesOfGrid([patch(0, 0)], 0, EVERYWHERE));
    expect(at(first, 50, 50)).toBeCloseTo(1 - at(whole, 50, 50), 5);
  });

  test('cells of another size or another phase have a lattice of their own', () => {
    expect(latticesOfGrid([patch(0, 0), patch(300, 0)], 0, EVERYWHERE)).toHaveLength(2); // 300 is no multiple of a cell
    expect(latticesOfGrid([patch(0, 0), patch(297, 99)], 0, EVERYWHERE)).toHaveLength(1);
    expect(latticesOfGrid([patch(0, 0), patch(200, 200, 9)], 0, EVERYWHERE)).toHaveLength(2);
  });
});

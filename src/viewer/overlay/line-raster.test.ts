import { expect, test } from 'vitest';
import { type Frame, toScreen } from '../frame.ts';
import { HIDDEN } from './groups.ts';
import { colouredLines, coverage, INSIDE, Lines, NOTHING, PER_PX } from './line-raster.ts';
import type { NearRows } from './near.ts';

const rect = { x: 10_000, y: 20_000, width: 400, height: 400 };

/** Rings in level-0 px from the rectangle's corner, one object each but where `holes` says. */
function nearOf(objects: readonly (readonly (readonly number[])[])[]): NearRows {
  const rings = objects.flat();
  return {
    rect,
    zoom: 1,
    count: objects.length,
    rows: Uint32Array.from(objects.keys()),
    classIndex: new Uint8Array(objects.length),
    probability: new Float32Array(objects.length).fill(1),
    firstRing: Uint32Array.from([0, ...objects.map((_, k) => objects.slice(0, k + 1).flat().length)]),
    firstVertex: Uint32Array.from([0, ...rings.map((_, k) => rings.slice(0, k + 1).flat().length / 2)]),
    xy: Float32Array.from(rings.flat()),
  };
}

const disc = (x: number, y: number, radius: number): number[] =>
  Array.from({ length: 40 }, (_, k) => {
    const angle = (2 * Math.PI * (k >> 1)) / 20;
    return (k % 2 === 0 ? x : y) + radius * (k % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  });

const objects = [
  [disc(100, 120, 30)],
  [disc(140, 130, 25)],
  [disc(250, 200, 60), disc(255, 205, 20)],
  [[300, 20, 380, 40, 310, 90]],
  [disc(190, 330, 3)],
];

test.each([
  [0, 0.8, 1],
  [90, 0.5, 2],
  [133.3, 1.3, 1.5],
])(
  'distances, nearest groups and insides are those of brute force, turned by %f at zoom %f',
  (rotation, zoom, pixelRatio) => {
    const frame: Frame = { centre: { x: 10_200, y: 20_200 }, zoom, rotation, width: 240, height: 200 };
    const near = nearOf(objects);
    const groups = Uint8Array.of(0, 1, 2, HIDDEN, 3);
    const reach = 3;
    const lines = new Lines(near, { frame, pixelRatio, reach, fills: true });
    lines.raster(Uint8Array.of(HIDDEN, 1, 2, 3, HIDDEN)); // what was shown before makes no difference
    const raster = lines.raster(groups);
    const rings = objects.map((of) =>
      of.map((ring) =>
        Array.from({ length: ring.length / 2 }, (_, v) => {
          const at = toScreen(frame, rect.x + (ring[2 * v] ?? 0), rect.y + (ring[2 * v + 1] ?? 0));
          return { x: at.x * pixelRatio, y: at.y * pixelRatio };
        }),
      ),
    );
    let wrong = 0;
    for (let row = 0; row < raster.height; row++) {
      for (let col = 0; col < raster.width; col++) {
        const [x, y] = [col + 0.5, row + 0.5];
        let [least, group, isInside] = [Infinity, -1, false];
        for (const [k, of] of rings.entries()) {
          if (groups[k] === HIDDEN) continue;
          let odd = false;
          for (const ring of of) {
            for (const [v, b] of ring.entries()) {
              const a = ring.at(v - 1) ?? b;
              const t = Math.max(
                0,
                Math.min(
                  1,
                  ((x - a.x) * (b.x - a.x) + (y - a.y) * (b.y - a.y)) / ((b.x - a.x) ** 2 + (b.y - a.y) ** 2),
                ),
              );
              const distance = Math.hypot(x - a.x - t * (b.x - a.x), y - a.y - t * (b.y - a.y));
              if (distance < least) [least, group] = [distance, groups[k] ?? -1];
              if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) odd = !odd;
            }
          }
          if (odd) isInside = true;
        }
        const code = raster.codes[row * raster.width + col] ?? NOTHING;
        const seen = code === NOTHING ? undefined : (code & 127) / PER_PX;
        if (least > reach + 0.01 && !isInside) wrong += code === NOTHING ? 0 : 1;
        else if (least < reach - 0.01) {
          const near = seen !== undefined && Math.abs(seen - least) <= 1 / PER_PX + 1e-3;
          const tie = raster.groups[row * raster.width + col] !== group;
          if (!near || code >= INSIDE !== isInside || tie) wrong++;
        } else if (isInside && code < INSIDE) wrong++;
      }
    }
    expect(wrong / raster.codes.length).toBeLessThan(1e-3); // px as far from two outlines (to a sixteenth), or whose centre an outline crosses
  },
);

test('an outline half a pixel off is seen: coverage is symmetrical about the line', () => {
  const frame: Frame = { centre: { x: 10_050, y: 20_050 }, zoom: 1, rotation: 0, width: 100, height: 100 };
  const square = [20, 20, 60, 20, 60, 60, 20, 60]; // level-0 px from the corner; sides on borders of px
  const asked = { frame, pixelRatio: 1, reach: 3, fills: false };
  const raster = new Lines(nearOf([[square]]), asked).raster(Uint8Array.of(0));
  const rgba = colouredLines(raster, 1, (_group, distance) => [
    { rgb: [255, 0, 0], alpha: coverage(0.8, Math.abs(distance)) },
  ]);
  const alphaAt = (x: number, y: number): number => rgba[4 * (y * 100 + x) + 3] ?? 0;
  for (const [a, b] of [
    [19, 20],
    [59, 60],
  ] as const) {
    expect(alphaAt(a, 40)).toBe(alphaAt(b, 40)); // the px on both sides of a side
    expect(alphaAt(40, a)).toBe(alphaAt(40, b));
    expect(alphaAt(a, 40)).toBeGreaterThan(180);
    expect(alphaAt(a - 1, 40)).toBe(alphaAt(b + 1, 40));
  }
});

test('a raster in the memory of another is the same as one in its own, and takes it only where it fits', () => {
  const frame: Frame = { centre: { x: 10_000, y: 20_000 }, zoom: 1, rotation: 0, width: 40, height: 40 };
  const square = [-3, -3, 3, -3, 3, 3, -3, 3];
  const near = nearOf([[square]]);
  const asked = { frame, pixelRatio: 1, reach: 3, fills: true };
  const alone = new Lines(near, asked).raster(Uint8Array.of(0));
  const used = new Lines(nearOf([[square.map((v) => 4 * v)]]), asked);
  const raster = used.raster(Uint8Array.of(5));
  const again = new Lines(near, asked, used).raster(Uint8Array.of(0));
  expect(again).toBe(raster);
  expect(again.codes).toEqual(alone.codes);
  for (const [i, code] of again.codes.entries()) if (code !== NOTHING) expect(again.groups[i]).toBe(alone.groups[i]);
  expect(new Lines(near, { ...asked, pixelRatio: 2 }, used).raster(Uint8Array.of(0))).not.toBe(raster);
});

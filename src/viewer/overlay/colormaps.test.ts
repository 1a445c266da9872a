import { describe, expect, test } from 'vitest';
import { rgbOf, stepsOf } from './colormaps.ts';

// Perceptually uniform, and the same for colour-blind eyes: Machado, Oliveira and Fernandes 2009 (severity 1), CIELAB (D65).

type Three = readonly [number, number, number];

const EYES: Readonly<Record<string, readonly [Three, Three, Three]>> = {
  'usual eyes': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const times = (rows: readonly [Three, Three, Three], [x, y, z]: Three): Three => {
  const [a, b, c] = rows.map((row) => row[0] * x + row[1] * y + row[2] * z);
  return [a ?? 0, b ?? 0, c ?? 0];
};

const linear = (channel: number): number =>
  channel / 255 <= 0.04045 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4;

const XYZ: readonly [Three, Three, Three] = [
  [0.4124564, 0.3575761, 0.1804375],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339, 0.119192, 0.9503041],
];

/** CIELAB of a colour as such eyes see it. */
function labOf(color: string, eyes: readonly [Three, Three, Three]): Three {
  const [r, g, b] = rgbOf(color);
  const seen = times(eyes, [linear(r), linear(g), linear(b)]);
  const clamped: Three = [Math.max(0, seen[0]), Math.max(0, seen[1]), Math.max(0, seen[2])];
  const [x, y, z] = times(XYZ, clamped);
  const f = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : (t * 24389) / 27 / 116 + 16 / 116);
  const [fx, fy, fz] = [f(x / 0.95047), f(y), f(z / 1.08883)];
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}

const apart = (a: Three, b: Three): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe.each(Object.entries(EYES))('for %s', (_, eyes) => {
  test.each(['viridis', 'cividis', 'grey'] as const)('%s grows lighter step by step, and evenly', (map) => {
    const labs = stepsOf(map).map((color) => labOf(color, eyes));
    const rises = labs.slice(1).map((lab, k) => lab[0] - (labs[k]?.[0] ?? 0));
    expect(Math.min(...rises)).toBeGreaterThan(5);
    expect(Math.max(...rises)).toBeLessThan(2.1 * Math.min(...rises));
    const steps = labs.slice(1).map((lab, k) => apart(lab, labs[k] ?? lab));
    expect(Math.min(...steps)).toBeGreaterThan(6);
  });

  test('a difference has two sides that are told apart, and fades towards its middle', () => {
    const labs = stepsOf('difference').map((color) => labOf(color, eyes));
    for (let k = 0; k < 4; k++) {
      expect(apart(labs[k] ?? [0, 0, 0], labs[9 - k] ?? [0, 0, 0])).toBeGreaterThan(15);
      expect((labs[k + 1]?.[0] ?? 0) - (labs[k]?.[0] ?? 0)).toBeGreaterThan(5);
      expect((labs[8 - k]?.[0] ?? 0) - (labs[9 - k]?.[0] ?? 0)).toBeGreaterThan(5);
    }
  });
});

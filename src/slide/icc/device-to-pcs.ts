// From RGB to the profile's own connection space: three curves, a grid of colours, and what may come behind the grid.
import { type Curve, clamp, readCurve, tableCurve } from './curves.ts';
import { type Profile, type TagBytes, unusable } from './profile-bytes.ts';

export type Triple = readonly [number, number, number];

export interface DeviceToPcs {
  readonly curves: readonly [Curve, Curve, Curve]; // of red, green and blue
  readonly steps: Triple; //                          nodes of the grid along red, green and blue, 2 or more
  readonly grid: Float32Array; //                     [red × green × blue × 3], blue fastest
  /** What is done to a colour that was looked up in the grid; undefined for nothing. */
  readonly behind: ((colour: Triple) => Triple) | undefined;
  /** Of the grid's numbers (what is behind it done) XYZ or Lab as they are measured: Y of white 1, L of white 100. */
  readonly measured: (colour: Triple) => Triple;
}

const XYZ_ONE = 1 + 32_767 / 32_768; // what the largest number stands for

/** @throws EosinError BadInput */
export function deviceToPcs(profile: Profile): DeviceToPcs {
  const { tags, intent } = profile;
  const table = tags.get(`A2B${intent === 3 ? 1 : intent}`) ?? tags.get('A2B0');
  if (!table) return ofMatrix(profile);
  const kind = table.signature(0);
  const { pcs } = profile;
  const xyz = ([x, y, z]: Triple): Triple => [x * XYZ_ONE, y * XYZ_ONE, z * XYZ_ONE];
  const lab =
    (scale: number) =>
    ([l, a, b]: Triple): Triple => [l * scale * 100, a * scale * 255 - 128, b * scale * 255 - 128];
  if (kind === 'mAB ') return { ...ofProcess(table), measured: pcs === 'XYZ' ? xyz : lab(1) };
  if (kind !== 'mft1' && kind !== 'mft2') throw unusable(`its table is of the kind '${kind.trim()}'`);
  // Tables of 16 bits hold Lab as version 2 had it: 0xff00 is 100.
  const measured = pcs === 'XYZ' ? xyz : lab(kind === 'mft2' ? 65_535 / 65_280 : 1);
  return { ...ofTables(table, kind === 'mft1' ? 1 : 2), measured };
}

/** Curves to linear light, and the colours of the three primaries: a grid of the cube's corners holds their sums. */
function ofMatrix({ tags, pcs }: Profile): DeviceToPcs {
  const told = (name: string): TagBytes => {
    const tag = tags.get(name);
    if (!tag) throw unusable(`it has neither tables nor all curves and primaries ('${name}' is missing)`);
    return tag;
  };
  if (pcs !== 'XYZ') throw unusable('it has primaries, but leads to Lab');
  const primaries = ['r', 'g', 'b'].map((of) => {
    const tag = told(`${of}XYZ`);
    return [8, 12, 16].map((at) => tag.fixed(at));
  });
  const curveOf = (of: string): Curve => readCurve(told(`${of}TRC`)).curve;
  const grid = Float32Array.from({ length: 24 }, (_, k) => {
    const corner = Math.floor(k / 3);
    const on = [corner >> 2, (corner >> 1) & 1, corner & 1];
    return primaries.reduce((sum, primary, i) => sum + (on[i] ?? 0) * (primary[k % 3] ?? 0), 0);
  });
  const same = (colour: Triple): Triple => colour;
  return {
    curves: [curveOf('r'), curveOf('g'), curveOf('b')],
    steps: [2, 2, 2],
    grid,
    behind: undefined,
    measured: same,
  };
}

const identity = (value: number): number => value;

/** 'mft1' and 'mft2': a table for each channel, the grid, a table for each result. @param depth bytes a number */
function ofTables(tag: TagBytes, depth: 1 | 2): Omit<DeviceToPcs, 'measured'> {
  const steps = tag.u8(10);
  assertShape(tag.u8(8), tag.u8(9), [steps, steps, steps]);
  const [entries, exits] = depth === 1 ? [256, 256] : [tag.u16(48), tag.u16(50)];
  let at = depth === 1 ? 48 : 52;
  const next = (count: number): Float32Array => {
    const table = tag.table(at, count, depth);
    at += count * depth;
    return table;
  };
  const curves = [tableCurve(next(entries)), tableCurve(next(entries)), tableCurve(next(entries))] as const;
  const grid = next(steps ** 3 * 3);
  const outs = [next(exits), next(exits), next(exits)] as const;
  const straight = outs.every((table) => table.every((value, k) => Math.abs(value - k / (exits - 1)) < 1 / 65_535));
  const [x, y, z] = [tableCurve(outs[0]), tableCurve(outs[1]), tableCurve(outs[2])];
  const behind = straight ? undefined : ([a, b, c]: Triple): Triple => [x(a), y(b), z(c)];
  return { curves, steps: [steps, steps, steps], grid, behind };
}

/** 'mAB ': curves A, the grid, curves M, a matrix, curves B; all but the last may be left out. */
function ofProcess(tag: TagBytes): Omit<DeviceToPcs, 'measured'> {
  const [bAt, matrixAt, mAt, gridAt, aAt] = [12, 16, 20, 24, 28].map((at) => tag.u32(at));
  const curvesAt = (at: number | undefined): readonly [Curve, Curve, Curve] | undefined => {
    if (!at) return undefined;
    let from = at;
    const next = (): Curve => {
      const { curve, bytes } = readCurve(tag.from(from));
      from += bytes;
      return curve;
    };
    return [next(), next(), next()];
  };
  const [a, m, b] = [curvesAt(aAt), curvesAt(mAt), curvesAt(bAt)];
  const steps: Triple = gridAt ? [tag.u8(gridAt), tag.u8(gridAt + 1), tag.u8(gridAt + 2)] : [2, 2, 2];
  assertShape(tag.u8(8), tag.u8(9), steps);
  const [red, green, blue] = steps;
  const grid = gridAt ? tag.table(gridAt + 20, red * green * blue * 3, tag.u8(gridAt + 16) === 1 ? 1 : 2) : CORNERS;
  const matrix = matrixAt ? Array.from({ length: 12 }, (_, k) => tag.fixed(matrixAt + 4 * k)) : undefined;
  const behind = (colour: Triple): Triple => each(b, mixed(matrix, each(m, colour)));
  // Without a grid the curves in front of the matrix are those of the channels.
  if (!gridAt) {
    const own = m ?? [identity, identity, identity];
    return { curves: own, steps, grid, behind: (colour) => each(b, mixed(matrix, colour)) };
  }
  return { curves: a ?? [identity, identity, identity], steps, grid, behind: m || matrix || b ? behind : undefined };
}

/** The unit cube: what is looked up is what was asked for. */
const CORNERS = Float32Array.from({ length: 24 }, (_, k) => (Math.floor(k / 3) >> (2 - (k % 3))) & 1);

const each = (curves: readonly [Curve, Curve, Curve] | undefined, [x, y, z]: Triple): Triple =>
  curves ? [curves[0](x), curves[1](y), curves[2](z)] : [x, y, z];

/** @param matrix [3 × 3] row by row, then what is added */
const mixed = (matrix: readonly number[] | undefined, [x, y, z]: Triple): Triple => {
  if (!matrix) return [x, y, z];
  const row = (k: number): number => {
    const [r = 0, g = 0, b = 0] = matrix.slice(3 * k, 3 * k + 3);
    return clamp(r * x + g * y + b * z + (matrix[9 + k] ?? 0));
  };
  return [row(0), row(1), row(2)];
};

function assertShape(inputs: number, outputs: number, steps: Triple): void {
  if (inputs !== 3 || outputs !== 3) throw unusable(`its table turns ${inputs} channels into ${outputs}, not 3 into 3`);
  if (steps.some((count) => count < 2)) throw unusable('the grid of its table has no size');
}

// From the colours of a profile to sRGB, as tables that a shader looks up; and the same look-up in plain numbers.
import { clamp } from './curves.ts';
import { type DeviceToPcs, deviceToPcs, type Triple } from './device-to-pcs.ts';
import { nameOfProfile, type Profile, readProfile } from './profile-bytes.ts';

/**
 * A stored value goes through its channel's curve to a place in the grid; between the grid's nodes colours are mixed in
 * tetrahedra; with `cubed` a mixed colour becomes XYZ; `toLinear` makes linear sRGB of it, and what is outside is cut off.
 */
export interface ColourTransform {
  readonly name: string | undefined; //            what the profile calls itself
  readonly curves: Float32Array<ArrayBuffer>; //   [3 × 256] of red, green and blue: 0 to 1 along the grid
  readonly steps: Triple; //                       nodes along red, green and blue
  readonly grid: Float32Array<ArrayBuffer>; //     [red × green × blue × 3] XYZ of D50; cube roots of its shares with `cubed`
  readonly cubed: boolean;
  readonly toLinear: Float32Array<ArrayBuffer>; // [3 × 4] row by row: what each of XYZ counts, and what is added
}

/** White of the profile's connection space (D50). */
const WHITE: Triple = [0.9642, 1, 0.8249];

/** XYZ of D50 to linear sRGB: the primaries of IEC 61966-2-1, adapted by Bradford. */
const LINEAR: readonly Triple[] = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
];

const FINEST = 33; // nodes along an axis, where what is behind the grid is worked into it

/** @throws EosinError BadInput, for a profile that cannot be used */
export function colourTransform(bytes: Uint8Array): ColourTransform {
  const profile = readProfile(bytes);
  const device = deviceToPcs(profile);
  const curves = Float32Array.from({ length: 768 }, (_, k) =>
    clamp(device.curves[k < 256 ? 0 : k < 512 ? 1 : 2]((k % 256) / 255)),
  );
  const cubed = profile.pcs === 'Lab';
  const coarse = { curves, steps: device.steps, grid: Float32Array.from(device.grid) };
  const steps = device.behind ? finer(device.steps) : device.steps;
  const end = endOf(device, cubed);
  const grid = new Float32Array(steps[0] * steps[1] * steps[2] * 3);
  let at = 0;
  for (let r = 0; r < steps[0]; r++)
    for (let g = 0; g < steps[1]; g++)
      for (let b = 0; b < steps[2]; b++) {
        const colour = lookedUp(coarse, [r / (steps[0] - 1), g / (steps[1] - 1), b / (steps[2] - 1)]);
        grid.set(end(colour), at);
        at += 3;
      }
  const table = { name: nameOfProfile(profile), curves, steps, grid, cubed };
  return { ...table, toLinear: toLinear(blackOf(profile, table)) };
}

/** Nodes that hold the old ones and lie closer, so that curves behind the grid bend as they should. */
const finer = (steps: Triple): Triple => {
  const many = (count: number): number => (count - 1) * Math.max(1, Math.floor((FINEST - 1) / (count - 1))) + 1;
  return [many(steps[0]), many(steps[1]), many(steps[2])];
};

/** What the new grid holds of a colour of the old one: XYZ, or the cube roots of which Lab is made. */
function endOf({ behind, measured }: DeviceToPcs, cubed: boolean): (colour: Triple) => Triple {
  return (colour) => {
    const [first, second, third] = measured(behind ? behind(colour) : colour);
    if (!cubed) return [first, second, third];
    const y = (first + 16) / 116;
    return [y + second / 500, y, y - third / 200];
  };
}

/** The inverse of Lab's root, with its straight part near black. */
const cube = (root: number): number => (root > 24 / 116 ? root ** 3 : ((root - 16 / 116) * 108) / 841);

const toXyz = (cubed: boolean, [x, y, z]: Triple): Triple =>
  cubed ? [WHITE[0] * cube(x), WHITE[1] * cube(y), WHITE[2] * cube(z)] : [x, y, z];

/** What version 4 has as the black of every perceptual table. */
const PERCEPTUAL_BLACK: Triple = [0.00336, 0.0034731, 0.00287];

/**
 * The black that becomes the screen's, as littleCMS has it: that of the darkest pixel with perceptual and saturation
 * intents, none with colorimetric ones. One lighter than a mid-grey is no black.
 */
function blackOf({ version, intent, tags }: Profile, table: Omit<ColourTransform, 'toLinear'>): Triple {
  if (intent !== 0 && intent !== 2) return [0, 0, 0];
  const isTable = tags.has('A2B0') || tags.has(`A2B${intent}`);
  if (version >= 4 && isTable) return PERCEPTUAL_BLACK;
  const darkest = toXyz(table.cubed, lookedUp(table, at8(table.curves, 0, 0, 0)));
  return darkest.every((value, k) => value < 0.18 * (WHITE[k] ?? 1)) ? darkest : [0, 0, 0];
}

/** XYZ is stretched from the black to white first: black to nothing, white to itself. */
function toLinear(black: Triple): Float32Array<ArrayBuffer> {
  const stretched = WHITE.map((white, k) => {
    const from = black[k] ?? 0;
    return { times: white / (white - from), plus: (-white * from) / (white - from) };
  });
  return Float32Array.from(
    LINEAR.flatMap((row) => [
      ...row.map((value, k) => value * (stretched[k]?.times ?? 1)),
      row.reduce((sum, value, k) => sum + value * (stretched[k]?.plus ?? 0), 0),
    ]),
  );
}

/** The place in the grid of stored values, 0 to 1 along each axis. */
const at8 = (curves: Float32Array, r: number, g: number, b: number): Triple => [
  curves[r] ?? 0,
  curves[256 + g] ?? 0,
  curves[512 + b] ?? 0,
];

/** Mixed in the one of six tetrahedra, around the diagonal from dark to light, in which the place lies. */
function lookedUp({ steps, grid }: Pick<ColourTransform, 'steps' | 'grid'>, place: Triple): Triple {
  const [, green, blue] = steps;
  const strides = [green * blue * 3, blue * 3, 3];
  let at = 0;
  const rest = place.map((share, k) => {
    const last = (steps[k] ?? 2) - 1;
    const low = Math.min(last - 1, Math.floor(share * last));
    at += low * (strides[k] ?? 0);
    return { part: share * last - low, stride: strides[k] ?? 0 };
  });
  rest.sort((a, b) => b.part - a.part); // the axis that is farthest along is walked first
  const [first, second, third] = rest;
  if (!first || !second || !third) return [0, 0, 0];
  const [p, q, s] = [
    at + first.stride,
    at + first.stride + second.stride,
    at + first.stride + second.stride + third.stride,
  ];
  const mix = (k: number): number =>
    (grid[at + k] ?? 0) * (1 - first.part) +
    (grid[p + k] ?? 0) * (first.part - second.part) +
    (grid[q + k] ?? 0) * (second.part - third.part) +
    (grid[s + k] ?? 0) * third.part;
  return [mix(0), mix(1), mix(2)];
}

const encoded = (linear: number): number => {
  const value = clamp(linear);
  return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
};

/** What a stored colour (0 to 255 each) is in sRGB, 0 to 255 each. The shader of the viewer does the same. */
export function inSrgb(transform: ColourTransform, r: number, g: number, b: number): Triple {
  const { cubed, toLinear: to, curves } = transform;
  const xyz = toXyz(cubed, lookedUp(transform, at8(curves, r, g, b)));
  const out = (k: number): number => {
    const linear = xyz.reduce((sum, value, i) => sum + value * (to[4 * k + i] ?? 0), to[4 * k + 3] ?? 0);
    return Math.round(255 * encoded(linear));
  };
  return [out(0), out(1), out(2)];
}

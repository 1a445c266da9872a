// Tileable textures, made once: 512 × 512 texels of half a micrometre, with a chain of averages for coarser levels.
import { transmittanceOf } from '#stain/beer-lambert.ts';
import { Random, smoothstep } from './random.ts';

export const TEXEL_UM = 0.5;
const SIZE = 512;

export interface Texture {
  /** [m]: side SIZE >> m, row-major. */
  readonly mips: readonly Float32Array<ArrayBuffer>[];
  readonly mean: number;
}

/** Adds smooth value noise of cellsX × cellsY random values (−1 to 1) that wraps around. */
function addNoise(into: Float32Array, cellsX: number, cellsY: number, amplitude: number, random: Random): void {
  const lattice = Float32Array.from({ length: cellsX * cellsY }, () => random.between(-1, 1));
  const columns = Int32Array.from({ length: SIZE }, (_, x) => Math.floor((x * cellsX) / SIZE));
  const shares = Float32Array.from({ length: SIZE }, (_, x) => {
    const f = (x * cellsX) / SIZE - Math.floor((x * cellsX) / SIZE);
    return f * f * (3 - 2 * f);
  });
  for (let y = 0; y < SIZE; y++) {
    const v = (y * cellsY) / SIZE;
    const j = Math.floor(v);
    const t = (v - j) * (v - j) * (3 - 2 * (v - j));
    const row = j * cellsX;
    const next = ((j + 1) % cellsY) * cellsX;
    for (let x = 0; x < SIZE; x++) {
      const i = columns[x] ?? 0;
      const k = i + 1 === cellsX ? 0 : i + 1;
      const s = shares[x] ?? 0;
      const a = lattice[row + i] ?? 0;
      const b = lattice[row + k] ?? 0;
      const c = lattice[next + i] ?? 0;
      const d = lattice[next + k] ?? 0;
      into[y * SIZE + x] =
        (into[y * SIZE + x] ?? 0) + amplitude * ((a + s * (b - a)) * (1 - t) + (c + s * (d - c)) * t);
    }
  }
}

/** [cellsX, cellsY, amplitude] an octave. */
function noiseOf(seed: number, octaves: readonly (readonly [number, number, number])[]): Float32Array<ArrayBuffer> {
  const out = new Float32Array(SIZE * SIZE);
  const random = new Random(seed);
  for (const [x, y, amplitude] of octaves) addNoise(out, x, y, amplitude, random);
  return out;
}

/** Moves every column's texels by `shift` texels along y: fibres become wavy. */
function crimp(from: Float32Array, shift: Float32Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(from.length);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const at = y + (shift[y * SIZE + x] ?? 0);
      const j = Math.floor(at);
      const f = at - j;
      const a = from[(j & (SIZE - 1)) * SIZE + x] ?? 0;
      const b = from[((j + 1) & (SIZE - 1)) * SIZE + x] ?? 0;
      out[y * SIZE + x] = a + f * (b - a);
    }
  }
  return out;
}

function textureOf(base: Float32Array<ArrayBuffer>): Texture {
  const mips = [base];
  for (let side = SIZE >> 1, from = base; side >= 4; side >>= 1) {
    const out = new Float32Array(side * side);
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        const i = 2 * y * 2 * side + 2 * x;
        out[y * side + x] =
          ((from[i] ?? 0) + (from[i + 1] ?? 0) + (from[i + 2 * side] ?? 0) + (from[i + 2 * side + 1] ?? 0)) / 4;
      }
    }
    mips.push(out);
    from = out;
  }
  let sum = 0;
  for (const value of base) sum += value;
  return { mips, mean: sum / base.length };
}

/** A sampler for one level: bilinear, wrapping; coordinates in µm. */
export function samplerOf(texture: Texture, umPerPx: number): (xUm: number, yUm: number) => number {
  const mip = Math.min(texture.mips.length - 1, Math.max(0, Math.round(Math.log2(umPerPx / TEXEL_UM))));
  const texels = texture.mips[mip] ?? texture.mips[0] ?? new Float32Array(1);
  const side = SIZE >> mip;
  const mask = side - 1;
  const scale = 1 / (TEXEL_UM * 2 ** mip);
  return (xUm, yUm) => {
    const u = xUm * scale - 0.5;
    const v = yUm * scale - 0.5;
    const i = Math.floor(u);
    const j = Math.floor(v);
    const fx = u - i;
    const top = (j & mask) * side;
    const bottom = ((j + 1) & mask) * side;
    const l = i & mask;
    const r = (i + 1) & mask;
    const a = texels[top + l] ?? 0;
    const c = texels[bottom + l] ?? 0;
    const upper = a + fx * ((texels[top + r] ?? 0) - a);
    return upper + (v - j) * (c + fx * ((texels[bottom + r] ?? 0) - c) - upper);
  };
}

export interface Textures {
  /** Transmittance of eosin in green; x along the fibres, y across. */
  readonly collagen: Texture;
  readonly lamina: Texture;
  readonly muscle: Texture;
  /** −1 to 1, isotropic. */
  readonly grain: Texture;
  readonly chromatin: Texture;
  readonly strands: Texture; // 0 to 1: threads of mucus
}

function make(): Textures {
  const eosin = (density: (n: number, i: number) => number, from: Float32Array): Texture =>
    textureOf(from.map((n, i) => transmittanceOf(Math.max(0.004, density(n, i)))));
  const wave = noiseOf(11, [
    [14, 9, 5],
    [34, 22, 2.2],
  ]);
  const fibres = crimp(
    noiseOf(12, [
      [7, 60, 0.6],
      [11, 130, 0.5],
      [20, 240, 0.42],
    ]),
    wave,
  );
  const clefts = crimp(
    noiseOf(13, [
      [9, 26, 0.7],
      [22, 70, 0.4],
    ]),
    wave,
  );
  const patchy = noiseOf(14, [
    [12, 20, 0.6],
    [40, 60, 0.4],
    [110, 140, 0.25],
  ]);
  const bundles = crimp(
    noiseOf(15, [
      [4, 40, 0.5],
      [8, 110, 0.5],
      [14, 200, 0.25],
    ]),
    wave.map((w) => 0.5 * w),
  );
  const gaps = crimp(
    noiseOf(16, [
      [5, 16, 0.7],
      [12, 50, 0.35],
    ]),
    wave.map((w) => 0.6 * w),
  );
  return {
    collagen: eosin((n, i) => (0.21 + 0.15 * n) * smoothstep(0.5, 0.16, clefts[i] ?? 0), fibres),
    lamina: eosin(
      (n, i) => (0.17 + 0.09 * n + 0.06 * (patchy[i] ?? 0)) * smoothstep(0.62, 0.3, clefts[i] ?? 0),
      fibres,
    ),
    muscle: eosin((n, i) => (0.285 + 0.075 * n) * (1 - 0.9 * smoothstep(0.4, 0.6, gaps[i] ?? 0)), bundles),
    grain: textureOf(
      noiseOf(17, [
        [60, 60, 0.35],
        [150, 150, 0.4],
        [256, 256, 0.4],
      ]),
    ),
    chromatin: textureOf(
      noiseOf(18, [
        [170, 170, 0.6],
        [300, 300, 0.5],
        [400, 400, 0.3],
      ]),
    ),
    strands: textureOf(
      crimp(
        noiseOf(19, [
          [10, 60, 0.6],
          [24, 120, 0.5],
        ]),
        noiseOf(20, [
          [10, 8, 16],
          [24, 24, 5],
        ]),
      ).map((n) => smoothstep(-0.1, 0.8, n)),
    ),
  };
}

let made: Textures | undefined;
/** Made on first use: they are the same on every slide. */
export const textures = (): Textures => {
  made ??= make();
  return made;
};

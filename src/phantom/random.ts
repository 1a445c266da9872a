// Numbers from coordinates: the same cell of the same slide always draws the same, whatever tile asks first.

const mix = (h: number): number => {
  let m = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  m = Math.imul(m ^ (m >>> 15), 0x735a2d97);
  return m ^ (m >>> 15);
};

/** 32 well-mixed bits of a cell; `salt` tells its uses apart. */
export const hash = (seed: number, x: number, y: number, salt: number): number =>
  mix(mix(mix(seed + Math.imul(salt, 0x9e3779b1)) + x) + Math.imul(y, 0x165667b1)) >>> 0;

/** A short stream of draws that belongs to one cell (mulberry32). */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }
}

const GRADIENT_X = Float64Array.from({ length: 32 }, (_, i) => Math.cos((i * Math.PI) / 16));
const GRADIENT_Y = Float64Array.from({ length: 32 }, (_, i) => Math.sin((i * Math.PI) / 16));

/** A shuffle of 0 to 255, twice over: noise needs less than `hash` gives, and many more of it. */
const SHUFFLE = (() => {
  const random = new Random(20_260);
  const order = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (let i = 255; i > 0; i--) {
    const j = Math.floor(random.next() * (i + 1));
    const held = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = held;
  }
  return Uint8Array.from([...order, ...order]);
})();

const slope = (row: number, ix: number, dx: number, dy: number): number => {
  const g = (SHUFFLE[row + (ix & 255)] ?? 0) & 31;
  return (GRADIENT_X[g] ?? 0) * dx + (GRADIENT_Y[g] ?? 0) * dy;
};

/** Smooth gradient noise (Perlin 2002), about -1 to 1, one bump a unit; `seed` tells fields apart. Repeats after 256. */
export function noise(seed: number, x: number, y: number): number {
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  const fx = x - ix;
  const fy = y - iy;
  const u = fx * fx * fx * (fx * (fx * 6 - 15) + 10);
  const v = fy * fy * fy * (fy * (fy * 6 - 15) + 10);
  const shift = SHUFFLE[seed & 255] ?? 0;
  const column = ix + (seed >>> 8);
  const upper = SHUFFLE[shift + ((iy + (seed >>> 16)) & 255)] ?? 0;
  const lower = SHUFFLE[shift + ((iy + 1 + (seed >>> 16)) & 255)] ?? 0;
  const a = slope(upper, column, fx, fy);
  const b = slope(upper, column + 1, fx - 1, fy);
  const c = slope(lower, column, fx, fy - 1);
  const d = slope(lower, column + 1, fx - 1, fy - 1);
  const top = a + u * (b - a);
  const bottom = c + u * (d - c);
  return 1.5 * (top + v * (bottom - top));
}

/** 0 at or below `from`, 1 at or above `to`, smooth between. */
export function smoothstep(from: number, to: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

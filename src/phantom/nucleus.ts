// A nucleus: an ellipse with a few bumps. What is drawn and what the truth says are the same ring.
import type { ObjectClass } from '#objects/columns.ts';
import { Random } from './random.ts';

export type NucleusKind =
  | 'columnar'
  | 'goblet'
  | 'tumour'
  | 'mitosis'
  | 'lymphocyte'
  | 'plasma'
  | 'fibroblast'
  | 'muscle'
  | 'endothelium'
  | 'debris';

/** Frame: micrometres. */
export interface Nucleus {
  readonly x: number;
  readonly y: number;
  readonly angle: number; // of the long axis, radians
  readonly long: number; //  half axes, µm
  readonly short: number;
  readonly kind: NucleusKind;
  readonly seed: number;
}

export const NUCLEUS_CLASSES: readonly ObjectClass[] = [
  { name: 'Epithelial', color: '#ff7a1a' },
  { name: 'Inflammatory', color: '#1fa2ff' },
  { name: 'Connective', color: '#8cf2b4' },
  { name: 'Other', color: '#ffffff' },
];

const CLASS_OF: Record<NucleusKind, number> = {
  columnar: 0,
  goblet: 0,
  tumour: 0,
  mitosis: 3,
  lymphocyte: 1,
  plasma: 1,
  fibroblast: 2,
  muscle: 2,
  endothelium: 2,
  debris: 3,
};
export const classIndexOf = (kind: NucleusKind): number => CLASS_OF[kind];

const BUMPS: Record<NucleusKind, number> = {
  columnar: 0.035,
  goblet: 0.06,
  tumour: 0.075,
  mitosis: 0.2,
  lymphocyte: 0.035,
  plasma: 0.03,
  fibroblast: 0.05,
  muscle: 0.03,
  endothelium: 0.06,
  debris: 0.1,
};

export const RING_VERTICES = 22;

/** cos and sin of k t at the ring's vertices, for the harmonics in use. */
const WAVES = [1, 2, 3, 5].map((k) => ({
  cos: Float64Array.from({ length: RING_VERTICES }, (_, v) => Math.cos((2 * Math.PI * k * v) / RING_VERTICES)),
  sin: Float64Array.from({ length: RING_VERTICES }, (_, v) => Math.sin((2 * Math.PI * k * v) / RING_VERTICES)),
}));
const [ONE, TWO, THREE, FIVE] = WAVES;

/** The outline, x, y pairs in units of `unit` µm (a level's pixel), not closed. Writes to `ring` where one is given. */
export function outlineOf(
  nucleus: Nucleus,
  unit: number,
  ring: Float64Array<ArrayBuffer> = new Float64Array(2 * RING_VERTICES),
): Float64Array<ArrayBuffer> {
  const { long, short, kind } = nucleus;
  const random = new Random(nucleus.seed ^ 0x51ed27);
  const bump = BUMPS[kind];
  const a2 = bump * random.between(-1, 1);
  const a3 = bump * random.between(-1, 1);
  const a5 = 0.4 * bump * random.between(-1, 1);
  const p2 = random.between(0, 6.3);
  const p3 = random.between(0, 6.3);
  const bend = (kind === 'fibroblast' || kind === 'endothelium' ? 0.18 : 0.05) * random.between(-1, 1);
  const c = Math.cos(nucleus.angle);
  const s = Math.sin(nucleus.angle);
  const [c2, s2, c3, s3] = [Math.cos(p2), Math.sin(p2), Math.cos(p3), Math.sin(p3)];
  const pointed = long > 2.4 * short;
  for (let v = 0; v < RING_VERTICES; v++) {
    const ct = ONE?.cos[v] ?? 0;
    const st = ONE?.sin[v] ?? 0;
    const r =
      1 +
      a2 * ((TWO?.cos[v] ?? 0) * c2 - (TWO?.sin[v] ?? 0) * s2) +
      a3 * ((THREE?.cos[v] ?? 0) * c3 - (THREE?.sin[v] ?? 0) * s3) +
      a5 * ((FIVE?.cos[v] ?? 0) * c2 - (FIVE?.sin[v] ?? 0) * s2);
    const px = long * r * ct;
    const py = short * r * (pointed ? st * (1 - 0.35 * ct * ct) : st) + bend * long * (ct * ct - 0.5);
    ring[2 * v] = (nucleus.x + px * c - py * s) / unit;
    ring[2 * v + 1] = (nucleus.y + px * s + py * c) / unit;
  }
  return ring;
}

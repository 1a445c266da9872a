// Where what lies on the slide, in the large: pieces of tissue on glass, the layers of a bowel wall, a tumour that grows
// into them, lymphoid follicles, fat, tears. Frame: micrometres from the slide's top left corner.
import { hash, noise, Random, smoothstep } from './random.ts';

export const WIDTH_UM = 25_000;
export const HEIGHT_UM = 20_000;

/** What is known of a point. The seven weights from `mucosa` to `mucus` add up to 1. */
export const Field = {
  tissue: 0, //    µm to the nearest edge of the tissue, positive inside
  mucosa: 1,
  tumour: 2,
  muscle: 3,
  stroma: 4,
  fat: 5,
  lymphoid: 6,
  mucus: 7, //     lakes of mucus and necrotic debris
  across: 8, //    µm across the fibres
  along: 9, //     µm along the fibres
  inflamed: 10, // 0 to 1
  cut: 11, //      crypts are cut across (round) below 0, along (elongated) above
  goblets: 12, //  share of goblet cells among the epithelium
  haematoxylin: 13, // how much stronger than the slide's mean the stain took, about −0.2 to 0.2
  eosin: 14,
  defocus: 15, //  0 sharp to 1
} as const;
export const FIELDS = 16;

const SURFACE_UM = -2450; // of the mucosa, along the depth axis, from the slide's middle
const MUSCULARIS_MUCOSAE_UM = 2380;
const SUBMUCOSA_UM = 2500;
const MUSCLE_UM = 3600;
const SUBSEROSA_UM = 4800;
const SEROSA_UM = 5800;
const FOLLICLE_GRID_UM = 820;

/** The smaller of two distances, rounded off within `k` µm of where they meet. */
function smoothMin(a: number, b: number, k: number): number {
  const t = Math.max(0, 1 - Math.abs(a - b) / k);
  return Math.min(a, b) - 0.25 * k * t * t;
}

interface Piece {
  readonly x: number;
  readonly y: number;
  readonly a: number; // half axes, µm
  readonly b: number;
  readonly angle: number;
  readonly kind: 'biopsy' | 'node';
}

/** The plan of one slide; pure, from the seed alone. */
export class Anatomy {
  readonly seed: number;
  /** Direction of depth: from the mucosa's surface to the serosa. */
  readonly depthX: number;
  readonly depthY: number;
  readonly #side: number;
  readonly #halfLength: number;
  readonly #pieces: readonly Piece[];

  constructor(seed: number) {
    this.seed = hash(seed, 0, 0, 77) | 0;
    const random = new Random(this.seed);
    const angle = (random.next() < 0.5 ? 0.5 : -0.5) * Math.PI + random.between(-0.28, 0.28);
    this.depthX = Math.cos(angle);
    this.depthY = Math.sin(angle);
    this.#side = random.next() < 0.5 ? 1 : -1;
    this.#halfLength = random.between(5600, 6600);
    const piece = (x: number, kind: Piece['kind']): Piece => ({
      x: WIDTH_UM / 2 + x,
      y: HEIGHT_UM / 2 + random.between(-3500, 3500),
      a: random.between(1200, 1700),
      b: random.between(2200, 3600),
      angle: random.between(-0.25, 0.25),
      kind,
    });
    const left = piece(-random.between(9700, 10_000), random.next() < 0.5 ? 'biopsy' : 'node');
    const right = piece(random.between(9700, 10_000), left.kind === 'node' ? 'biopsy' : 'node');
    this.#pieces = random.next() < 0.6 ? [left, right] : [right];
  }

  /** Every field at a point, written to `out` from `at` on. */
  write(x: number, y: number, out: Float32Array, at: number): void {
    out.fill(0, at, at + FIELDS);
    const s = this.seed;
    const dx = x - WIDTH_UM / 2;
    const dy = y - HEIGHT_UM / 2;
    const along = dy * this.depthX - dx * this.depthY;
    const depth =
      dx * this.depthX +
      dy * this.depthY +
      250 * noise(s + 1, x / 2300, y / 2300) +
      100 * noise(s + 2, x / 800, y / 800);
    const ragged = 55 * noise(s + 3, x / 210, y / 210) + 16 * noise(s + 4, x / 50, y / 50);
    out[at + Field.across] = depth + 110 * noise(s + 5, x / 520, y / 520) + 42 * noise(s + 6, x / 170, y / 170);
    out[at + Field.along] = along + 60 * noise(s + 7, x / 400, y / 400);
    out[at + Field.inflamed] = smoothstep(-0.5, 0.7, noise(s + 8, x / 620, y / 620));
    out[at + Field.cut] = noise(s + 9, x / 1150, y / 1150) + 0.25 * noise(s + 10, x / 350, y / 350) - 0.12;
    out[at + Field.goblets] = 0.18 + 0.5 * smoothstep(-0.5, 0.6, noise(s + 11, x / 700, y / 700));

    out[at + Field.haematoxylin] = 0.2 * noise(s + 32, x / 4700, y / 4700);
    out[at + Field.eosin] = 0.22 * noise(s + 33, x / 3900, y / 3900);
    out[at + Field.defocus] = smoothstep(0.05, 0.75, noise(s + 34, x / 2900, y / 2900));

    const ends = this.#halfLength - Math.abs(along + 420 * noise(s + 12, x / 1500, y / 1500));
    let inside =
      smoothMin(depth - SURFACE_UM - this.#fold(along, x, y), smoothMin(SEROSA_UM - depth, ends, 1500), 260) + ragged;
    let nearest: Piece | undefined;
    for (const piece of this.#pieces) {
      const other = this.#insidePiece(piece, x, y) + ragged;
      if (other > inside) {
        inside = other;
        nearest = piece;
      }
    }
    if (inside > -40) inside = Math.min(inside, this.#tear(dx, dy, x, y));
    out[at + Field.tissue] = inside;
    if (inside < -60) {
      out[at + Field.stroma] = 1;
      return;
    }
    if (nearest?.kind === 'node') this.#writeNode(x, y, inside, out, at);
    else this.#writeWall(x, y, depth, along, nearest !== undefined, inside, out, at);
  }

  /** How far a fold of the surface cuts in, µm; never in the middle of the slide. */
  #fold(along: number, x: number, y: number): number {
    const open = smoothstep(2100, 2900, Math.abs(along));
    if (open === 0) return 0;
    const ridge = 1 - Math.abs(noise(this.seed + 13, along / 1500, 0.3 * noise(this.seed + 14, x / 900, y / 900)));
    return open * 2100 * smoothstep(0.86, 1, ridge);
  }

  /** Distance to a tear, µm (large where there is none); the middle is spared. */
  #tear(dx: number, dy: number, x: number, y: number): number {
    const off = Math.max(Math.abs(dx), Math.abs(dy));
    if (off < 1420) return 1e6;
    const spared = 40 * smoothstep(1800, 1420, off);
    const width = 34 * smoothstep(0.15, 0.6, noise(this.seed + 15, x / 900, y / 900)) - 4 - spared;
    if (width <= 0) return 1e6;
    return (
      620 * Math.abs(noise(this.seed + 16, x / 1500, y / 1500) + 0.03 * noise(this.seed + 17, x / 90, y / 90)) - width
    );
  }

  #insidePiece(piece: Piece, x: number, y: number): number {
    const c = Math.cos(piece.angle);
    const q = Math.sin(piece.angle);
    const px = ((x - piece.x) * c + (y - piece.y) * q) / piece.a;
    const py = ((y - piece.y) * c - (x - piece.x) * q) / piece.b;
    const bulge = 1 + 0.22 * noise(this.seed + 18, x / 1100, y / 1100);
    return (bulge - Math.hypot(px, py)) * piece.a;
  }

  #writeNode(x: number, y: number, inside: number, out: Float32Array, at: number): void {
    const core = inside - 420 + 160 * noise(this.seed + 19, x / 600, y / 600);
    const capsule = smoothstep(-50, -30, core);
    const node = smoothstep(0, 16, core);
    const sinus = 0.75 * smoothstep(0.3, 0.5, noise(this.seed + 20, x / 240, y / 240));
    out[at + Field.fat] = 1 - capsule;
    out[at + Field.lymphoid] = node * (1 - sinus);
    out[at + Field.stroma] = capsule - node * (1 - sinus);
  }

  #writeWall(
    x: number,
    y: number,
    depth: number,
    along: number,
    biopsy: boolean,
    inside: number,
    out: Float32Array,
    at: number,
  ): void {
    const s = this.seed;
    const d = biopsy ? 0 : depth + 26 * noise(s + 21, x / 150, y / 150);
    const below = (from: number, soft: number): number => smoothstep(from - soft, from + soft, d);
    const muscularis = below(MUSCULARIS_MUCOSAE_UM, 12);
    const submucosa = below(SUBMUCOSA_UM + 50 * noise(s + 22, x / 400, y / 400), 14);
    const muscle = below(MUSCLE_UM, 20);
    const subserosa = below(SUBSEROSA_UM + 120 * noise(s + 23, x / 700, y / 700), 25);
    const rim = biopsy ? 0 : smoothstep(60, 30, SEROSA_UM - depth);
    const lobule = smoothstep(0.28, 0.34, noise(s + 24, x / 520, y / 520) + 0.2 * noise(s + 25, x / 140, y / 140));
    let rest = 1;
    const take = (field: number, share: number): void => {
      out[at + field] = (out[at + field] ?? 0) + rest * share;
      rest *= 1 - share;
    };
    const spread = biopsy
      ? -1
      : Math.min(1.35, (this.#side * along) / 1100) +
        1.05 * noise(s + 26, x / 1300, y / 1300) +
        0.3 * noise(s + 27, x / 330, y / 330) -
        Math.max(0, d - 1500) / 1300 -
        Math.max(0, Math.abs(along) - 4200) / 800;
    take(Field.lymphoid, this.#follicle(x, y, d, inside));
    if (spread > -0.05) {
      take(Field.mucus, smoothstep(0.2, 0.3, spread) * smoothstep(0.56, 0.6, noise(s + 28, x / 430, y / 430)));
      take(Field.tumour, smoothstep(-0.02, 0.02, spread));
    }
    take(Field.mucosa, 1 - muscularis);
    take(Field.muscle, 1 - submucosa);
    take(Field.stroma, (1 - muscle) * (1 - lobule));
    take(Field.fat, 1 - muscle);
    const septum = smoothstep(0.06, 0.035, Math.abs(noise(s + 29, x / 860, y / 860)));
    take(Field.muscle, 1 - subserosa);
    take(Field.stroma, Math.max(rim, 0.9 * septum));
    take(Field.fat, 1);
  }

  /** 1 inside a lymphoid follicle: cells of a grid of their own. */
  #follicle(x: number, y: number, depth: number, inside: number): number {
    if (inside < 40 || depth > MUSCLE_UM + 200) return 0;
    const gx = Math.floor(x / FOLLICLE_GRID_UM);
    const gy = Math.floor(y / FOLLICLE_GRID_UM);
    let found = 0;
    for (let j = gy - 1; j <= gy + 1; j++) {
      for (let i = gx - 1; i <= gx + 1; i++) {
        const h = hash(this.seed, i, j, 30);
        if (h % 100 > 38) continue;
        const random = new Random(h);
        const cx = (i + random.between(0.25, 0.75)) * FOLLICLE_GRID_UM;
        const cy = (j + random.between(0.25, 0.75)) * FOLLICLE_GRID_UM;
        const radius = random.between(60, 190);
        const away = Math.hypot(x - cx, (y - cy) * random.between(0.8, 1.25));
        if (away > 2 * radius) continue;
        found = Math.max(found, smoothstep(1.08, 0.92, away / radius + 0.3 * noise(this.seed + 31, x / 120, y / 120)));
      }
    }
    return found;
  }
}

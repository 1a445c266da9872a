// What a synthetic slide knows of itself: every nucleus, gland and lumen as the polygon it was painted from.
import { emptyColumns, type ObjectClass, type ObjectColumns, type ObjectKind } from '#objects/columns.ts';
import { contains, grow, intersects, type Rect, scale } from '#units/rect.ts';
import { FIELDS, Field } from './anatomy.ts';
import type { Gland } from './glands.ts';
import { classIndexOf, NUCLEUS_CLASSES, type Nucleus, outlineOf } from './nucleus.ts';
import { type Plan, UM_PER_PX } from './plan.ts';
import { boundsOf, momentsOf, scaled } from './polygon.ts';

export type TruthKind = Exclude<ObjectKind, 'annotations'>;

const GLAND_CLASSES: readonly ObjectClass[] = [{ name: 'Gland', color: '#ffee1f' }];
const LUMEN_CLASSES: readonly ObjectClass[] = [{ name: 'Lumen', color: '#1a2bff' }];

/** In the order of the tissue head. */
export const TISSUE_CLASSES: readonly ObjectClass[] = [
  { name: 'Tumour', color: '#b5343c' },
  { name: 'Stroma', color: '#e29a5b' },
  { name: 'Lymphocytes', color: '#3b6fd4' },
  { name: 'Debris and mucus', color: '#8d8a5b' },
  { name: 'Normal mucosa', color: '#3f9e6b' },
  { name: 'Adipose', color: '#e8d44d' },
  { name: 'Glass', color: '#9aa4ae' },
];
const GLASS = 6;
const TISSUE_FIELDS = [Field.tumour, Field.stroma, Field.lymphoid, Field.mucus, Field.mucosa, Field.fat] as const;

/** Index into TISSUE_CLASSES at a point in level-0 px. Muscle counts as stroma. */
export function tissueAt(plan: Plan, x: number, y: number): number {
  const f = new Float32Array(FIELDS);
  plan.grid.sample(x * UM_PER_PX, y * UM_PER_PX, f);
  if ((f[Field.tissue] ?? 0) <= 0) return GLASS;
  f[Field.stroma] = (f[Field.stroma] ?? 0) + (f[Field.muscle] ?? 0);
  let best = 0;
  for (const [index, field] of TISSUE_FIELDS.entries())
    if ((f[field] ?? 0) > (f[TISSUE_FIELDS[best] ?? field] ?? 0)) best = index;
  return best;
}

interface Shape {
  readonly ring: Float64Array<ArrayBuffer>; // level-0 px
  readonly classIndex: number;
}

const LONGEST_NUCLEUS_UM = 11;

/** Every object that reaches into the region (level-0 px), whole, in an order that does not depend on it. */
export function shapesTouching(plan: Plan, kind: TruthKind, region: Rect): Shape[] {
  const area = scale(region, UM_PER_PX);
  const glands = plan.glands.touching(grow(area, kind === 'nuclei' ? LONGEST_NUCLEUS_UM : 0));
  const touches = ({ ring }: Shape): boolean => intersects(boundsOf(ring), region);
  if (kind === 'nuclei') {
    const nuclei: Nucleus[] = [
      ...plan.cells.near(area, LONGEST_NUCLEUS_UM),
      ...glands.flatMap((g) => g.cells().nuclei),
    ];
    return nuclei.map((n) => ({ ring: outlineOf(n, UM_PER_PX), classIndex: classIndexOf(n.kind) })).filter(touches);
  }
  const rings = (gland: Gland): readonly Float64Array[] => (kind === 'glands' ? [gland.outline] : gland.lumina);
  return glands
    .flatMap(rings)
    .map((ring) => ({ ring: scaled(ring, 1 / UM_PER_PX), classIndex: 0 }))
    .filter(touches);
}

/** The objects whose centroid lies in the region (level-0 px). Probabilities are 1. */
export function truthOf(plan: Plan, kind: TruthKind, region: Rect): ObjectColumns {
  const classes = kind === 'nuclei' ? NUCLEUS_CLASSES : kind === 'glands' ? GLAND_CLASSES : LUMEN_CLASSES;
  const found = shapesTouching(plan, kind, region)
    .map((shape) => ({ ...shape, ...momentsOf(shape.ring) }))
    .filter(({ x, y }) => contains(region, x, y));
  const vertices = found.reduce((sum, { ring }) => sum + ring.length / 2, 0);
  const empty = emptyColumns(kind, classes);
  const ring = kind === 'nuclei' ? new Int16Array(2 * vertices) : new Float32Array(2 * vertices);
  const ringStart = new Uint32Array(found.length + 1);
  const centroid = new Float64Array(2 * found.length);
  let at = 0;
  for (const [i, shape] of found.entries()) {
    centroid[2 * i] = shape.x;
    centroid[2 * i + 1] = shape.y;
    for (let v = 0; v < shape.ring.length; v += 2) {
      ring[at++] = rounded(((shape.ring[v] ?? 0) - shape.x) / empty.ringUnit, kind);
      ring[at++] = rounded(((shape.ring[v + 1] ?? 0) - shape.y) / empty.ringUnit, kind);
    }
    ringStart[i + 1] = at / 2;
  }
  return {
    ...empty,
    count: found.length,
    classIndex: Uint8Array.from(found, ({ classIndex }) => classIndex),
    probability: new Float32Array(found.length).fill(1),
    centroid,
    areaPx: Float32Array.from(found, ({ area }) => area),
    ringStart,
    ring,
  };
}

const rounded = (value: number, kind: TruthKind): number => (kind === 'nuclei' ? Math.round(value) : value);

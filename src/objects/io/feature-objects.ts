// Features of a file → objects: each goes to its kind, or is refused with why. Nothing is dropped without a word.
import type { MppXY } from '#units/units.ts';
import { ColumnsBuilder } from '../builder.ts';
import type { ObjectClass, ObjectColumns, ObjectKind } from '../columns.ts';
import { inHundredths, MOST_NAMES, type Note } from '../extras.ts';
import { classColour } from './class-colours.ts';
import { crossingOf } from './crossing.ts';
import { isGeometry, polygonsOf, ringMoments, type Shape, shapeOf } from './feature-shape.ts';
import { LeftOutBook } from './left-out.ts';
import type { RawFeature } from './raw-feature.ts';
import { MOST_VERTICES, type RawGeometry } from './raw-geometry.ts';

/** The slide that the file is to be of. */
export interface SlideFrame {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly mpp: MppXY | undefined;
}

/** A feature that was not taken, or not all of it. Counted from 0 as they stand in the file. */
export interface Refused {
  readonly feature: number;
  readonly why: string;
  readonly partly?: true; // it came, but for this
}

const KIND_OF: ReadonlyMap<string, ObjectKind> = new Map([
  ['nucleus', 'nuclei'],
  ['nuclei', 'nuclei'],
  ['gland', 'glands'],
  ['glands', 'glands'],
  ['lumen', 'lumina'],
  ['lumina', 'lumina'],
]);
const kindNamed = (name: string | undefined): ObjectKind | undefined => KIND_OF.get((name ?? '').trim().toLowerCase());
const OWN_CLASS: Record<ObjectKind, string> = {
  nuclei: 'Nucleus',
  glands: 'Gland',
  lumina: 'Lumen',
  annotations: 'Unclassified',
};

const MOST_CLASSES = 200; //       of a kind: an index is a byte
const MOST_MEASURED = 20_000_000; // of a file, 14 bytes each
const WIDEST_NUCLEUS = 4095; //    px: its corners are eighths in 16 bits around its centroid
const POINT_UM = 3; //             radius of the octagon that stands for a point
const POINT_PX = 12; //            the same on a slide without a pixel size
const LEAST_PX = 0.25; //          what is smaller is in another unit

class Unfit extends Error {}

/** @param said what the file calls it */
function notFeature(said: string | undefined): string {
  if (said === undefined)
    return 'it has no type, so it is no Feature: Eosin reads GeoJSON, not what other formats put into JSON';
  if (isGeometry(said))
    return `its type is ${said}, not Feature: a geometry alone is put into one, {"type":"Feature","geometry":…}`;
  if (said === 'FeatureCollection') return 'it is a FeatureCollection without a list of features';
  return `its type is "${said.slice(0, 40)}", not Feature: Eosin reads GeoJSON, not what other formats put into JSON`;
}

export class FeatureTaker {
  readonly #slide: SlideFrame;
  #builders = new Map<ObjectKind, ColumnsBuilder>();
  readonly #classes = new Map<ObjectKind, Map<string, number>>();
  readonly #classLists = new Map<ObjectKind, ObjectClass[]>();
  readonly #names = new Set<string>();
  #measured = 0;
  #vertices = 0;
  readonly #leftOut = new LeftOutBook();
  imported = 0;
  refused: Refused[] = [];

  constructor(slide: SlideFrame) {
    this.#slide = slide;
  }

  get rows(): number {
    return [...this.#builders.values()].reduce((sum, { count }) => sum + count, 0);
  }

  get vertices(): number {
    return this.#vertices;
  }

  /** With the objects within it; one that only holds others is none itself. */
  take(feature: RawFeature, index: number, within = ''): void {
    const { children, leftOut, type } = feature;
    if (feature.geometry || (children.length === 0 && type !== 'root')) {
      try {
        this.#take(feature, index);
        this.imported++;
        if (leftOut) for (const what of leftOut) this.#leftOut.add(what, index);
      } catch (thrown) {
        if (!(thrown instanceof Unfit)) throw thrown;
        this.refused.push({ feature: index, why: `${within}${thrown.message}` });
      }
    }
    for (const child of children) this.take(child, index, 'an object within it: ');
  }

  /** What of features that came was left out, once the file is read. */
  leftOut(): readonly Refused[] {
    return this.#leftOut.told();
  }

  /** The objects since the last time, by kind: the caller's own. */
  takeAway(): ObjectColumns[] {
    const batches = [...this.#builders.values()].map((builder) => builder.copy());
    this.#builders = new Map();
    this.#vertices = 0;
    return batches;
  }

  #take(feature: RawFeature, index: number): void {
    const { geometry, nucleus, name, className, exact, tooLong } = feature;
    if (tooLong) throw new Unfit(`its ${tooLong} is longer than 10,000 characters`);
    if (feature.said !== 'Feature') throw new Unfit(notFeature(feature.said));
    if (!geometry) throw new Unfit('it has no geometry');
    if (geometry.type === 'GeometryCollection') {
      this.#takeParts(geometry, feature, index);
      return;
    }
    const shape = this.#shape(geometry);
    const asked = kindNamed(name) ?? kindNamed(className);
    const kind = shape.is === 'polygons' ? (asked ?? 'annotations') : 'annotations';
    if (nucleus) {
      const core = this.#shape(nucleus);
      if (core.is === 'polygons') this.#addPolygons('nuclei', core, feature, index);
      else this.#leftOut.add('nucleus', index);
    }
    if (kind === 'annotations' && feature.type !== undefined && feature.type !== 'annotation')
      this.#leftOut.add('type', index);
    if (shape.is === 'polygons') this.#addPolygons(kind, shape, feature, index);
    else if (shape.is === 'points') {
      for (const at of shape.points) this.#addPoint(at, exact, feature, index);
    } else for (const line of shape.lines) this.#addLine(line, feature, index);
  }

  /** Each part of a collection is an object of its own, with all that is said of the whole; those that cannot be taken are told. */
  #takeParts({ parts }: RawGeometry, feature: RawFeature, index: number): void {
    if (parts.length === 0) throw new Unfit('its geometry is empty');
    const unfit: Unfit[] = [];
    for (const [k, part] of parts.entries()) {
      try {
        this.#take(
          { ...feature, geometry: part, nucleus: k === 0 ? feature.nucleus : undefined, exact: undefined },
          index,
        );
      } catch (thrown) {
        if (!(thrown instanceof Unfit)) throw thrown;
        unfit.push(thrown);
      }
    }
    const [first] = unfit;
    if (!first) return;
    if (unfit.length === parts.length) throw first;
    const why = `${unfit.length} of the ${parts.length} geometries of its collection could not be taken: ${first.message}`;
    this.refused.push({ feature: index, why, partly: true });
  }

  /** Only what can be drawn on this slide. */
  #shape(geometry: RawGeometry): Shape {
    if (geometry.vertices > MOST_VERTICES) {
      const [has, most] = [geometry.vertices, MOST_VERTICES].map((n) => n.toLocaleString('en-US'));
      throw new Unfit(`it has ${has} corners, more than ${most}: simplify it first`);
    }
    const shape = shapeOf(geometry);
    if (typeof shape === 'string') throw new Unfit(shape);
    const { points } = geometry;
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let k = 0; k < points.length; k += 2) {
      const x = points[k] ?? 0;
      const y = points[k + 1] ?? 0;
      if (!Number.isFinite(x) || !Number.isFinite(y)) throw new Unfit(`corner ${k / 2 + 1} is not a number`);
      if (x < x0) x0 = x;
      if (x > x1) x1 = x;
      if (y < y0) y0 = y;
      if (y > y1) y1 = y;
    }
    const { widthPx, heightPx } = this.#slide;
    if (x1 < 0 || y1 < 0 || x0 > widthPx || y0 > heightPx) {
      const at = `x ${short(x0)} to ${short(x1)}, y ${short(y0)} to ${short(y1)}`;
      throw new Unfit(
        `it lies outside of the slide (${at}; the slide has ${widthPx} × ${heightPx} px): coordinates must be pixels of the full resolution`,
      );
    }
    if (shape.is !== 'points' && x1 - x0 < LEAST_PX && y1 - y0 < LEAST_PX)
      throw new Unfit(
        `it is ${short(Math.max(x1 - x0, y1 - y0))} px across: coordinates must be pixels of the full resolution, not degrees or millimetres`,
      );
    if (shape.is === 'polygons' && x1 - x0 > 4 * widthPx && y1 - y0 > 4 * heightPx)
      throw new Unfit('it is much larger than the slide');
    return shape;
  }

  /** Each polygon of several becomes an object; those of Eosin's own files are trusted to be as they were. */
  #addPolygons(kind: ObjectKind, shape: Shape & { is: 'polygons' }, feature: RawFeature, index: number): void {
    const polygons = polygonsOf(shape);
    const rows = polygons.map((rings) => {
      const [ring, ...holes] = rings;
      if (!ring) throw new Unfit('it has no outline');
      const moments = ringMoments(ring);
      const own = polygons.length === 1 ? exactOf(feature, kind, ring, moments) : undefined;
      if (!own) this.#check(rings, moments.area);
      const [x, y] = [own?.x ?? moments.x, own?.y ?? moments.y];
      const reach = kind === 'nuclei' ? reachOf(ring, x, y) : 0;
      if (reach > WIDEST_NUCLEUS)
        throw new Unfit(`it is called a nucleus and reaches ${short(reach)} px from its middle`);
      const inside = holes.map((hole) => (ringMoments(hole).signed > 0 === moments.signed > 0 ? reversed(hole) : hole));
      const area = moments.area - holes.reduce((sum, hole) => sum + ringMoments(hole).area, 0);
      return { ring, inside, x, y, areaPx: own?.areaPx ?? area, own };
    });
    const classIndex = this.#classOf(kind, feature, index);
    const { probability, measured } = this.#measuredOf(feature, index, rows[0]?.own !== undefined);
    const note = noteOf(feature, kind, undefined);
    for (const { ring, inside, x, y, areaPx, own } of rows) {
      this.#builder(kind).add({
        classIndex,
        probability: own?.probability ?? probability,
        x,
        y,
        areaPx,
        ring,
        ...(inside.length > 0 && { holes: inside }),
        ...(measured.length > 0 && { measured }),
        ...(note && { note }),
      });
      this.#vertices += ring.length / 2;
    }
  }

  #check(rings: readonly Float64Array[], area: number): void {
    for (const ring of rings) {
      if (ring.length < 6) throw new Unfit('an outline has fewer than three corners');
      const at = crossingOf(ring);
      if (at === 'tangled') throw new Unfit('its outline lies over itself');
      if (at) throw new Unfit(`its outline crosses itself at x ${short(at.x)}, y ${short(at.y)}`);
    }
    if (area < 1e-9) throw new Unfit('its outline encloses nothing');
  }

  #addPoint(
    at: readonly [number, number],
    exact: readonly number[] | undefined,
    feature: RawFeature,
    index: number,
  ): void {
    const [x, y] = [inHundredths(at[0]), inHundredths(at[1])];
    const { mpp } = this.#slide;
    const [rx, ry] = mpp ? [POINT_UM / mpp.x, POINT_UM / mpp.y] : [POINT_PX, POINT_PX];
    const ring = Array.from({ length: 8 }, (_, k) => (k * Math.PI) / 4).flatMap((angle) => [
      x + rx * Math.cos(angle),
      y + ry * Math.sin(angle),
    ]);
    this.#addMarked(x, y, Float64Array.from(ring), 'point', exact !== undefined, feature, index);
  }

  /** Forth and back. */
  #addLine(line: Float64Array, feature: RawFeature, index: number): void {
    const n = line.length / 2;
    if (n < 2) throw new Unfit('its line has fewer than two points');
    const ring = new Float64Array(2 * (2 * n - 2));
    ring.set(line);
    let [sx, sy] = [0, 0];
    for (let k = 0; k < n; k++) {
      sx += line[2 * k] ?? 0;
      sy += line[2 * k + 1] ?? 0;
      if (k === 0 || k === n - 1) continue;
      ring[2 * (2 * n - 2 - k)] = line[2 * k] ?? 0;
      ring[2 * (2 * n - 2 - k) + 1] = line[2 * k + 1] ?? 0;
    }
    const own = feature.exact?.length === 4 ? feature.exact : undefined;
    this.#addMarked(own?.[0] ?? sx / n, own?.[1] ?? sy / n, ring, 'line', own !== undefined, feature, index);
  }

  #addMarked(
    x: number,
    y: number,
    ring: Float64Array,
    shape: 'point' | 'line',
    isOwn: boolean,
    feature: RawFeature,
    index: number,
  ): void {
    const classIndex = this.#classOf('annotations', feature, index);
    const { measured } = this.#measuredOf(feature, index, isOwn);
    const note = noteOf(feature, 'annotations', shape);
    this.#builder('annotations').add({ classIndex, probability: 1, x, y, areaPx: 0, ring, measured, note });
    this.#vertices += ring.length / 2;
  }

  #builder(kind: ObjectKind): ColumnsBuilder {
    const known = this.#builders.get(kind);
    if (known) return known;
    const builder = new ColumnsBuilder(kind, this.#classLists.get(kind) ?? []);
    this.#builders.set(kind, builder);
    return builder;
  }

  #classOf(kind: ObjectKind, { className, color: ofClass, ownColor }: RawFeature, index: number): number {
    const isNamed = (className ?? '').trim() !== '';
    const called = isNamed ? (className ?? '').trim() : OWN_CLASS[kind];
    const color = ofClass ?? (isNamed ? ownColor : undefined); // what has no class shares its colour with all that have none
    const known = this.#classes.get(kind) ?? new Map<string, number>();
    this.#classes.set(kind, known);
    const there = known.get(called);
    const colour =
      there === undefined ? (color ?? classColour(called, kind)) : this.#classLists.get(kind)?.[there]?.color;
    if (ownColor !== undefined && colour !== ownColor) this.#leftOut.add('colour', index);
    if (there !== undefined) return there;
    if (known.size >= MOST_CLASSES) throw new Unfit(`its class is one more than the ${MOST_CLASSES} that are taken`);
    const list = this.#classLists.get(kind) ?? [];
    list.push({ name: called, color: color ?? classColour(called, kind) });
    this.#classLists.set(kind, list);
    known.set(called, list.length - 1);
    return list.length - 1;
  }

  /** What Eosin writes itself is in the columns; the probability of others is looked for. */
  #measuredOf(
    feature: RawFeature,
    index: number,
    isOwn: boolean,
  ): { probability: number; measured: RawFeature['measured'] } {
    let probability = 1;
    const measured = feature.measured.filter(([name, value]) => {
      if (isOwn && OWN_MEASURES.has(name)) return false;
      if (!PROBABILITIES.has(name) || !(value >= 0 && value <= 1)) return true;
      probability = value;
      return false;
    });
    for (const [name] of measured) this.#names.add(name);
    if (this.#names.size > MOST_NAMES) throw new Unfit(`the file has more than ${MOST_NAMES} names of measurements`);
    const before = this.#measured;
    this.#measured += measured.length;
    if (this.#measured <= MOST_MEASURED) return { probability, measured };
    if (before <= MOST_MEASURED) {
      const why = `from here on measurements are left out: the file holds more than ${MOST_MEASURED.toLocaleString('en-US')}`;
      this.refused.push({ feature: index, why, partly: true });
    }
    return { probability, measured: [] };
  }
}

const PROBABILITIES: ReadonlySet<string> = new Set(['Probability', 'Detection probability']);
const OWN_MEASURES: ReadonlySet<string> = new Set(['Area µm^2', 'Area px^2', 'Probability']);

interface Exact {
  readonly x: number;
  readonly y: number;
  readonly areaPx: number;
  readonly probability: number;
}

/** Eosin's own member, where the outline still fits it: another program may have changed that and kept the member. */
function exactOf(
  { exact, nucleus }: RawFeature,
  kind: ObjectKind,
  ring: Float64Array,
  { area, x: cx, y: cy }: { readonly area: number; readonly x: number; readonly y: number },
): Exact | undefined {
  if (exact?.length !== 4 || ring.length < 6 || (nucleus && kind === 'nuclei')) return undefined;
  const [x = Number.NaN, y = Number.NaN, areaPx = Number.NaN, probability = Number.NaN] = exact;
  const side = Math.sqrt(area) + 2;
  const fits = Math.abs(x - cx) < side && Math.abs(y - cy) < side && areaPx >= 0 && areaPx < 4 * area + 16;
  return fits && probability >= 0 && probability <= 1 ? { x, y, areaPx, probability } : undefined;
}

function noteOf(
  { name, isLocked, metadata }: RawFeature,
  kind: ObjectKind,
  shape: 'point' | 'line' | undefined,
): Note | undefined {
  const own = name !== undefined && name.trim() !== '' && kindNamed(name) !== kind ? name : undefined;
  if (own === undefined && !isLocked && metadata.length === 0 && shape === undefined) return undefined;
  return {
    ...(own !== undefined && { name: own }),
    ...(shape && { shape }),
    ...(isLocked && { isLocked }),
    ...(metadata.length > 0 && { metadata: Object.fromEntries(metadata) }),
  };
}

/** The farthest that a corner lies from a point, along x or y. */
function reachOf(ring: Float64Array, x: number, y: number): number {
  let most = 0;
  for (let k = 0; k < ring.length; k += 2)
    most = Math.max(most, Math.abs((ring[k] ?? 0) - x), Math.abs((ring[k + 1] ?? 0) - y));
  return most;
}

function reversed(ring: Float64Array): Float64Array {
  const turned = new Float64Array(ring.length);
  for (let k = 0; k < ring.length; k += 2) {
    turned[ring.length - 2 - k] = ring[k] ?? 0;
    turned[ring.length - 1 - k] = ring[k + 1] ?? 0;
  }
  return turned;
}

const short = (value: number): number => Math.round(value * 100) / 100;

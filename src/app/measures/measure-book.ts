// The measures of what the slide holds: worked out by group when first asked for, kept while the objects stay the same.
import type { Scale } from '#analysis/measuring/measure-calls.ts';
import { measureShapes } from '#analysis/measuring/measure-shapes.ts';
import type { MeasureWork } from '#analysis/measuring/measure-work.ts';
import type { Waits } from '#channel/waits.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { broughtColumn, broughtMeasures } from '#objects/measures/brought.ts';
import { distancesToClasses, distancesToOthers } from '#objects/measures/distances.ts';
import { countsIn, glandsAround, lumenShares, membersOf, NOWHERE } from '#objects/measures/membership.ts';
import { DISTANCE_TO_OTHER, type MeasureGroup, type MeasureName, measuresFor } from '#objects/measures/names.ts';
import { finished } from '#objects/measures/pausing.ts';
import { SHAPE_NAMES, type Shapes, shapesOf } from '#objects/measures/shape.ts';
import { SharedJob } from '#slide/shared-job.ts';
import type { FoundObjects } from '../found-objects.ts';
import type { ObjectLayer } from '../stores/layers-store.ts';

export type GroupColumns = ReadonlyMap<string, Float32Array<ArrayBuffer>>; // by measure, [count] each

/** Groups that are read from pixels are brought by whoever reads them; those of files are with their objects. */
export type ReckonedGroup = Exclude<MeasureGroup, 'stain' | 'file'>;

export interface BookNeeds {
  readonly found: Pick<FoundObjects, 'store' | 'has' | 'settled'>;
  readonly scale: () => Scale;
  readonly work: Pick<MeasureWork, 'shapes' | 'distances' | 'glandsAround' | 'countsIn'>;
}

interface Entry {
  readonly stamp: string; // of the objects it rests on
  readonly job: SharedJob<GroupColumns> | undefined;
  columns: GroupColumns | undefined;
}

/**
 * With a million nuclei of 20 corners the objects take some 140 MB: 110 MB are left of the 250 that both may take. The
 * groups that were not asked for longest go first; stains stay, for they cost a look at the whole slide.
 */
const MOST_BYTES = 96e6;

export class MeasureBook {
  readonly #needs: BookNeeds;
  readonly #entries = new Map<string, Entry>(); // in the order of use, the latest last

  constructor(needs: BookNeeds) {
    this.#needs = needs;
  }

  names(kind: ObjectLayer): readonly MeasureName[] {
    const store = this.#needs.found.store(kind);
    const own = measuresFor(kind, store.classes);
    const names = store.live.columns.extras?.names ?? [];
    return names.length === 0 ? own : [...own, ...broughtMeasures(names, own)];
  }

  /** What a level-0 px measures: µm, or 1 where the slide is uncalibrated. */
  scale(): Scale {
    return this.#needs.scale();
  }

  /** Of all that is kept. */
  get bytes(): number {
    let sum = 0;
    for (const { columns } of this.#entries.values())
      for (const column of columns?.values() ?? []) sum += column.byteLength;
    return sum;
  }

  /** In the measuring worker. @throws the signal's reason; WorkerDied */
  async group(kind: ObjectLayer, group: ReckonedGroup, waits: Waits): Promise<GroupColumns> {
    await this.#needs.found.settled();
    const kept = this.#kept(kind, group);
    if (kept?.columns) return kept.columns;
    if (kept?.job && !kept.job.abandoned) return kept.job.join(waits);
    const job = new SharedJob<GroupColumns>(async (during) => {
      try {
        const columns = await this.#reckon(kind, group, during);
        entry.columns = columns;
        this.#trim();
        return columns;
      } catch (thrown) {
        if (this.#entries.get(keyOf(kind, group)) === entry) this.#entries.delete(keyOf(kind, group));
        throw thrown;
      }
    });
    const entry: Entry = { stamp: this.#stamp(kind, group), job, columns: undefined };
    this.#entries.set(keyOf(kind, group), entry);
    return job.join(waits);
  }

  /** What is kept, or is worked out on this very thread: for a script that cannot wait. */
  groupNow(kind: ObjectLayer, group: ReckonedGroup): GroupColumns {
    const kept = this.#kept(kind, group)?.columns;
    if (kept) return kept;
    const columns = this.#reckonNow(kind, group);
    this.#entries.set(keyOf(kind, group), { stamp: this.#stamp(kind, group), job: undefined, columns });
    this.#trim();
    return columns;
  }

  /** Of the objects as they are; undefined where they were not measured. */
  stains(kind: ObjectLayer): GroupColumns | undefined {
    return this.#kept(kind, 'stain')?.columns;
  }

  /** One that a file brought: a column of its own, for a file may hold hundreds. Settle the objects first. */
  brought(kind: ObjectLayer, { name, brought = '' }: MeasureName): GroupColumns {
    const kept = this.#kept(kind, 'file', name)?.columns;
    if (kept) return kept;
    const { extras, count } = this.#needs.found.store(kind).columns;
    const columns = new Map(extras ? [[name, broughtColumn(extras, brought, count)]] : []);
    this.#entries.set(keyOf(kind, 'file', name), { stamp: this.#stamp(kind, 'file'), job: undefined, columns });
    this.#trim();
    return columns;
  }

  keepStains(kind: ObjectLayer, columns: GroupColumns): void {
    this.#entries.set(keyOf(kind, 'stain'), { stamp: this.#stamp(kind, 'stain'), job: undefined, columns });
    this.#trim();
  }

  forget(): void {
    this.#entries.clear();
  }

  forgetStains(): void {
    for (const key of this.#entries.keys()) if (key.endsWith('stain')) this.#entries.delete(key);
  }

  #kept(kind: ObjectLayer, group: MeasureGroup, name = ''): Entry | undefined {
    const key = keyOf(kind, group, name);
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    if (entry.stamp !== this.#stamp(kind, group)) return undefined;
    this.#entries.set(key, entry);
    return entry;
  }

  /** Changes with every object that the group's values rest on. */
  #stamp(kind: ObjectLayer, group: MeasureGroup): string {
    const { found, scale } = this.#needs;
    const rests: readonly ObjectLayer[] =
      group === 'gland'
        ? [kind, 'glands']
        : group === 'contents'
          ? ['glands', 'nuclei', 'lumina']
          : group === 'within'
            ? [kind, 'nuclei', 'glands']
            : [kind];
    const { x, y } = scale();
    return [x, y, ...rests.map((of) => `${found.has(of)} ${found.store(of).version}`)].join();
  }

  #trim(): void {
    let bytes = this.bytes;
    for (const [key, { columns }] of this.#entries) {
      if (bytes <= MOST_BYTES) return;
      if (!columns || key.endsWith('stain')) continue;
      for (const column of columns.values()) bytes -= column.byteLength;
      this.#entries.delete(key);
    }
  }

  async #reckon(kind: ObjectLayer, group: ReckonedGroup, waits: Waits): Promise<GroupColumns> {
    const { found, scale, work } = this.#needs;
    const { columns } = found.store(kind);
    switch (group) {
      case 'own':
        return own(columns, scale());
      case 'shape':
        return shapeGroup(await measureShapes(columns, scale(), work, waits));
      case 'neighbours': {
        const placed = placedOf(columns);
        return this.#neighbours(kind, columns, await work.distances({ placed, scale: scale() }, waits));
      }
      case 'gland': {
        const glands = copyOf(found.store('glands').columns);
        return this.#glandGroup(await work.glandsAround({ points: columns.centroid.slice(), glands }, waits));
      }
      case 'contents': {
        const [stored, lumina, nuclei] = this.#glandsAndContents();
        const glands = copyOf(stored);
        const nucleiIn = await work.glandsAround({ points: nuclei.centroid.slice(), glands }, waits);
        const luminaIn = await work.glandsAround({ points: lumina.centroid.slice(), glands }, waits);
        return contents(nucleiIn, luminaIn, lumina, glands);
      }
      case 'within': {
        const areas = copyOf(columns);
        const count = (of: 'nuclei' | 'glands') =>
          work.countsIn({ points: found.store(of).columns.centroid.slice(), areas }, waits);
        return this.#within(columns, await count('nuclei'), await count('glands'));
      }
    }
  }

  #reckonNow(kind: ObjectLayer, group: ReckonedGroup): GroupColumns {
    const { found, scale } = this.#needs;
    const { columns } = found.store(kind);
    switch (group) {
      case 'own':
        return own(columns, scale());
      case 'shape':
        return shapeGroup(shapesOf(columns, scale()));
      case 'neighbours':
        return this.#neighbours(kind, columns, finished(distancesToClasses(placedOf(columns), scale())));
      case 'gland':
        return this.#glandGroup(finished(glandsAround(columns.centroid, found.store('glands').columns)));
      case 'contents': {
        const [glands, lumina, nuclei] = this.#glandsAndContents();
        const [nucleiIn, luminaIn] = [nuclei, lumina].map(({ centroid }) => finished(glandsAround(centroid, glands)));
        return contents(nucleiIn ?? new Int32Array(0), luminaIn ?? new Int32Array(0), lumina, glands);
      }
      case 'within': {
        const count = (of: 'nuclei' | 'glands') => finished(countsIn(found.store(of).columns.centroid, columns));
        return this.#within(columns, count('nuclei'), count('glands'));
      }
    }
  }

  /** Where nobody has looked for glands, nobody knows. */
  #glandGroup(inGland: Int32Array): GroupColumns {
    const none = this.#needs.found.has('glands') ? 0 : Number.NaN;
    return new Map([
      ['in_gland', Float32Array.from(inGland, (row) => (row === NOWHERE ? none : 1))],
      ['gland', Float32Array.from(inGland, (row) => (row === NOWHERE ? Number.NaN : row))],
    ]);
  }

  /** What nobody has looked for is not known. Densities are per mm², or per million px² while the slide is uncalibrated. */
  #within({ areaPx }: ObjectColumns, nuclei: Float32Array, glands: Float32Array): GroupColumns {
    const { found, scale } = this.#needs;
    const { x, y } = scale();
    const known = (kind: 'nuclei' | 'glands', counts: Float32Array): Float32Array<ArrayBuffer> =>
      Float32Array.from(counts, (count) => (found.has(kind) ? count : Number.NaN));
    const inside = known('nuclei', nuclei);
    return new Map([
      ['nuclei', inside],
      ['nuclei_density', inside.map((count, row) => (1e6 * count) / ((areaPx[row] ?? 0) * x * y))],
      ['glands', known('glands', glands)],
    ]);
  }

  #glandsAndContents(): readonly [glands: ObjectColumns, lumina: ObjectColumns, nuclei: ObjectColumns] {
    const { found } = this.#needs;
    return [found.store('glands').columns, found.store('lumina').columns, found.store('nuclei').columns];
  }

  #neighbours(kind: ObjectLayer, columns: ObjectColumns, to: readonly Float32Array<ArrayBuffer>[]): GroupColumns {
    const names = this.names(kind).filter(({ group }) => group === 'neighbours');
    const out = new Map<string, Float32Array<ArrayBuffer>>();
    for (const [index, { name }] of names.entries()) {
      const column = name === DISTANCE_TO_OTHER ? distancesToOthers(columns.classIndex, to) : to[index];
      if (column) out.set(name, column);
    }
    return out;
  }
}

const keyOf = (kind: ObjectLayer, group: MeasureGroup, name = ''): string => `${kind} ${group}${name && ` ${name}`}`;

function own({ areaPx, probability }: ObjectColumns, { x, y }: Scale): GroupColumns {
  return new Map([
    ['area', areaPx.map((px) => px * x * y)],
    ['probability', probability], // lent: the store's own
  ]);
}

const shapeGroup = (shapes: Shapes): GroupColumns => new Map(SHAPE_NAMES.map((name) => [name, shapes[name]]));

/** A view that is posted takes its whole buffer along, with all the room it has to grow: copies are of the rows alone. */
const copyOf = (columns: ObjectColumns): ObjectColumns => ({
  ...columns,
  classIndex: columns.classIndex.slice(),
  probability: columns.probability.slice(),
  centroid: columns.centroid.slice(),
  areaPx: columns.areaPx.slice(),
  ringStart: columns.ringStart.slice(),
  ring: columns.ring.slice(),
});

const placedOf = ({ centroid, classIndex, classes }: ObjectColumns) => ({
  centroid: centroid.slice(),
  classIndex: classIndex.slice(),
  classes: classes.length,
});

const contents = (
  nucleiIn: Int32Array,
  luminaIn: Int32Array,
  lumina: ObjectColumns,
  glands: ObjectColumns,
): GroupColumns =>
  new Map([
    ['nuclei', membersOf(nucleiIn, glands.count)],
    ['lumen_share', lumenShares(luminaIn, lumina, glands)],
  ]);

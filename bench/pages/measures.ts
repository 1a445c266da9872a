// Measures of a slide that holds a million nuclei: what each group takes in the worker, how long the page is kept from
// anything else meanwhile, and how many bytes objects and measures hold.
import { openMeasuring } from '#analysis/measuring/open-measuring.ts';
import { ColumnsBuilder } from '#objects/builder.ts';
import type { ObjectColumns, ObjectKind } from '#objects/columns.ts';
import { FoundObjects } from '../../src/app/found-objects.ts';
import { compiledFilter, rowsWhere, vocabularyOf } from '../../src/app/measures/filter-rows.ts';
import { MeasureBook } from '../../src/app/measures/measure-book.ts';

const NUCLEI = 1_000_000;
const GLANDS = 1500;
const CORNERS = 20; //     of a nucleus: what post-processing leaves of most
const SIDE = 60_000; //    of the slide, level-0 px
const FILTER = 'area > 40 and class == "epithelial" and in_gland and solidity > 0.9';

const classes = ['Epithelial', 'Inflammatory', 'Connective', 'Other'].map((name) => ({ name, color: '#ffffff' }));
const calm = { signal: new AbortController().signal };

export interface MeasureTimes {
  readonly nuclei: number;
  readonly seconds: Readonly<Record<'shape' | 'neighbours' | 'gland', number>>;
  readonly orderMs: number;
  readonly filterMs: number;
  readonly chosen: number;
  readonly longestMs: number; //    that the page's thread was kept in one go
  readonly objectBytes: number; //  of the columns, with their room to grow
  readonly measureBytes: number;
}

/** Seeded numbers in [0, 1) (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function discs(
  kind: ObjectKind,
  count: number,
  corners: number,
  [least, most]: readonly [number, number],
): ObjectColumns {
  const next = random(corners);
  const builder = new ColumnsBuilder(
    kind,
    kind === 'nuclei' ? classes : [{ name: 'Gland', color: '#ffffff' }],
    count,
    count * corners,
  );
  const ring = new Float64Array(2 * corners);
  for (let i = 0; i < count; i++) {
    const [x, y, r, flat] = [next() * SIDE, next() * SIDE, least + (most - least) * next(), 0.6 + 0.4 * next()];
    for (let v = 0; v < corners; v++) {
      ring[2 * v] = x + r * Math.cos((2 * Math.PI * v) / corners);
      ring[2 * v + 1] = y + flat * r * Math.sin((2 * Math.PI * v) / corners);
    }
    builder.add({ classIndex: i % 4, probability: next(), x, y, areaPx: Math.PI * flat * r * r, ring });
  }
  return builder.view();
}

/** The longest that nothing else had its turn while `work` went on, ms. */
async function longestDuring(work: () => Promise<void>): Promise<number> {
  const { port1, port2 } = new MessageChannel();
  let [last, longest] = [performance.now(), 0];
  port1.onmessage = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    port2.postMessage(0);
  };
  port2.postMessage(0);
  await work();
  port1.close();
  return longest;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function measure(): Promise<MeasureTimes> {
  const found = new FoundObjects(() => undefined);
  found.bring(discs('nuclei', NUCLEI, CORNERS, [8, 20]));
  found.bring(discs('glands', GLANDS, 200, [150, 500]));
  await found.settled();
  using work = openMeasuring();
  const book = new MeasureBook({ found, scale: () => ({ x: 0.25, y: 0.25 }), work });
  const seconds = { shape: 0, neighbours: 0, gland: 0 };
  let [orderMs, filterMs, chosen] = [0, 0, 0];
  const longestMs = await longestDuring(async () => {
    for (const group of ['shape', 'neighbours', 'gland'] as const) {
      seconds[group] = (await timed(() => book.group('nuclei', group, calm))) / 1000;
    }
    const columns = new Map([
      ...(await book.group('nuclei', 'own', calm)),
      ...(await book.group('nuclei', 'shape', calm)),
      ...(await book.group('nuclei', 'gland', calm)),
    ]);
    const solidity = columns.get('solidity') ?? new Float32Array(0);
    orderMs = await timed(() => work.order({ values: solidity.slice() }, calm));
    const { columns: all } = found.store('nuclei');
    const filter = compiledFilter(FILTER, vocabularyOf('nuclei', book.names('nuclei'), all.classes));
    if (!('over' in filter)) throw new Error(filter.seen);
    const values = { classIndex: all.classIndex, column: (name: string) => columns.get(name) ?? new Float32Array(0) };
    filterMs = await timed(async () => {
      chosen = (await rowsWhere(filter, values, calm)).length;
    });
  });
  const { columns } = found.store('nuclei');
  const arrays = [
    columns.classIndex,
    columns.probability,
    columns.centroid,
    columns.areaPx,
    columns.ringStart,
    columns.ring,
  ];
  return {
    nuclei: columns.count,
    seconds,
    orderMs,
    filterMs,
    chosen,
    longestMs,
    objectBytes: arrays.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
    measureBytes: book.bytes,
  };
}

Object.assign(window, { measure });

// Damaged copies of slides, by seed: whatever is wrong with one, opening it and reading its tiles ends soon, in pictures or in
// EosinErrors. A rejection that nobody takes fails the run by itself.
import { setMaxListeners } from 'node:events';
import { afterAll, expect } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { openSlide, type SlideSource } from '../open.ts';
import { columnsOf, rowsOf, type Slide } from '../slide.ts';
import { tiffKind } from '../tiff.ts';
import type { Fetch } from '../url-source.ts';
import { nodeDecoders } from './decoders.ts';
import { type Cost, collectGarbage, costOf, countBuffers, peakMemory, watchdog } from './meter.ts';

const MOST_CPU_MS = 2000; // to open, or to read a tile: processor time, which a busy machine does not stretch
const MOST_BYTES = 500e6; // that a step asks for in all, and that the process grows by
const atFirst = peakMemory();

/** mulberry32: a small generator whose whole state is the seed. */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type TiffKind = NonNullable<ReturnType<typeof tiffKind>>;

interface Directory {
  readonly at: number;
  readonly entries: number;
  readonly next: number; // where the place of the next one stands
}

function directoriesOf(bytes: Uint8Array<ArrayBuffer>, kind: TiffKind): Directory[] {
  const view = new DataView(bytes.buffer);
  const { big, littleEndian } = kind;
  const word = (at: number): number =>
    big ? Number(view.getBigUint64(at, littleEndian)) : view.getUint32(at, littleEndian);
  const found: Directory[] = [];
  for (let at = word(big ? 8 : 4); at > 0 && at + 1024 < bytes.length && found.length < 8; ) {
    const entries = big ? word(at) : view.getUint16(at, littleEndian);
    const next = at + (big ? 8 + entries * 20 : 2 + entries * 12);
    found.push({ at, entries, next });
    at = next + 8 < bytes.length ? word(next) : 0;
  }
  return found;
}

/** Where the directories and their neighbours lie: damage there does more than damage in pixels. */
function headerRanges(bytes: Uint8Array<ArrayBuffer>): [number, number][] {
  const kind = tiffKind(bytes);
  if (!kind) return [[0, Math.min(bytes.length, 1500)]];
  const directories = directoriesOf(bytes, kind);
  return [[0, 16], ...directories.map(({ at, next }): [number, number] => [at, Math.min(bytes.length, next + 200)])];
}

const LIES = [0, 1, 2 ** 16, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

/** A directory that leads back, or an entry whose count or value is far too large. */
function lie(bytes: Uint8Array<ArrayBuffer>, kind: TiffKind, pick: (n: number) => number): void {
  const directories = directoriesOf(bytes, kind);
  const directory = directories[pick(directories.length)];
  if (!directory) return;
  const { big, littleEndian } = kind;
  const view = new DataView(bytes.buffer);
  const put = (at: number, value: number): void => {
    if (at + 8 > bytes.length) return;
    if (big) view.setBigUint64(at, BigInt(value), littleEndian);
    else view.setUint32(at, value, littleEndian);
  };
  const entry = directory.at + (big ? 8 : 2) + pick(directory.entries) * (big ? 20 : 12);
  if (pick(4) === 0) put(directory.next, directories[pick(directories.length)]?.at ?? 0);
  else put(entry + (pick(2) === 0 ? 4 : big ? 12 : 8), LIES[pick(LIES.length)] ?? 0);
}

const INTERESTING = [0, 1, 2, 0x7f, 0x80, 0xff];

/** A few bytes changed, most of them in headers; some copies are cut off. */
export function damaged(whole: Uint8Array<ArrayBuffer>, next: () => number): Uint8Array<ArrayBuffer> {
  const bytes = whole.slice();
  const ranges = headerRanges(whole);
  const pick = (n: number): number => Math.floor(next() * n);
  const edits = 1 + pick(6);
  for (let i = 0; i < edits; i++) {
    const [from, to] = next() < 0.8 ? (ranges[pick(ranges.length)] ?? [0, 8]) : [0, bytes.length];
    const at = from + pick(to - from);
    const how = next();
    if (how < 0.4) bytes[at] = (bytes[at] ?? 0) ^ (1 << pick(8));
    else if (how < 0.8) bytes[at] = INTERESTING[pick(INTERESTING.length)] ?? 0;
    else bytes.fill(pick(256), at, at + 1 + pick(4));
  }
  const kind = tiffKind(whole);
  if (kind && next() < 0.3) lie(bytes, kind, pick);
  return next() < 0.15 ? bytes.slice(0, pick(bytes.length)) : bytes;
}

/** Up to three tiles of every level. Only EosinErrors may come. */
async function readSome(slide: Slide, signal: AbortSignal, step: Step): Promise<number> {
  let pictures = 0;
  for (const [index, level] of slide.levels.entries()) {
    const [lastCol, lastRow] = [columnsOf(level) - 1, rowsOf(level) - 1];
    for (const [col, row] of new Map([
      [0, 0],
      [lastCol, lastRow],
      [Math.floor(lastCol / 2), 0],
    ])) {
      await step(`tile ${index}/${col},${row}`, async () => {
        try {
          const raster = await slide.readTile({ level: index, col, row }, { signal });
          expect(raster.width * raster.height).toBeGreaterThan(0);
          pictures++;
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(EosinError);
        }
      });
    }
  }
  return pictures;
}

/** Opening, or reading one tile: each ends in time. */
type Step = (what: string, work: () => Promise<void>) => Promise<void>;

const dog = watchdog(60);
const slowest: { readonly what: string; readonly cost: Cost }[] = [];
let most = 0; // bytes that one step asked for
countBuffers();

const measured =
  (of: string): Step =>
  async (what, work) => {
    dog.watch(`${of}, ${what}`);
    const cost = await costOf(work);
    slowest.push({ what: `${of}, ${what}`, cost });
    slowest.sort((a, b) => b.cost.cpuMs - a.cost.cpuMs).splice(10);
    most = Math.max(most, cost.bytes);
    expect(cost.cpuMs, `${of}, ${what}: ms`).toBeLessThan(MOST_CPU_MS);
    expect(cost.bytes, `${of}, ${what}: bytes`).toBeLessThan(MOST_BYTES);
  };

afterAll(() => {
  dog[Symbol.dispose]();
  const lines = slowest.map(({ what, cost }) => `${cost.cpuMs.toFixed(0)} ms, ${mb(cost.bytes)}: ${what}`);
  console.info(`The slowest of all:\n${lines.join('\n')}\nAt most ${mb(most)} a step, ${mb(peakMemory())} in all`);
});
const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

export interface Damaged {
  readonly from: SlideSource;
  readonly fetch?: Fetch; // of an address
}

/** Opens damaged copies, seed by seed, and tells how each ended. */
export async function fuzzed(name: string, cases: number, sourceOf: (next: () => number) => Damaged): Promise<void> {
  let opened = 0;
  let refused = 0;
  let pictures = 0;
  for (let seed = 1; seed <= cases; seed++) {
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    const step = measured(`${name}, seed ${seed}`);
    const { from, fetch } = sourceOf(random(seed));
    if (seed % 10 === 0) collectGarbage(); // or the peak is what was left lying about
    let slide: Slide | undefined;
    await step('opening', async () => {
      try {
        slide = await openSlide(from, { signal, decoders: nodeDecoders, ...(fetch && { fetch }) });
      } catch (thrown) {
        expect(thrown, `seed ${seed}`).toBeInstanceOf(EosinError);
        expect(thrown, `seed ${seed}`).not.toMatchObject({ failure: { tag: 'Unexpected' } });
        refused++;
      }
    });
    if (!slide) continue;
    using open = slide;
    opened++;
    pictures += await readSome(open, signal, step);
  }
  console.info(`${name}: seeds 1 to ${cases}: ${opened} opened with ${pictures} pictures, ${refused} refused`);
  expect(opened).toBeGreaterThan(0); // or the damage is too great to test what lies behind opening
  expect(opened + refused).toBe(cases);
  expect(peakMemory()).toBeLessThan(MOST_BYTES + atFirst);
}

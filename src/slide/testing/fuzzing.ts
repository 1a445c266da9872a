// Damaged copies of slides, by seed: whatever is wrong with one, opening it and reading its tiles ends soon, in pictures or in
// EosinErrors. A rejection that nobody takes fails the run by itself.
import { setMaxListeners } from 'node:events';
import { afterAll, expect } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import { openSlide, type SlideSource } from '../open.ts';
import { columnsOf, rowsOf, type Slide } from '../slide.ts';
import type { Fetch } from '../url-source.ts';
import { random } from './damage.ts';
import { nodeDecoders } from './decoders.ts';
import { type Cost, collectGarbage, costOf, countBuffers, peakMemory, watchdog } from './meter.ts';

const MOST_CPU_MS = 2000; // to open, or to read a tile: processor time, which a busy machine does not stretch
const MOST_CLOCK_MS = 30_000; // for one that waits for what never comes, and takes no processor time
const MOST_BYTES = 500e6; // that a step asks for in all, and that the process grows by
const atFirst = peakMemory();

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

/** Vitest's own limit would not say which seed it was. */
async function settled(work: Promise<void>, what: string): Promise<void> {
  let limit: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    limit = setTimeout(() => reject(new Error(`${what}: not done in ${MOST_CLOCK_MS} ms`)), MOST_CLOCK_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(limit);
  }
}

const measured =
  (of: string): Step =>
  async (what, work) => {
    dog.watch(`${of}, ${what}`);
    const cost = await costOf(() => settled(work(), `${of}, ${what}`));
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

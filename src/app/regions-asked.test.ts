import { expect, test, vi } from 'vitest';
import { openTissue } from '#analysis/tissue/tissue.ts';
import { inlineTissueWork } from '#analysis/tissue/work.ts';
import type { Waits } from '#channel/waits.ts';
import type { Slide } from '#slide/slide.ts';
import { regionsAsked } from './regions-asked.ts';
import { createSlideSession } from './slide-session.ts';
import { createStores } from './stores.ts';
import { stubSlide } from './testing/stub-slide.ts';
import { stubViewer } from './testing/stub-viewer.ts';

const { signal } = new AbortController();
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

/** A slide of which one half is pink; its tiles come when let, and each read ends with its signal. */
function slowSlide() {
  let let_ = (): void => undefined;
  const gate = new Promise<void>((resolve) => (let_ = resolve));
  const seen = { reads: 0, aborted: 0 };
  const rgba = new Uint8ClampedArray(1_600_000).map((_, i) => [190, 90, 160, 255][i % 4] ?? 0);
  const slide: Slide = {
    ...stubSlide('slow.svs'),
    levels: [{ widthPx: 1000, heightPx: 800, tileWidth: 500, tileHeight: 800, downsample: 1 }],
    readTile: async ({ col }, waits) => {
      seen.reads++;
      const lost = new Promise<never>((_, reject) => {
        waits.signal.addEventListener('abort', () => {
          seen.aborted++;
          reject(waits.signal.reason);
        });
      });
      await Promise.race([gate, lost]);
      return { width: 500, height: 800, rgba: col === 0 ? rgba.slice() : new Uint8ClampedArray(rgba.length).fill(255) };
    },
  };
  return { slide, seen, let: () => let_() };
}

/** Without workers, which Node has none of. */
const here = (slide: Slide, waits: Waits) => openTissue(slide, waits, inlineTissueWork);

async function bench(slides: readonly Slide[]) {
  const stores = createStores(undefined);
  const viewer = stubViewer();
  const read = vi.fn<() => Promise<{ slide: Slide; truth: undefined }>>();
  for (const slide of slides) read.mockResolvedValueOnce({ slide, truth: undefined });
  const session = createSlideSession({ read, sample: read }, viewer, stores);
  await session.open('https://host/slow.svs', { signal });
  return { session, regions: regionsAsked(session, stores, () => viewer.visibleRect(), here) };
}

test('who leaves the search for tissue leaves at once, and the others still get it', async () => {
  const slow = slowSlide();
  const { regions } = await bench([slow.slide]);
  const panel = regions.tissue({ signal });
  const run = new AbortController();
  const asked = regions.resolve('tissue', { signal: run.signal });
  await vi.waitFor(() => expect(slow.seen.reads).toBeGreaterThan(0));
  run.abort(new Error('cancelled'));
  await expect(asked).rejects.toThrow('cancelled');
  expect(slow.seen.aborted).toBe(0);
  slow.let();
  expect((await panel).mask.some((cell) => cell === 1)).toBe(true);
  const { reads } = slow.seen;
  await regions.tissue({ signal });
  expect(slow.seen.reads).toBe(reads);
});

test('the search ends when the last one leaves, and starts anew for the next', async () => {
  const slow = slowSlide();
  const { regions } = await bench([slow.slide]);
  const only = new AbortController();
  const asked = regions.tissue({ signal: only.signal });
  await vi.waitFor(() => expect(slow.seen.reads).toBeGreaterThan(0));
  only.abort(new Error('left'));
  await expect(asked).rejects.toThrow('left');
  expect(slow.seen.aborted).toBeGreaterThan(0);
  slow.let();
  expect((await regions.tissue({ signal })).mask.some((cell) => cell === 1)).toBe(true);
});

test('the last slide’s search, ending late, leaves the new slide’s alone', async () => {
  const [first, second] = [slowSlide(), slowSlide()];
  const { session, regions } = await bench([first.slide, second.slide]);
  const old = new AbortController();
  const lost = regions.tissue({ signal: old.signal });
  await vi.waitFor(() => expect(first.seen.reads).toBeGreaterThan(0));
  await session.open('https://host/second.svs', { signal });
  const now = regions.tissue({ signal });
  await vi.waitFor(() => expect(second.seen.reads).toBeGreaterThan(0));
  old.abort(new Error('gone'));
  await expect(lost).rejects.toThrow('gone');
  await settled();
  const { reads } = second.seen;
  second.let();
  const again = regions.tissue({ signal });
  expect(await again).toBe(await now);
  expect(second.seen.reads).toBeGreaterThanOrEqual(reads);
});

// Stored tiles of a slide, several at once.

import { unlessAborted } from '#channel/unless-aborted.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { release } from '#slide/raster.ts';
import { columnsOf, levelOf, type Raster, rowsOf, type Slide, type TileAt } from '#slide/slide.ts';
import { bottom, type Rect, right } from '#units/rect.ts';
import type { Wait } from './retry.ts';

/** A stored tile with its place in the level, level px. */
export interface TilePlace {
  readonly at: TileAt;
  readonly x: number;
  readonly y: number;
}

export interface PlacedTile extends TilePlace {
  readonly image: Raster;
}

/** How long a slide may stay silent. */
export interface Patience {
  readonly seconds: number; // from one tile to the next, at least
  readonly wait: Wait;
}

/** The stored tiles that meet a window (level px) or lie at most `around` px from it. */
export function tilesUnder(slide: Slide, index: number, window: Rect, around: number): TilePlace[] {
  const level = levelOf(slide, index);
  const firstCol = Math.max(0, Math.floor((window.x - around) / level.tileWidth));
  const lastCol = Math.min(columnsOf(level) - 1, Math.floor((right(window) + around) / level.tileWidth));
  const firstRow = Math.max(0, Math.floor((window.y - around) / level.tileHeight));
  const lastRow = Math.min(rowsOf(level) - 1, Math.floor((bottom(window) + around) / level.tileHeight));
  const tiles = [];
  for (let row = firstRow; row <= lastRow; row++) {
    for (let col = firstCol; col <= lastCol; col++) {
      tiles.push({ at: { level: index, col, row }, x: col * level.tileWidth, y: row * level.tileHeight });
    }
  }
  return tiles;
}

/**
 * All of them, the caller's own; or none: what was read is given back then, also what comes too late. An abort settles at
 * once, whatever the slide does.
 * @throws what readTile throws; EosinError TimedOut where the slide stays silent longer than the caller's patience
 */
export async function readTiles(
  slide: Slide,
  places: readonly TilePlace[],
  { signal }: Waits,
  patience?: Patience,
): Promise<PlacedTile[]> {
  const left = new AbortController();
  const during = { signal: AbortSignal.any([signal, left.signal]) };
  const silence = patience && new Silence(patience, (failure) => left.abort(failure));
  const reads = places.map(async ({ at }) => {
    try {
      return await slide.readTile(at, during);
    } finally {
      silence?.broken();
    }
  });
  try {
    const images = await unlessAborted(Promise.all(reads), during.signal);
    return places.flatMap((place, k) => {
      const image = images[k];
      return image ? [{ ...place, image }] : [];
    });
  } catch (thrown) {
    for (const read of reads) read.then(release, () => undefined);
    left.abort(thrown); // of several, one that failed is enough
    throw thrown;
  } finally {
    silence?.over();
  }
}

/**
 * Tells once when nothing was heard for too long, within twice that: what is heard is noted and no more, since a run hears a
 * hundred tiles a patch, and a timer for each, started and ended, would cost a fifth of the main thread.
 */
class Silence {
  readonly #patience: Patience;
  readonly #tell: (failure: EosinError) => void;
  readonly #life = new AbortController();
  #heard = false;

  constructor(patience: Patience, tell: (failure: EosinError) => void) {
    this.#patience = patience;
    this.#tell = tell;
    void this.#listen();
  }

  broken(): void {
    this.#heard = true;
  }

  over(): void {
    this.#life.abort();
  }

  async #listen(): Promise<void> {
    const { seconds, wait } = this.#patience;
    try {
      do {
        this.#heard = false;
        await wait(1000 * seconds, this.#life);
      } while (this.#heard);
    } catch {
      return; // it is over
    }
    this.#tell(new EosinError({ tag: 'TimedOut', label: 'The slide', seconds }));
  }
}

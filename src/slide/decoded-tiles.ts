// Decoded tiles for a moment longer: a run and an embedding that pass over the same tissue one after the other decode it once.
import type { Waits } from '#channel/waits.ts';
import { release } from './raster.ts';
import { levelOf, type Raster, type Slide, type TileAt } from './slide.ts';

const BYTES_A_PX = 4;

interface Kept {
  readonly raster: Promise<Raster>;
  readonly bytes: number;
}

/**
 * The same slide, whose readTile gives copies of pictures that are kept until `budgetBytes` are reached; the longest
 * unused one goes first. A read that failed is not kept. Disposing gives the pictures back and leaves the slide open.
 */
export function withDecodedTiles(slide: Slide, budgetBytes: number): Slide {
  const kept = new Map<string, Kept>(); // in the order of use, the latest last
  let held = 0;
  let disposed = false;

  const drop = (key: string, { raster, bytes }: Kept): void => {
    if (kept.get(key)?.raster !== raster) return; // gone already, or another read has taken its place
    kept.delete(key);
    held -= bytes;
    raster.then(release, () => undefined);
  };

  const keep = (key: string, at: TileAt, waits: Waits): Kept => {
    const level = levelOf(slide, at.level);
    const entry = { raster: slide.readTile(at, waits), bytes: level.tileWidth * level.tileHeight * BYTES_A_PX };
    kept.set(key, entry);
    held += entry.bytes;
    entry.raster.catch(() => drop(key, entry));
    for (const [oldest, old] of kept) {
      if (held <= budgetBytes || oldest === key) break;
      drop(oldest, old);
    }
    return entry;
  };

  return {
    name: slide.name,
    format: slide.format,
    vendor: slide.vendor,
    levels: slide.levels,
    mpp: slide.mpp,
    objective: slide.objective,
    properties: slide.properties,
    associated: slide.associated,
    readAssociated: (name, waits) => slide.readAssociated(name, waits),
    colourProfile: slide.colourProfile,
    fingerprint: (waits) => slide.fingerprint(waits),
    async readTile(at, { signal }) {
      signal.throwIfAborted();
      const waits = { signal }; // what is kept is known to be whole
      if (disposed) return slide.readTile(at, waits);
      const key = `${at.level}/${at.col}/${at.row}`;
      const known = kept.get(key);
      if (known) {
        kept.delete(key);
        kept.set(key, known); // the latest
      }
      const entry = known ?? keep(key, at, waits);
      try {
        return await copyOf(await entry.raster);
      } catch (thrown) {
        waits.signal.throwIfAborted();
        if (!known) throw thrown;
        drop(key, entry); // whoever asked first gave up, or its picture went meanwhile: read it for ourselves
        return slide.readTile(at, waits);
      }
    },
    [Symbol.dispose]() {
      disposed = true;
      for (const [key, entry] of kept) drop(key, entry);
    },
  };
}

const copyOf = async (raster: Raster): Promise<Raster> =>
  'rgba' in raster
    ? { width: raster.width, height: raster.height, rgba: new Uint8ClampedArray(raster.rgba) }
    : createImageBitmap(raster);

// A slide out of its levels, wherever they come from: what all formats have in common.
import type { Waits } from '#channel/waits.ts';
import { EosinError, isAbort } from '#errors/failure.ts';
import { fingerprinting, ofShown } from './fingerprint.ts';
import type { Reading } from './page-tile.ts';
import { blankPixels, pixelsOf, release } from './raster.ts';
import { noAssociated, type Raster, type Slide } from './slide.ts';
import { type Grid, type TileReader, whatWasWrong } from './tile-reader.ts';

/** All that a Slide says of itself but its levels. */
export type SlideFacts = Pick<
  Slide,
  'format' | 'vendor' | 'mpp' | 'objective' | 'properties' | 'channels' | 'planes' | 'bounds'
>;

export interface ReadableLevel {
  readonly grid: Grid;
  readonly read: TileReader;
  /** See Level. */
  readonly onlyShown?: true | undefined;
}

/** Label, macro and the like, by name; read when asked for. */
export type AssociatedImages = ReadonlyMap<string, (waits: Waits) => Promise<Raster>>;

export interface Layers {
  readonly levels: readonly ReadableLevel[]; // largest first
  readonly facts: SlideFacts;
  readonly associated?: AssociatedImages;
  readonly colourProfile?: Uint8Array<ArrayBuffer> | undefined;
  /** How the slide is told from others; by its one file where that is not said. */
  readonly fingerprint?: Slide['fingerprint'];
  /** Of all sources whose tiles are in the cache; the one file where that is not said. */
  readonly identities?: readonly string[];
}

/** @throws EosinError CorruptSlide without any level */
export function layeredSlide(layers: Layers, { source, tiles }: Reading): Slide {
  const { levels, facts, associated = new Map(), colourProfile } = layers;
  const { name } = source;
  const base = levels[0]?.grid;
  if (!base) throw new EosinError({ tag: 'CorruptSlide', name, reason: 'it holds no picture' });
  let disposed = false;
  const assertUsable = (): void => {
    if (disposed) throw new EosinError({ tag: 'UseAfterDispose', label: name });
  };
  return {
    name,
    ...facts,
    levels: levels.map(({ grid, onlyShown }) => ({
      ...grid,
      downsample: (base.widthPx / grid.widthPx + base.heightPx / grid.heightPx) / 2,
      ...(onlyShown && { onlyShown }),
    })),
    associated: [...associated.keys()],
    colourProfile,
    fingerprint: ofShown(layers.fingerprint ?? fingerprinting(source), facts.channels?.shown ?? 0, facts.planes?.shown),
    async readTile(at, waits) {
      assertUsable();
      const level = levels[at.level];
      if (!level) throw new RangeError(`The slide has no level ${at.level}`);
      return level.read(at, waits);
    },
    async readAssociated(wanted, waits) {
      assertUsable();
      const read = associated.get(wanted);
      if (!read) return noAssociated(wanted);
      let raster: Raster;
      try {
        raster = await read(waits);
      } catch (thrown) {
        waits.signal.throwIfAborted();
        if (isAbort(thrown)) throw thrown;
        const reason = `its ${wanted} does not decode: ${whatWasWrong(thrown)}`;
        throw new EosinError({ tag: 'CorruptSlide', name, reason }, { cause: thrown });
      }
      if (!waits.signal.aborted) return raster;
      release(raster);
      throw waits.signal.reason;
    },
    [Symbol.dispose]() {
      disposed = true;
      for (const identity of layers.identities ?? [source.identity]) tiles.forget(`${identity}/`);
    },
  };
}

/** All tiles of a level put together: for small pictures. */
export async function wholePicture({ grid, read }: ReadableLevel, waits: Waits): Promise<Raster> {
  if (grid.tileWidth === grid.widthPx && grid.tileHeight === grid.heightPx)
    return read({ level: 0, col: 0, row: 0 }, waits);
  const out = blankPixels(grid.widthPx, grid.heightPx);
  for (let y = 0, row = 0; y < grid.heightPx; y += grid.tileHeight, row++) {
    for (let x = 0, col = 0; x < grid.widthPx; x += grid.tileWidth, col++) {
      const raster = await read({ level: 0, col, row }, waits);
      const { width, height, rgba } = pixelsOf(raster);
      release(raster);
      for (let line = 0; line < height; line++) {
        out.rgba.set(rgba.subarray(line * width * 4, (line + 1) * width * 4), ((y + line) * out.width + x) * 4);
      }
    }
  }
  return out;
}

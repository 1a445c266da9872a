// A slide made of squares with known colours, for the viewer's tests: what lies where can be computed.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { Level, Pixels, Raster, Slide, TileAt } from '#slide/slide.ts';
import { levelOf, untold } from '#slide/slide.ts';
import { mpp } from '#units/units.ts';

export const SQUARE = 256; // level-0 px

/** The colour of the square a level-0 point lies in: neighbours differ by at least 60 in one channel. */
export function colourOf(x: number, y: number): readonly [number, number, number] {
  const [col, row] = [Math.floor(x / SQUARE), Math.floor(y / SQUARE)];
  return [60 + 60 * (col % 3), 60 + 60 * (row % 3), (col + row) % 2 === 0 ? 40 : 200];
}

export interface Checkerboard extends Slide {
  readonly reads: TileAt[]; //             tiles asked for, in order
  readonly aborted: TileAt[]; //           reads whose signal was aborted
  readonly open: () => number; //          reads going on
}

/**
 * @param hold reads wait until aborted
 * @param broken these tiles fail, by level/col/row
 */
export function checkerboard(asked: {
  widthPx: number;
  heightPx: number;
  downsamples?: readonly number[];
  tile?: number;
  bitmaps?: boolean;
  hold?: () => boolean;
  broken?: ReadonlySet<string>;
}): Checkerboard {
  const { widthPx, heightPx, downsamples = [1], tile = 256, bitmaps = false, hold, broken } = asked;
  const levels: Level[] = downsamples.map((downsample) => ({
    widthPx: Math.floor(widthPx / downsample),
    heightPx: Math.floor(heightPx / downsample),
    tileWidth: tile,
    tileHeight: tile,
    downsample,
  }));
  const reads: TileAt[] = [];
  const aborted: TileAt[] = [];
  let going = 0;
  const slide: Checkerboard = {
    ...untold,
    name: 'checkerboard',
    format: 'Synthetic',
    levels,
    mpp: { x: mpp(0.25), y: mpp(0.25) },
    objective: 40,
    fingerprint: async () => 'checkerboard',
    reads,
    aborted,
    open: () => going,
    async readTile(at: TileAt, { signal }: Waits): Promise<Raster> {
      reads.push(at);
      going++;
      try {
        signal.addEventListener('abort', () => aborted.push(at), { once: true });
        if (hold?.()) await untilAborted(signal);
        else await Promise.resolve();
        signal.throwIfAborted();
        if (broken?.has(`${at.level}/${at.col}/${at.row}`)) {
          throw new EosinError({ tag: 'CorruptTile', ...at, reason: 'the tile is cut short' });
        }
        const pixels = tileOf(levelOf(slide, at.level), at);
        return bitmaps ? createImageBitmap(new ImageData(pixels.rgba, pixels.width, pixels.height)) : pixels;
      } finally {
        going--;
      }
    },
    [Symbol.dispose]: () => undefined,
  };
  return slide;
}

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

function tileOf(level: Level, at: TileAt): Pixels {
  const width = Math.min(level.tileWidth, level.widthPx - at.col * level.tileWidth);
  const height = Math.min(level.tileHeight, level.heightPx - at.row * level.tileHeight);
  const rgba = new Uint8ClampedArray(4 * width * height);
  const words = new Uint32Array(rgba.buffer); // a pixel each, red lowest
  let painted = -1; // row of squares
  for (let y = 0; y < height; y++) {
    const py = (at.row * level.tileHeight + y + 0.5) * level.downsample;
    const row = Math.floor(py / SQUARE);
    if (row === painted) words.copyWithin(y * width, (y - 1) * width, y * width);
    else
      for (let x = 0; x < width; x++) {
        const [red, green, blue] = colourOf((at.col * level.tileWidth + x + 0.5) * level.downsample, py);
        words[y * width + x] = (255 << 24) | (blue << 16) | (green << 8) | red;
      }
    painted = row;
  }
  return { width, height, rgba };
}

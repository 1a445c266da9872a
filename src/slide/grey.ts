// Grey pages, a channel each: which is shown, and through which window.
import type { Waits } from '#channel/waits.ts';
import {
  jpeg2000Tile,
  packedBlock,
  type Reading,
  type Shown,
  shownAsStored,
  storedPieces,
  typeOf,
} from './page-tile.ts';
import { type ValueRange, WHOLE_BYTE } from './samples.ts';
import type { Channels } from './slide.ts';
import { COMPRESSION, isColour, isJpeg2000, type Page } from './tiff-page.ts';
import { unlessDamaged } from './tile-reader.ts';

const MOST_LOOKED_AT = 9; // tiles or strips of the smallest level

/**
 * How the levels of one channel are shown. 8 bits are shown as they are; of more mostly a small part is used, so the values
 * of the smallest level set the window, alike for all levels.
 * @param pages largest first
 */
export async function shownOf(pages: readonly Page[], sample: number, reading: Reading, waits: Waits): Promise<Shown> {
  const smallest = pages.at(-1);
  if (!smallest) return { sample, range: WHOLE_BYTE };
  const stored: Shown = { ...shownAsStored(smallest), sample };
  const { depth, numbers } = typeOf(smallest);
  const isWhole = numbers === 'unsigned' && (depth <= 8 || (depth <= 16 && isColour(smallest)));
  if (isWhole || !hasRange(smallest)) return stored;
  const total = smallest.columns * smallest.rows;
  const looked = Math.min(MOST_LOOKED_AT, total);
  let range: Shown['range'] | undefined;
  for (let i = 0; i < looked; i++) {
    const index = Math.floor((i * total) / looked);
    const row = Math.floor(index / smallest.columns);
    const part = {
      width: Math.min(smallest.tileWidth, smallest.width - (index % smallest.columns) * smallest.tileWidth),
      height: Math.min(smallest.tileHeight, smallest.height - row * smallest.tileHeight),
    };
    const seen = await rangeOfTile(smallest, index, part, stored, reading, waits);
    if (!seen) continue;
    range = { low: Math.min(range?.low ?? seen.low, seen.low), high: Math.max(range?.high ?? seen.high, seen.high) };
  }
  return { sample, range: range ?? stored.range };
}

const hasRange = ({ compression }: Page): boolean =>
  compression !== COMPRESSION.jpeg && compression !== COMPRESSION.webp;

/** @returns undefined for a tile that is absent or damaged: others tell */
async function rangeOfTile(
  page: Page,
  index: number,
  part: { readonly width: number; readonly height: number }, // that is picture: the last tiles are padded
  shown: Shown,
  reading: Reading,
  waits: Waits,
): Promise<Shown['range'] | undefined> {
  return unlessDamaged(waits, async () => {
    const pieces = await storedPieces(page, reading, shown, index, waits);
    const [first] = pieces ?? [];
    if (!pieces || !first) return undefined;
    return isJpeg2000(page.compression)
      ? reading.decoders.jpeg2000Range({ ...jpeg2000Tile(page, first, { halved: 0, shown }), part }, waits)
      : reading.decoders.range(
          { ...packedBlock(page, pieces, page.tiled ? page.tileHeight : part.height, shown), part },
          waits,
        );
  });
}

/** Which of `count` channels is shown: the one asked for, the first where nothing or too much is asked. */
export const channelOf = ({ chosen }: Reading, count: number): number => oneOf(chosen?.channel, count, 0);

/** The one asked for of `count`; `otherwise` where nothing or too much is asked. */
export const oneOf = (asked: number | undefined, count: number, otherwise: number): number =>
  asked !== undefined && Number.isInteger(asked) && asked >= 0 && asked < count ? asked : otherwise;

/** @returns undefined for a slide with one alone */
export const channelsOf = (names: readonly string[], shown: number, { low, high }: ValueRange): Channels | undefined =>
  names.length < 2 ? undefined : { names, shown, low, high };

/** What a slide says of its channels; of one alone its name. @param names none where the samples are colours */
export function channelProperties(names: readonly string[], shown: number): Record<string, string> {
  const [only] = names;
  if (names.length < 2) return only ? { 'eosin.channel': only } : {};
  return { 'eosin.channels': names.join(', '), 'eosin.channel': names[shown] ?? String(shown + 1) };
}

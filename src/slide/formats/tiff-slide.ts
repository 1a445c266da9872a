// What all slides in a TIFF have in common: levels out of pages, tiles out of levels, the tags as properties.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { type MppXY, mpp } from '#units/units.ts';
import { fingerprinting } from '../fingerprint.ts';
import type { Level, Slide } from '../slide.ts';
import type { Directory } from '../tiff.ts';
import { MAX_SHORT_VALUE, type Page, readPage, TAG, whyUnreadable } from '../tiff-page.ts';
import { type AbsentTiles, type Reading, tileReaderOf, tileSizeOf } from '../tile-reader.ts';
import { toEightBits, withVips } from './convert.ts';

/** All that a Slide says of itself but its levels. */
export type SlideFacts = Pick<Slide, 'format' | 'vendor' | 'mpp' | 'objective' | 'properties' | 'associated'>;

/** A slide out of the pages of its levels, largest first. `absent`: what a tile that the file leaves out means. */
export function tiffSlide(pages: readonly Page[], facts: SlideFacts, reading: Reading, absent: AbsentTiles): Slide {
  const { source, tiles } = reading;
  const base = pages[0];
  if (!base) throw new EosinError({ tag: 'CorruptSlide', name: source.name, reason: 'it holds no picture' });
  for (const page of pages) {
    const reason = whyUnreadable(page);
    if (!reason) continue;
    const todo = page.bits.some((depth) => depth > 8) ? toEightBits(source.name) : withVips(source.name);
    throw new EosinError({ tag: 'UnsupportedSlide', name: source.name, reason, todo });
  }
  const levels: Level[] = pages.map((page) => ({
    widthPx: page.width,
    heightPx: page.height,
    ...tileSizeOf(page),
    downsample: (base.width / page.width + base.height / page.height) / 2,
  }));
  const readers = pages.map((page) => tileReaderOf(page, reading, absent));
  let disposed = false;
  return {
    name: source.name,
    ...facts,
    levels,
    fingerprint: fingerprinting(source),
    async readTile(at, waits) {
      if (disposed) throw new EosinError({ tag: 'UseAfterDispose', label: source.name });
      const reader = readers[at.level];
      if (!reader) throw new RangeError(`The slide has no level ${at.level}`);
      return reader(at, waits);
    },
    [Symbol.dispose]() {
      disposed = true;
      tiles.forget(`${source.identity}/`);
    },
  };
}

const MOST_PAGES = 256; // looked at: a pyramid has a dozen, stacks and time series may have thousands that are no levels

/** The pages of the first 256 of these directories, read together; a damaged one is left out. */
export async function pagesOf(directories: readonly Directory[], reading: Reading, waits: Waits): Promise<Page[]> {
  const read = async (directory: Directory): Promise<Page[]> => {
    try {
      return [await readPage(reading.source, directory, waits)];
    } catch (thrown) {
      if (!(thrown instanceof EosinError) || thrown.failure.tag !== 'CorruptSlide') throw thrown;
      return []; // a broken extra page is no level
    }
  };
  return (await Promise.all(directories.slice(0, MOST_PAGES).map(read))).flat();
}

/** True when `page` is `base` made smaller: the same shape to within the rounding that makers allow themselves. */
export function isReduced(page: Page, base: Page, previous: Page): boolean {
  if (page.width >= previous.width || page.height >= previous.height) return false;
  const downsample = Math.sqrt((base.width / page.width) * (base.height / page.height));
  const offX = Math.abs(base.width / downsample - page.width);
  const offY = Math.abs(base.height / downsample - page.height);
  return offX <= 2 + page.width * 0.01 && offY <= 2 + page.height * 0.01;
}

const PROPERTY_TAGS = [
  ['tiff.ImageDescription', TAG.description],
  ['tiff.Make', TAG.make],
  ['tiff.Model', TAG.model],
  ['tiff.Software', TAG.software],
  ['tiff.DateTime', TAG.dateTime],
  ['tiff.Artist', TAG.artist],
  ['tiff.HostComputer', TAG.hostComputer],
  ['tiff.Copyright', TAG.copyright],
] as const;

const UNITS: Readonly<Record<number, string>> = { 1: 'none', 2: 'inch', 3: 'centimeter' };

/** The tags of the first page, named as OpenSlide names them. Without a prototype: names in files are not ours. */
export async function tiffProperties(directory: Directory, waits: Waits): Promise<Record<string, string>> {
  const properties: Record<string, string> = Object.create(null);
  for (const [name, tag] of PROPERTY_TAGS) {
    const value = await directory.text(tag, waits, MAX_SHORT_VALUE);
    if (value !== undefined && value !== '') properties[name] = value;
  }
  const resolution = await resolutionOf(directory, waits);
  if (resolution.x !== undefined) properties['tiff.XResolution'] = String(resolution.x);
  if (resolution.y !== undefined) properties['tiff.YResolution'] = String(resolution.y);
  properties['tiff.ResolutionUnit'] = UNITS[resolution.unit] ?? 'unknown';
  return properties;
}

interface Resolution {
  readonly x: number | undefined; // pixels a unit
  readonly y: number | undefined;
  readonly unit: number; // 1 none, 2 inch, 3 cm
}

async function resolutionOf(directory: Directory, waits: Waits): Promise<Resolution> {
  const unit = (await directory.numbers(TAG.resolutionUnit, waits))[0] ?? 2;
  const [x] = await directory.numbers(TAG.xResolution, waits);
  const [y] = await directory.numbers(TAG.yResolution, waits);
  return { x, y, unit };
}

/** Pixel sizes a microscope can have, µm. 1200 dpi and below (21 µm) is what printers and screens say, not a calibration. */
const PLAUSIBLE = { least: 0.01, most: 20 };

/** A pixel size from a pair of numbers in µm; undefined unless both are plausible. */
export function plausibleMpp(x: number, y: number): MppXY | undefined {
  const fits = (n: number): boolean => n >= PLAUSIBLE.least && n <= PLAUSIBLE.most;
  return fits(x) && fits(y) ? { x: mpp(x), y: mpp(y) } : undefined;
}

/** From the resolution tags, where the unit is an inch or a centimetre and the size is one that microscopes have. */
export async function mppOfResolution(directory: Directory, waits: Waits): Promise<MppXY | undefined> {
  const { x, y, unit } = await resolutionOf(directory, waits);
  const umPerUnit = unit === 3 ? 10_000 : unit === 2 ? 25_400 : Number.NaN;
  return plausibleMpp(umPerUnit / (x ?? 0), umPerUnit / (y ?? x ?? 0));
}

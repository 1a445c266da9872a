// What all slides in a TIFF have in common: levels out of pages, tiles out of levels, the tags as properties.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { type MppXY, mpp } from '#units/units.ts';
import { fingerprinting } from '../fingerprint.ts';
import { type AssociatedImages, layeredSlide, type SlideFacts, wholePicture } from '../layered-slide.ts';
import type { Reading } from '../page-tile.ts';
import type { Raster, Slide } from '../slide.ts';
import type { Directory } from '../tiff.ts';
import {
  isRarelyUnpacked,
  MAX_SHORT_VALUE,
  type Page,
  PHOTOMETRIC,
  readPage,
  TAG,
  whyUnreadable,
} from '../tiff-page.ts';
import { gridOf, type PageLevel, tileReaderOf } from '../tile-reader.ts';
import { toEightBits, toFloats, toRgb, withBioFormats, withTifffile, withVips } from './convert.ts';

export interface TiffLayers {
  readonly levels: readonly PageLevel[]; // largest first
  readonly facts: SlideFacts;
  /** The pages of label, macro and the like. */
  readonly associated?: ReadonlyMap<string, Page>;
  /** Those that are no pages, or lie elsewhere. */
  readonly pictures?: AssociatedImages;
  /** Of the file that the levels lie in, where that is another than the one that was opened. */
  readonly held?: Reading;
  /** Of all files that are read, where there are several. */
  readonly identities?: readonly string[];
}

/**
 * A slide out of the pages of its levels.
 * @throws EosinError UnsupportedSlide for pages that cannot be shown; CorruptSlide without any
 */
export async function tiffSlide(layers: TiffLayers, reading: Reading, waits: Waits): Promise<Slide> {
  const { held = reading, facts, identities = [held.source.identity] } = layers;
  const [first] = layers.levels;
  for (const { page } of layers.levels) assertReadable(page, held);
  const levels = layers.levels.map((level) => ({
    grid: gridOf(level),
    read: tileReaderOf(level, held),
    onlyShown: level.onlyShown,
  }));
  const associated = new Map([
    ...[...(layers.associated ?? [])].map(([name, page]) => [name, pictureReader(page, reading)] as const),
    ...(layers.pictures ?? []),
  ]);
  const colourProfile = first && (await profileOf(first.page, waits));
  const fingerprint = fingerprinting(held.source);
  return layeredSlide({ levels, facts, associated, colourProfile, fingerprint, identities }, reading);
}

const MAX_PROFILE = 4 * 1024 * 1024; // bytes

/** The ICC profile of a page, as stored; undefined where it has none, or a damaged one. */
export const profileOf = async ({ directory }: Page, waits: Waits): Promise<Slide['colourProfile']> =>
  directory.bytes(TAG.iccProfile, waits, MAX_PROFILE).catch(forgivingDamage(undefined));

/** @throws EosinError UnsupportedSlide, with the way out */
export function assertReadable(page: Page, { source: { name } }: Reading): void {
  const reason = whyUnreadable(page);
  if (!reason) return;
  throw new EosinError({ tag: 'UnsupportedSlide', name, reason, todo: wayOut(page, name) });
}

function wayOut(page: Page, name: string): string {
  if (page.planar && page.photometric === PHOTOMETRIC.ycbcr) return withBioFormats(name);
  if (isRarelyUnpacked(page)) return withTifffile(name, page.planar);
  if (NO_RGB.includes(page.photometric)) return toRgb(name);
  if (page.depth > 16 && page.sampleFormat !== 3) return toFloats(name);
  return page.depth > 8 ? toEightBits(name) : withVips(name);
}

const NO_RGB: readonly number[] = [PHOTOMETRIC.cmyk, ...PHOTOMETRIC.lab];

const MAX_PICTURE = 64 * 2 ** 20; // pixels of a label or macro

/** The whole of a small page. */
export const pictureReader =
  (page: Page, reading: Reading) =>
  async (waits: Waits): Promise<Raster> => {
    const unreadable = whyUnreadable(page);
    if (unreadable) throw new Error(`it is ${unreadable}`);
    if (page.width * page.height > MAX_PICTURE) throw new Error(`it is ${page.width} × ${page.height} pixels`);
    const level: PageLevel = { page, absent: 'glass' };
    return wholePicture({ grid: gridOf(level), read: tileReaderOf(level, reading) }, waits);
  };

/** For values that a slide can do without: damage counts as absence. */
export const forgivingDamage =
  <T>(instead: T) =>
  (thrown: unknown): T => {
    if (!(thrown instanceof EosinError) || thrown.failure.tag !== 'CorruptSlide') throw thrown;
    return instead;
  };

const MOST_PAGES = 256; // looked at: a pyramid has a dozen, stacks and time series may have thousands that are no levels

/** The pages of the first 256 of these directories, read together; a damaged one is left out. */
export async function pagesOf(directories: readonly Directory[], reading: Reading, waits: Waits): Promise<Page[]> {
  const read = (directory: Directory): Promise<Page[]> =>
    readPage(reading.source, directory, waits).then((page) => [page], forgivingDamage([]));
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

export interface Resolution {
  readonly x: number | undefined; // pixels a unit
  readonly y: number | undefined;
  readonly unit: number; // 1 none, 2 inch, 3 cm
}

export async function resolutionOf(directory: Directory, waits: Waits): Promise<Resolution> {
  const unit = (await directory.numbers(TAG.resolutionUnit, waits))[0] ?? 2;
  const [x] = await directory.numbers(TAG.xResolution, waits);
  const [y] = await directory.numbers(TAG.yResolution, waits);
  return { x, y, unit };
}

/** Pixel sizes a microscope can have, µm. 1200 dpi and below (21 µm) is what printers and screens say, not a calibration. */
const PLAUSIBLE = { least: 0.01, most: 20 };

/**
 * A pixel size from a pair of numbers in µm; undefined unless both are plausible.
 * @param most more for formats that say it of a single small level
 */
export function plausibleMpp(x: number, y: number, most = PLAUSIBLE.most): MppXY | undefined {
  const fits = (n: number): boolean => n >= PLAUSIBLE.least && n <= most;
  return fits(x) && fits(y) ? { x: mpp(x), y: mpp(y) } : undefined;
}

/** From the resolution tags, where the unit is an inch or a centimetre and the size is one that microscopes have. */
export async function mppOfResolution(directory: Directory, waits: Waits): Promise<MppXY | undefined> {
  const { x, y, unit } = await resolutionOf(directory, waits);
  const umPerUnit = unit === 3 ? 10_000 : unit === 2 ? 25_400 : Number.NaN;
  return plausibleMpp(umPerUnit / (x ?? 0), umPerUnit / (y ?? x ?? 0));
}

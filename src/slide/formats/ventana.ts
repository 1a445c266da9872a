// Ventana BIF: tiles of a camera that overlap by what the XML says, in areas that lie anywhere on the slide. Levels below
// the first are the same tiles made smaller, still side by side, so each holds several tiles of the level above.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';
import { composedLevel, type Placed } from '../composed.ts';
import { layeredSlide, type ReadableLevel } from '../layered-slide.ts';
import type { Reading } from '../page-tile.ts';
import { cropped } from '../raster.ts';
import { MAX_SHORT_VALUE, type Page, TAG } from '../tiff-page.ts';
import { type PageLevel, tileReaderOf } from '../tile-reader.ts';
import { everyNamed, numberOf, type XmlElement } from '../xml.ts';
import { endsIn, type SlideFormat } from './format.ts';
import { assertReadable, pagesOf, pictureReader, plausibleMpp, profileOf, tiffProperties } from './tiff-slide.ts';
import { xmlOf } from './vendor-xml.ts';

/** Tiles scanned in one go: `columns` × `rows` of them from a tile of the stored grid on. */
interface Area {
  readonly firstCol: number; // in the stored grid of tiles
  readonly firstRow: number;
  readonly columns: number;
  readonly rows: number;
  readonly x: number; //        of its top left corner, level-0 pixels
  readonly y: number;
}

interface Stitching {
  readonly areas: readonly Area[];
  readonly stepX: number; //    level-0 pixels from tile to tile
  readonly stepY: number;
}

const MAX_XMP = 64 * 1024 * 1024; // bytes: a line for each seam

export const ventana: SlideFormat = {
  name: 'Ventana BIF',
  matches: ({ tiff, name }) =>
    tiff !== undefined && (endsIn(name, '.bif') || /^Label[ _]Image/.test(tiff.first.description)),
  async open({ tiff }, reading, waits) {
    if (!tiff) throw new EosinError({ tag: 'Unexpected', reason: 'A BIF is a TIFF.' });
    const pages = [tiff.first, ...(await pagesOf(tiff.chain.slice(1), reading, waits))];
    const numbered = pages.flatMap((page) => {
      const number = /level=(\d+)/.exec(page.description)?.[1];
      return number === undefined ? [] : [{ number: Number(number), page }];
    });
    const levelPages = numbered.sort((a, b) => a.number - b.number).map(({ page }) => page);
    const [base] = levelPages;
    if (!base) throw new EosinError({ tag: 'CorruptSlide', name: reading.source.name, reason: 'it holds no level' });
    const stitching = stitchingOf(await xmpOf(base, reading, waits), base);
    const levels = levelPages.map((page, index) => levelOf(page, base, index, stitching, reading));

    const [iscan] = await Promise.all(pages.map((page) => xmpOf(page, reading, waits))).then((found) =>
      found.flatMap((xmp) => (xmp?.name === 'iScan' ? [xmp] : [...everyNamed(xmp, 'iScan')])),
    );
    const size = numberOf(iscan, 'ScanRes');
    const mpp = plausibleMpp(size, size);
    const power = numberOf(iscan, 'Magnification');
    const objective = power > 0 && power <= 200 ? power : undefined;
    const properties = await tiffProperties(base.directory, waits);
    properties['openslide.vendor'] = 'ventana';
    if (mpp) properties['openslide.mpp-x'] = properties['openslide.mpp-y'] = String(mpp.x);
    if (objective !== undefined) properties['openslide.objective-power'] = String(objective);
    for (const name of ['ScannerModel', 'BuildVersion', 'Z-layers']) {
      const value = iscan?.attributes.get(name);
      if (value) properties[`ventana.${name}`] = value;
    }
    const associated = new Map(
      pages.flatMap((page) => {
        const named = /^Label[ _]Image/.test(page.description)
          ? 'macro'
          : page.description.startsWith('Thumbnail')
            ? 'thumbnail'
            : undefined;
        return named ? [[named, pictureReader(page, reading)] as const] : [];
      }),
    );
    const facts = { format: ventana.name, vendor: 'ventana', mpp, objective, properties };
    const colourProfile = await profileOf(base, waits);
    return layeredSlide({ levels, facts, associated, colourProfile }, reading);
  },
};

async function xmpOf(page: Page, reading: Reading, waits: Waits): Promise<XmlElement | undefined> {
  const long = page.directory.countOf(TAG.xmp) > MAX_SHORT_VALUE;
  const bytes = await page.directory.bytes(TAG.xmp, waits, long ? MAX_XMP : MAX_SHORT_VALUE);
  return bytes && xmlOf(new TextDecoder().decode(bytes), reading);
}

/**
 * The mean overlap of all tiles, by the confidence that the scanner has in each; areas from the top left. Without any XML the
 * tiles lie side by side.
 */
function stitchingOf(info: XmlElement | undefined, { columns, rows, tileWidth, tileHeight }: Page): Stitching {
  const sums = { x: { overlap: 0, weight: 0 }, y: { overlap: 0, weight: 0 } };
  for (const joint of everyNamed(info, 'TileJointInfo')) {
    const across = ['LEFT', 'RIGHT'].includes(joint.attributes.get('Direction') ?? '');
    const overlap = numberOf(joint, across ? 'OverlapX' : 'OverlapY');
    const confidence = numberOf(joint, 'Confidence');
    const weight = confidence >= 0 ? confidence : numberOf(joint, 'FlagJoined');
    if (!Number.isFinite(overlap) || !(weight > 0)) continue;
    const sum = across ? sums.x : sums.y;
    sum.overlap += weight * overlap;
    sum.weight += weight;
  }
  const step = (size: number, { overlap, weight }: { overlap: number; weight: number }): number =>
    Math.min(size, Math.max(size / 2, size - overlap / (weight || 1)));
  const [stepX, stepY] = [step(tileWidth, sums.x), step(tileHeight, sums.y)];
  const origins = [...everyNamed(info, 'AoiOrigin')].flatMap(({ children }) => children);
  const images = [...everyNamed(info, 'ImageInfo')].filter((image) => image.attributes.get('AOIScanned') !== '0');
  const raw = images.flatMap((image, i) => {
    const origin = origins.find(({ name }) => name === `AOI${image.attributes.get('AOIIndex') ?? i}`);
    const area = {
      firstCol: Math.floor((numberOf(origin, 'OriginX') || 0) / tileWidth),
      firstRow: Math.floor((numberOf(origin, 'OriginY') || 0) / tileHeight),
      columns: numberOf(image, 'NumCols'),
      rows: numberOf(image, 'NumRows'),
      x: Math.trunc(numberOf(image, 'Pos-X') || 0),
      y: Math.trunc(numberOf(image, 'Pos-Y') || 0), // upwards
    };
    const fits =
      area.columns > 0 && area.rows > 0 && area.firstCol + area.columns <= columns && area.firstRow + area.rows <= rows;
    return fits ? [area] : [];
  });
  if (raw.length === 0) return { areas: [{ firstCol: 0, firstRow: 0, columns, rows, x: 0, y: 0 }], stepX, stepY };
  const heightOf = (area: Area): number => Math.trunc((area.rows - 1) * stepY + tileHeight);
  const top = Math.max(0, ...raw.map((area) => area.y + heightOf(area)));
  const areas = raw.map((area) => ({ ...area, y: top - area.y - heightOf(area) }));
  return { areas, stepX, stepY };
}

function levelOf(
  page: Page,
  base: Page,
  index: number,
  { areas, stepX, stepY }: Stitching,
  reading: Reading,
): ReadableLevel {
  assertReadable(page, reading);
  const factor = 2 ** Math.round(Math.log2(base.width / page.width)); // level-0 pixels a pixel
  const { tileWidth, tileHeight } = page;
  const [partWidth, partHeight] = [tileWidth / factor, tileHeight / factor]; // what a tile of level 0 takes here
  const whole = (value: number): number => Math.ceil(value - 1e-6);
  const right = Math.max(...areas.map(({ x, columns }) => x + (columns - 1) * stepX + base.tileWidth));
  const bottom = Math.max(...areas.map(({ y, rows }) => y + (rows - 1) * stepY + base.tileHeight));
  const grid = {
    widthPx: Math.max(1, whole(right / factor)),
    heightPx: Math.max(1, whole(bottom / factor)),
    tileWidth,
    tileHeight,
  };
  const level: PageLevel = { page, absent: 'glass' };
  const read = tileReaderOf(level, reading);
  const under = (area: Rect): Placed[] =>
    areas.flatMap((scanned) => {
      const placed: Placed[] = [];
      const [left, top] = [scanned.x / factor, scanned.y / factor];
      const [dx, dy] = [stepX / factor, stepY / factor];
      const firstCol = Math.max(0, Math.floor((area.x - left - partWidth) / dx));
      const firstRow = Math.max(0, Math.floor((area.y - top - partHeight) / dy));
      for (let row = firstRow; row < scanned.rows && top + row * dy < area.y + area.height; row++) {
        for (let col = firstCol; col < scanned.columns && left + col * dx < area.x + area.width; col++) {
          const place = {
            x: Math.round(left + col * dx),
            y: Math.round(top + row * dy),
            width: partWidth,
            height: partHeight,
          };
          if (place.x + partWidth <= area.x || place.y + partHeight <= area.y) continue;
          if (place.x >= area.x + area.width || place.y >= area.y + area.height) continue;
          const [fromX, fromY] = [(scanned.firstCol + col) * partWidth, (scanned.firstRow + row) * partHeight];
          placed.push({
            ...place,
            read: async (waits) => {
              const at = { level: index, col: Math.floor(fromX / tileWidth), row: Math.floor(fromY / tileHeight) };
              const part = { x: fromX % tileWidth, y: fromY % tileHeight, width: partWidth, height: partHeight };
              return cropped(await read(at, waits), part);
            },
          });
        }
      }
      return placed;
    });
  return composedLevel(grid, under);
}

// Leica SCN: a BigTIFF whose XML places pictures on a collection, the glass slide, in nanometres. Levels are as large as
// the collection, as in OpenSlide; what was scanned is a part of them, the rest is white.
import { EosinError } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';
import { composedLevel, type Placed } from '../composed.ts';
import { layeredSlide } from '../layered-slide.ts';
import type { Page } from '../tiff-page.ts';
import { gridOf, type PageLevel, tileReaderOf } from '../tile-reader.ts';
import { everyNamed, firstNamed, named, numberOf, type XmlElement } from '../xml.ts';
import type { SlideFormat } from './format.ts';
import { assertReadable, pagesOf, pictureReader, plausibleMpp, profileOf, tiffProperties } from './tiff-slide.ts';
import { xmlOf } from './vendor-xml.ts';

interface Picture {
  readonly offsetX: number; // nm on the collection
  readonly offsetY: number;
  readonly widthNm: number;
  readonly levels: readonly { readonly width: number; readonly page: Page }[]; // largest first
  readonly objective: number;
}

export const leica: SlideFormat = {
  name: 'Leica SCN',
  matches: ({ tiff }) =>
    tiff?.first.description.slice(0, 4096).includes('http://www.leica-microsystems.com/scn') ?? false,
  async open({ tiff }, reading, waits) {
    if (!tiff) throw new EosinError({ tag: 'Unexpected', reason: 'An SCN is a TIFF.' });
    const corrupt = (reason: string): EosinError =>
      new EosinError({ tag: 'CorruptSlide', name: reading.source.name, reason });
    const collection = firstNamed(xmlOf(tiff.first.description, reading), 'collection');
    const pages = [tiff.first, ...(await pagesOf(tiff.chain.slice(1), reading, waits))];
    const [across, down] = [numberOf(collection, 'sizeX'), numberOf(collection, 'sizeY')];
    const images = named(collection, 'image');
    const isMacro = (image: XmlElement): boolean => {
      const view = firstNamed(image, 'view');
      return numberOf(view, 'sizeX') === across && numberOf(view, 'sizeY') === down;
    };
    const pictures = images.filter((image) => !isMacro(image)).flatMap((image) => pictureOf(image, pages) ?? []);
    const [first] = pictures;
    const base = first?.levels[0];
    if (!first || !base || !(across > 0 && down > 0)) throw corrupt('it places no picture on its slide');
    const alike = pictures.filter(({ levels }) => levels.length === first.levels.length);
    const levels = first.levels.map(({ width, page }, index) => {
      assertReadable(page, reading);
      const nmPerPx = first.widthNm / width;
      const size = { widthPx: Math.ceil(across / nmPerPx), heightPx: Math.ceil(down / nmPerPx) };
      const { tileWidth, tileHeight } = gridOf({ page, absent: 'glass' });
      const placed = alike.flatMap((picture) => {
        const own = picture.levels[index];
        if (!own) return [];
        assertReadable(own.page, reading);
        return [{ ...placeOf(picture, nmPerPx), level: { page: own.page, absent: 'glass' } satisfies PageLevel }];
      });
      // Where pictures overlap, the one that comes first is seen, as in OpenSlide.
      const sources = placed
        .reverse()
        .map(({ x, y, level }) => tilesAt(x, y, level, index, tileReaderOf(level, reading)));
      return composedLevel({ ...size, tileWidth, tileHeight }, (area) => sources.flatMap((source) => source(area)));
    });
    const size = first.widthNm / base.width / 1000;
    const mpp = plausibleMpp(size, size);
    const objective = first.objective > 0 ? first.objective : undefined;
    const properties = await tiffProperties(tiff.first.directory, waits);
    properties['openslide.vendor'] = 'leica';
    if (mpp) properties['openslide.mpp-x'] = properties['openslide.mpp-y'] = String(mpp.x);
    if (objective !== undefined) properties['openslide.objective-power'] = String(objective);
    const bounds = surrounding(
      alike.flatMap((picture) => {
        const page = picture.levels[0]?.page;
        return page
          ? [{ ...placeOf(picture, first.widthNm / base.width), width: page.width, height: page.height }]
          : [];
      }),
    );
    for (const [key, value] of Object.entries(bounds)) properties[`openslide.bounds-${key}`] = String(value);
    const macro = images.filter(isMacro).flatMap((image) => pictureOf(image, pages)?.levels[0]?.page ?? [])[0];
    const associated = new Map(macro ? [['macro', pictureReader(macro, reading)]] : []);
    const facts = { format: leica.name, vendor: 'leica', mpp, objective, properties, bounds };
    const colourProfile = await profileOf(base.page, waits);
    return layeredSlide({ levels, facts, associated, colourProfile }, reading);
  },
};

/** Of its top left corner, on the pixel that it lies in. */
const placeOf = ({ offsetX, offsetY }: Picture, nmPerPx: number) => ({
  x: Math.floor(offsetX / nmPerPx),
  y: Math.floor(offsetY / nmPerPx),
});

function surrounding(rects: readonly Rect[]): Rect {
  const [x, y] = [Math.min(...rects.map((rect) => rect.x)), Math.min(...rects.map((rect) => rect.y))];
  const width = Math.max(...rects.map((rect) => rect.x + rect.width)) - x;
  return { x, y, width, height: Math.max(...rects.map((rect) => rect.y + rect.height)) - y };
}

/** The dimensions of the first focal plane and channel, largest first. */
function pictureOf(image: XmlElement, pages: readonly Page[]): Picture | undefined {
  const view = firstNamed(image, 'view');
  const levels = named(firstNamed(image, 'pixels'), 'dimension')
    .filter((dimension) => ['z', 'c'].every((axis) => (dimension.attributes.get(axis) ?? '0') === '0'))
    .flatMap((dimension) => {
      const page = pages[numberOf(dimension, 'ifd')];
      return page ? [{ width: page.width, page }] : [];
    })
    .sort((a, b) => b.width - a.width);
  const [offsetX, offsetY, widthNm] = [numberOf(view, 'offsetX'), numberOf(view, 'offsetY'), numberOf(view, 'sizeX')];
  if (levels.length === 0 || !(offsetX >= 0 && offsetY >= 0 && widthNm > 0)) return undefined;
  const [objective] = everyNamed(image, 'objective');
  return { offsetX, offsetY, widthNm, levels, objective: Number(objective?.text) };
}

/** The tiles of a page that lies at x, y of a level. */
function tilesAt(x: number, y: number, level: PageLevel, index: number, read: ReturnType<typeof tileReaderOf>) {
  const { widthPx, heightPx, tileWidth, tileHeight } = gridOf(level);
  return (area: { x: number; y: number; width: number; height: number }): Placed[] => {
    const placed: Placed[] = [];
    const firstCol = Math.max(0, Math.floor((area.x - x) / tileWidth));
    const firstRow = Math.max(0, Math.floor((area.y - y) / tileHeight));
    for (let row = firstRow; row * tileHeight < Math.min(heightPx, area.y + area.height - y); row++) {
      for (let col = firstCol; col * tileWidth < Math.min(widthPx, area.x + area.width - x); col++) {
        placed.push({
          x: x + col * tileWidth,
          y: y + row * tileHeight,
          width: Math.min(tileWidth, widthPx - col * tileWidth),
          height: Math.min(tileHeight, heightPx - row * tileHeight),
          read: (waits) => read({ level: index, col, row }, waits),
        });
      }
    }
    return placed;
  };
}

// Deep Zoom: an XML file, and beside it a folder of pictures by level, column and row, which overlap.
import { EosinError } from '#errors/failure.ts';
import { layeredSlide } from '../layered-slide.ts';
import type { TileAt } from '../slide.ts';
import type { Grid } from '../tile-reader.ts';
import { toldByPicture } from '../told-by-picture.ts';
import { firstNamed, numberOf } from '../xml.ts';
import type { SlideFormat } from './format.ts';
import { levelOfFiles, sampleOf, type TileFile } from './picture-tiles.ts';
import { xmlOf } from './vendor-xml.ts';

const MOST_XML = 64 * 1024; //              bytes
const MAX_SIDE = 2 ** 30; //                pixels

export const deepZoom: SlideFormat = {
  name: 'Deep Zoom',
  matches: ({ head }) => {
    const start = new TextDecoder('latin1').decode(head.subarray(0, 1024));
    return start.includes('<Image') && start.includes('schemas.microsoft.com/deepzoom');
  },
  async open({ beside }, reading, waits) {
    const { source } = reading;
    const { name } = source;
    if (!beside) {
      const reason = 'the description of a Deep Zoom picture, whose tiles lie in the folder beside it';
      throw new EosinError({ tag: 'UnsupportedSlide', name, reason, todo: 'Open the folder that holds both.' });
    }
    const bytes = await source.read(0, Math.min(source.size, MOST_XML), waits);
    const root = xmlOf(new TextDecoder().decode(bytes), reading);
    const size = firstNamed(root, 'Size');
    const [width, height] = [numberOf(size, 'Width'), numberOf(size, 'Height')];
    const [tile, overlap] = [numberOf(root, 'TileSize'), numberOf(root, 'Overlap')];
    const format = root.attributes.get('Format') ?? '';
    const isSide = (n: number): boolean => Number.isInteger(n) && n > 0 && n <= MAX_SIDE;
    const sound =
      isSide(width) &&
      isSide(height) &&
      Number.isInteger(tile) &&
      tile >= 16 &&
      tile <= 8192 &&
      overlap >= 0 &&
      overlap < tile;
    if (!sound || !/^(jpe?g|png|webp)$/i.test(format)) {
      const reason = `it describes ${width} × ${height} pixels in tiles of ${tile} with overlap ${overlap} as “${format.slice(0, 20)}”`;
      throw new EosinError({ tag: 'CorruptSlide', name, reason });
    }
    const stem = name.replace(/\.(dzi|xml)$/i, '');
    const top = Math.ceil(Math.log2(Math.max(width, height)));
    const shown: { readonly number: number; readonly grid: Grid }[] = [];
    for (let number = top; number >= 0; number--) {
      const part = 2 ** (top - number);
      const [widthPx, heightPx] = [Math.ceil(width / part), Math.ceil(height / part)];
      if (number < top && Math.max(widthPx, heightPx) < tile / 2) break; // one tile each, down to a single pixel
      const grid = { widthPx, heightPx, tileWidth: tile, tileHeight: tile };
      shown.push({ number, grid });
    }
    const pathOf = (number: number, { col, row }: Pick<TileAt, 'col' | 'row'>): string =>
      `${stem}_files/${number}/${col}_${row}.${format}`;
    const smallest = pathOf(shown.at(-1)?.number ?? top, { col: 0, row: 0 });
    const told = await toldByPicture(reading, sampleOf(smallest, beside), waits);
    const levels = shown.map(({ number, grid }) => {
      const fileOf = (at: TileAt): TileFile => ({
        path: pathOf(number, at),
        before: { x: at.col > 0 ? overlap : 0, y: at.row > 0 ? overlap : 0 },
      });
      return levelOfFiles(grid, tile + 2 * overlap, fileOf, beside, told.reading);
    });
    const properties = {
      'deepzoom.TileSize': String(tile),
      'deepzoom.Overlap': String(overlap),
      'deepzoom.Format': format,
    };
    const facts = { format: deepZoom.name, vendor: undefined, mpp: undefined, objective: undefined, properties };
    return layeredSlide({ levels, facts, fingerprint: told.fingerprint }, told.reading);
  },
};

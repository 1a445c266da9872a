// Deep Zoom: an XML file, and beside it a folder of pictures by level, column and row, which overlap.
import { EosinError } from '#errors/failure.ts';
import { decodedJpeg } from '../decode-jpeg.ts';
import { fingerprinting } from '../fingerprint.ts';
import { layeredSlide, type ReadableLevel } from '../layered-slide.ts';
import type { Raster, TileWaits } from '../slide.ts';
import { inside, marked, orForgotten, tileRect } from '../tile-reader.ts';
import { firstNamed, numberOf } from '../xml.ts';
import type { SlideFormat } from './format.ts';
import { typeOfImage } from './picture.ts';
import { xmlOf } from './vendor-xml.ts';

const MOST_XML = 64 * 1024; //              bytes
const MOST_TILE = 64 * 1024 * 1024; //      bytes
const MAX_SIDE = 2 ** 30; //                pixels

export const deepZoom: SlideFormat = {
  name: 'Deep Zoom',
  matches: ({ head }) => {
    const start = new TextDecoder('latin1').decode(head.subarray(0, 1024));
    return start.includes('<Image') && start.includes('schemas.microsoft.com/deepzoom');
  },
  async open({ beside }, reading, waits) {
    const { source, decoders, tiles } = reading;
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
    const levels: ReadableLevel[] = [];
    for (let number = top; number >= 0; number--) {
      const part = 2 ** (top - number);
      const [widthPx, heightPx] = [Math.ceil(width / part), Math.ceil(height / part)];
      if (number < top && Math.max(widthPx, heightPx) < tile / 2) break; // one tile each, down to a single pixel
      const grid = { widthPx, heightPx, tileWidth: tile, tileHeight: tile };
      levels.push({
        grid,
        read: (at, during) => {
          const rect = tileRect(grid, at);
          return marked(at, during, async (waits) => {
            const path = `${stem}_files/${number}/${at.col}_${at.row}.${format}`;
            const key = `${source.identity}/${path}`;
            const stored = await tiles.get(
              key,
              async (shared) => {
                const found = await beside.read(path, MOST_TILE, shared);
                if (!found) throw new Error(`${path} is not there`);
                return found;
              },
              waits,
            );
            const decode = async (waits: TileWaits): Promise<Raster> => {
              const type = typeOfImage(stored);
              const most = { width: tile + 2 * overlap, height: tile + 2 * overlap };
              const raster = await (type === 'image/jpeg'
                ? decodedJpeg(stored, most, decoders, waits)
                : decoders.image(stored, type, waits));
              const before = { x: at.col > 0 ? overlap : 0, y: at.row > 0 ? overlap : 0 };
              return inside(raster, { ...before, width: rect.width, height: rect.height });
            };
            return orForgotten(waits, decode, () => tiles.forgetTile(key));
          });
        },
      });
    }
    const properties = {
      'deepzoom.TileSize': String(tile),
      'deepzoom.Overlap': String(overlap),
      'deepzoom.Format': format,
    };
    const facts = { format: deepZoom.name, vendor: undefined, mpp: undefined, objective: undefined, properties };
    return layeredSlide({ levels, facts, fingerprint: fingerprinting(source) }, reading);
  },
};

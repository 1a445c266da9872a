// IIIF Image API, versions 2 and 3: info.json says sizes and tiles; every tile is an address of its own.

import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { fingerprinting } from '../fingerprint.ts';
import { layeredSlide, type ReadableLevel } from '../layered-slide.ts';
import type { Reading } from '../page-tile.ts';
import type { Raster, TileWaits } from '../slide.ts';
import { type Grid, inside, marked, orForgotten, tileRect } from '../tile-reader.ts';
import type { SlideFormat } from './format.ts';
import { isList, isObject, type Json, jsonOf } from './json.ts';
import { typeOfImage } from './picture.ts';

const MOST_JSON = 1024 * 1024; //      bytes
const MOST_TILE = 64 * 1024 * 1024; // bytes
const MAX_SIDE = 2 ** 30; //           pixels
const TILE = 512; //                   pixels, where a server does not say which it likes

export const iiif: SlideFormat = {
  name: 'IIIF',
  matches: ({ head }) => {
    const start = new TextDecoder('latin1').decode(head).trimStart();
    return start.startsWith('{') && /iiif\.io\/api\/image/.test(start);
  },
  async open({ beside }, reading, waits) {
    const { source } = reading;
    const { name } = source;
    if (!beside) {
      const reason = 'the description of a IIIF picture, which lies on a server';
      throw new EosinError({ tag: 'UnsupportedSlide', name, reason, todo: 'Open the address of its info.json.' });
    }
    const info = jsonOf(await source.read(0, Math.min(source.size, MOST_JSON), waits), name);
    const version = JSON.stringify(info['@context'] ?? info.protocol ?? '').includes('image/3') ? 3 : 2;
    const [width, height] = [numberIn(info, 'width'), numberIn(info, 'height')];
    if (width === undefined || height === undefined) {
      throw new EosinError({ tag: 'CorruptSlide', name, reason: 'it says no size' });
    }
    const [listed] = isList(info.tiles) ? info.tiles : [];
    const tile = isObject(listed) ? listed : {};
    const across = Math.min(numberIn(tile, 'width') ?? TILE, 4096);
    const down = Math.min(numberIn(tile, 'height') ?? across, 4096);
    const said = (isList(tile.scaleFactors) ? tile.scaleFactors : []).filter((n) => typeof n === 'number');
    const factors = [...new Set(said.filter((n) => Number.isInteger(n) && n >= 1 && n <= 2 ** 20))].sort(
      (a, b) => a - b,
    );
    const formats = formatsOf(info);
    const levels = (factors.length > 0 ? factors : halvings(Math.max(width, height), across)).map((factor) => {
      const grid = {
        widthPx: Math.ceil(width / factor),
        heightPx: Math.ceil(height / factor),
        tileWidth: across,
        tileHeight: down,
      };
      return levelOf(grid, { width, height, factor, version, formats }, reading, beside);
    });
    const properties = {
      'iiif.version': String(version),
      ...('rights' in info ? { 'iiif.rights': String(info.rights) } : {}),
    };
    const facts = { format: iiif.name, vendor: undefined, mpp: undefined, objective: undefined, properties };
    return layeredSlide({ levels, facts, fingerprint: fingerprinting(source) }, reading);
  },
};

const numberIn = (json: Readonly<Record<string, Json>>, key: string): number | undefined => {
  const value = json[key];
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_SIDE ? value : undefined;
};

function halvings(longest: number, tile: number): number[] {
  const factors = [1];
  while (longest / (factors.at(-1) ?? 1) > tile) factors.push((factors.at(-1) ?? 1) * 2);
  return factors;
}

/** Those that its info.json says, in version 2 as a part of the profile; JPEG where it says none, and what static files may be. */
function formatsOf(info: Readonly<Record<string, Json>>): string[] {
  const profile = isList(info.profile) ? info.profile : [info.profile];
  const lists = [info.preferredFormats, ...profile.map((part) => (isObject(part) ? part.formats : undefined))];
  const said = lists
    .flatMap((list) => (isList(list) ? list : []))
    .filter((format) => typeof format === 'string' && FORMATS.includes(format));
  const isStatic = profile.some((part) => typeof part === 'string' && /level0/.test(part));
  const others = isStatic ? FORMATS : ['jpg'];
  return [...new Set([...(said.includes('jpg') ? ['jpg'] : said), ...others].map(String))];
}

const FORMATS: readonly string[] = ['jpg', 'png', 'webp'];

interface Scale {
  readonly width: number; // of the whole picture
  readonly height: number;
  readonly factor: number;
  readonly version: 2 | 3;
  readonly formats: string[]; // in the order in which they are asked for: what was found once comes first
}

function levelOf(
  grid: Grid,
  { width, height, factor, version, formats }: Scale,
  { source, tiles, decoders }: Reading,
  beside: { read(path: string, most: number, waits: Waits): Promise<Uint8Array<ArrayBuffer> | undefined> },
): ReadableLevel {
  return {
    grid,
    read: (at, waits) => {
      const rect = tileRect(grid, at);
      return marked(at, waits, async (during) => {
        const [x, y] = [rect.x * factor, rect.y * factor];
        const [w, h] = [Math.min(rect.width * factor, width - x), Math.min(rect.height * factor, height - y)];
        // The canonical form, which is all that static files have; some of them spell out the whole picture too.
        const regions = [...(w === width && h === height ? ['full'] : []), `${x},${y},${w},${h}`];
        // Version 2 asks for the width alone, version 3 for both.
        const size = version === 2 ? `${rect.width},` : `${rect.width},${rect.height}`;
        const paths = formats.flatMap((format) => regions.map((region) => `${region}/${size}/0/default.${format}`));
        const key = `${source.identity}/${regions.at(-1)}/${size}`;
        const stored = await tiles.get(
          key,
          async (shared) => {
            for (const path of paths) {
              const found = await beside.read(path, MOST_TILE, shared);
              if (!found) continue;
              formats.sort((one, other) => Number(path.endsWith(other)) - Number(path.endsWith(one)));
              return found;
            }
            throw new Error('the server does not have it');
          },
          during,
        );
        const decode = async (waits: TileWaits): Promise<Raster> => {
          const raster = await decoders.image(stored, typeOfImage(stored), waits);
          return inside(raster, { x: 0, y: 0, width: rect.width, height: rect.height });
        };
        return orForgotten(during, decode, () => tiles.forgetTile(key));
      });
    },
  };
}

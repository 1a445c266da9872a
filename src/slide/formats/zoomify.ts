// Zoomify: ImageProperties.xml, and beside it pictures by tier, column and row, 256 in each of the folders TileGroup0, 1, ...
import { EosinError } from '#errors/failure.ts';
import { layeredSlide } from '../layered-slide.ts';
import type { Grid } from '../tile-reader.ts';
import { toldByPicture } from '../told-by-picture.ts';
import { numberOf } from '../xml.ts';
import { hasText, type SlideFormat } from './format.ts';
import { levelOfFiles, sampleOf } from './picture-tiles.ts';
import { xmlOf } from './vendor-xml.ts';

const MOST_XML = 64 * 1024; // bytes
const MAX_SIDE = 2 ** 30; //   px
const IN_A_GROUP = 256; //     tiles

export const zoomify: SlideFormat = {
  name: 'Zoomify',
  matches: ({ head }) => hasText(head, 0, '<IMAGE_PROPERTIES'),
  async open({ beside }, reading, waits) {
    const { source } = reading;
    if (!beside) {
      const reason = 'the description of a Zoomify picture, whose tiles lie in the folders beside it';
      const todo =
        'Open the folder that holds them all, or make a Deep Zoom picture of its slide: vips dzsave slide.svs slide';
      throw new EosinError({ tag: 'UnsupportedSlide', name: source.name, reason, todo });
    }
    const bytes = await source.read(0, Math.min(source.size, MOST_XML), waits);
    const root = xmlOf(new TextDecoder().decode(bytes), reading);
    const [width, height, tile] = ['WIDTH', 'HEIGHT', 'TILESIZE'].map((name) => numberOf(root, name));
    const isSide = (n: number | undefined, most: number): n is number =>
      n !== undefined && Number.isInteger(n) && n > 0 && n <= most;
    if (!isSide(width, MAX_SIDE) || !isSide(height, MAX_SIDE) || !isSide(tile, 8192) || tile < 16) {
      const reason = `it describes ${width} × ${height} pixels in tiles of ${tile}`;
      throw new EosinError({ tag: 'CorruptSlide', name: source.name, reason });
    }
    const said = numberOf(root, 'NUMTILES');
    const rounded = [Math.floor, Math.ceil].map((round) => tiersOf(width, height, tile, round));
    const tiers = rounded.find((each) => sum(each.map(tilesIn)) === said) ?? rounded[0] ?? [];
    const told = await toldByPicture(reading, sampleOf('TileGroup0/0-0-0.jpg', beside), waits);
    const levels = tiers.map((grid, i) => {
      const tier = tiers.length - 1 - i;
      const before = sum(tiers.slice(i + 1).map(tilesIn)); // the smallest come first
      const columns = Math.ceil(grid.widthPx / tile);
      const pathOf = (col: number, row: number): string =>
        `TileGroup${Math.floor((before + row * columns + col) / IN_A_GROUP)}/${tier}-${col}-${row}.jpg`;
      return levelOfFiles(
        grid,
        tile,
        ({ col, row }) => ({ path: pathOf(col, row), before: NONE }),
        beside,
        told.reading,
      );
    });
    const properties = { 'zoomify.NUMTILES': String(said), 'zoomify.TILESIZE': String(tile) };
    const facts = { format: zoomify.name, vendor: undefined, mpp: undefined, objective: undefined, properties };
    const named = { ...told.reading, source: { ...told.reading.source, name: beside.name } }; // all of them are called alike
    return layeredSlide({ levels, facts, fingerprint: told.fingerprint }, named);
  },
};

const NONE = { x: 0, y: 0 };

/** Halved until one tile holds all, largest first. Zoomify leaves a half pixel out, libvips makes it a whole one. */
function tiersOf(width: number, height: number, tile: number, round: (n: number) => number): Grid[] {
  const tiers: Grid[] = [];
  let [widthPx, heightPx] = [width, height];
  for (;;) {
    tiers.push({ widthPx, heightPx, tileWidth: tile, tileHeight: tile });
    if (Math.max(widthPx, heightPx) <= tile) return tiers;
    widthPx = Math.max(1, round(widthPx / 2));
    heightPx = Math.max(1, round(heightPx / 2));
  }
}

const tilesIn = ({ widthPx, heightPx, tileWidth, tileHeight }: Grid): number =>
  Math.ceil(widthPx / tileWidth) * Math.ceil(heightPx / tileHeight);

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

// The mean colour of every cell of a tissue map: the pixels' part of finding tissue.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { release } from '#slide/raster.ts';
import { readRegion } from '#slide/region.ts';
import { type Level, type Raster, type Slide, type TileAt, untold } from '#slide/slide.ts';
import type { Rect } from '#units/rect.ts';

/** Where the cells lie; the last column and row may reach over the slide's edge. */
export interface Cells {
  readonly cellPx: number; // level-0 px, side of a cell
  readonly cellUm: number | undefined; // where the slide says how large its pixels are
  readonly cols: number;
  readonly rows: number;
}

export interface CellColours extends Cells {
  readonly rgb: Uint8Array<ArrayBuffer>; // [rows × cols × 3] mean colour, 0 to 255
}

/** A strip of whole cells, with the tiles under it. The pictures are taken over. */
export interface StripTask {
  readonly levels: readonly Level[]; // of the slide
  readonly tiles: readonly { readonly at: TileAt; readonly image: Raster }[];
  readonly strip: Rect; //              level-0 px; may reach over the slide's edge, where it is white
  readonly cellPx: number; //           level-0 px
}

const BLACK = 0.2; // of 0 to 1: darker than this without colour is a pen, a marker, a cover slip's edge

/** [rows × cols × 3] of the strip. */
export async function coloursOfStrip(task: StripTask, waits: Waits): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const { rgba, width, height } = await readRegion(slideOf(task), task.strip, task.cellPx, waits);
    const rgb = new Uint8Array(width * height * 3);
    for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
      rgb[to] = rgba[from] ?? 0;
      rgb[to + 1] = rgba[from + 1] ?? 0;
      rgb[to + 2] = rgba[from + 2] ?? 0;
    }
    return rgb;
  } finally {
    for (const { image } of task.tiles) release(image);
  }
}

/** [rows × cols] max - min of R, G, B; 0 for what is black. */
export function chromaOf(rgb: Uint8Array): Uint8Array<ArrayBuffer> {
  const chroma = new Uint8Array(rgb.length / 3);
  for (let i = 0; i < chroma.length; i++) {
    const [r = 0, g = 0, b = 0] = [rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]];
    const most = Math.max(r, g, b);
    chroma[i] = most < 255 * BLACK ? 0 : most - Math.min(r, g, b);
  }
  return chroma;
}

/** Optical density, base 10, of a value of 0 to 255. */
export const DENSITY = Float32Array.from({ length: 256 }, (_, value) => -Math.log10((value + 1) / 256));

/** As much of a slide as the tiles are; each can be read once. */
function slideOf({ levels, tiles }: StripTask): Slide {
  const byPlace = new Map(tiles.map(({ at, image }) => [keyOf(at), image]));
  return {
    ...untold,
    name: 'Tissue',
    format: 'Tiles',
    levels,
    fingerprint: async () => 'Tissue',
    readTile: async (at) => {
      const image = byPlace.get(keyOf(at));
      if (!image) throw new EosinError({ tag: 'Unexpected', reason: `The tile ${keyOf(at)} was not sent along.` });
      byPlace.delete(keyOf(at));
      return image;
    },
    [Symbol.dispose]: () => undefined,
  };
}

const keyOf = ({ level, col, row }: TileAt): string => `${level}/${col},${row}`;

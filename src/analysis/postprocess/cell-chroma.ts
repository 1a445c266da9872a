// How much colour the cells of a tissue map have: the pixels' part of finding tissue.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { release } from '#slide/raster.ts';
import { readRegion } from '#slide/region.ts';
import type { Level, Pixels, Raster, Slide, TileAt } from '#slide/slide.ts';
import type { Rect } from '#units/rect.ts';

/** A strip of cells, with the tiles under it. The pictures are taken over. */
export interface ChromaTask {
  readonly levels: readonly Level[]; // of the slide
  readonly tiles: readonly { readonly at: TileAt; readonly image: Raster }[];
  readonly strip: Rect; //              level-0 px, whole cells; may reach over the slide's edge, where it is white
  readonly cellPx: number; //           level-0 px
}

const BLACK = 0.2; // of 0 to 1: darker than this without colour is a pen, a marker, a cover slip's edge

/** [rows × cols of the strip] chroma of each cell's mean colour. */
export async function chromaOfCells(task: ChromaTask, waits: Waits): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return chromaOf(await readRegion(slideOf(task), task.strip, task.cellPx, waits));
  } finally {
    for (const { image } of task.tiles) release(image);
  }
}

/** [height × width] max - min of R, G, B; 0 for what is black. */
export function chromaOf({ width, height, rgba }: Pixels): Uint8Array<ArrayBuffer> {
  const chroma = new Uint8Array(width * height);
  for (let i = 0; i < chroma.length; i++) {
    const [r, g, b] = [rgba[4 * i] ?? 0, rgba[4 * i + 1] ?? 0, rgba[4 * i + 2] ?? 0];
    const most = Math.max(r, g, b);
    chroma[i] = most < 255 * BLACK ? 0 : most - Math.min(r, g, b);
  }
  return chroma;
}

/** As much of a slide as the tiles are; each can be read once. */
function slideOf({ levels, tiles }: ChromaTask): Slide {
  const byPlace = new Map(tiles.map(({ at, image }) => [keyOf(at), image]));
  return {
    name: 'Tissue',
    format: 'Tiles',
    vendor: undefined,
    levels,
    mpp: undefined,
    objective: undefined,
    properties: {},
    associated: [],
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

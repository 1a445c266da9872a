// Pen marks on a slide: blue, green and black ink by colours that haematoxylin and eosin do not have, warm ones apart.
import { labelComponents } from '../postprocess/components.ts';
import { type CellColours, DENSITY } from './colours.ts';
import { type CellMask, grown, reachedFrom, smoothed, withoutSpecks } from './morphology.ts';
import { warmInkOf } from './warm-ink.ts';

// Optical densities (base 10) of a cell's mean colour. Both stains absorb green at least as much as red: haematoxylin
// R 0.65, G 0.70, B 0.29, eosin R 0.07, G 0.99, B 0.11 (Ruifrok and Johnston, 2001). Blue and green inks absorb red most.
const COLOURED = { leastRed: 0.2, greenToRed: 0.75 } as const; //  ink on glass
const OVER_TISSUE = { leastRed: 0.6, greenToRed: 0.92 } as const; // joined to ink on glass: tissue shines through it
const BLACK = { least: 0.55, spread: 0.3 } as const; //              every channel at least; (most - least) / most at most
const LEAST_CELLS = 60; //                                           about 0.06 × 0.06 mm at 8 µm a cell: a pen is wider
const SOLID_CELLS = 4; //                                            black ink is solid this many cells around; pigment is not

/** [rows × cols] 1 is ink, its pale edge included. Violet and pink inks look like stained tissue and are not found. */
export function inkOf(colours: CellColours): CellMask {
  const { rgb, cols, rows } = colours;
  const cells = cols * rows;
  const [coloured, overTissue, black] = [new Uint8Array(cells), new Uint8Array(cells), new Uint8Array(cells)];
  for (let i = 0; i < cells; i++) {
    const r = DENSITY[rgb[3 * i] ?? 255] ?? 0;
    const g = DENSITY[rgb[3 * i + 1] ?? 255] ?? 0;
    const b = DENSITY[rgb[3 * i + 2] ?? 255] ?? 0;
    coloured[i] = Number(r >= COLOURED.leastRed && g <= COLOURED.greenToRed * r);
    overTissue[i] = Number(r >= OVER_TISSUE.leastRed && g <= OVER_TISSUE.greenToRed * r);
    const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)];
    black[i] = Number(least >= BLACK.least && most - least <= BLACK.spread * most);
  }
  const seeds = withoutSpecks(smoothed(coloured, cols, rows), cols, rows, LEAST_CELLS);
  const ink = reachedFrom(seeds, overTissue, cols, rows);
  for (const strokes of [blackStrokes(black, cols, rows), warmInkOf(colours)])
    for (let i = 0; i < cells; i++) if (strokes[i] === 1) ink[i] = 1;
  return ink.includes(1) ? grown(ink, cols, rows) : ink;
}

/** Solid somewhere, and not reaching the slide's edge: there black is a cover slip's edge, or was not scanned. */
function blackStrokes(black: Uint8Array, cols: number, rows: number): CellMask {
  const { labels, areas, count } = labelComponents(black, cols, rows);
  if (count === 0) return new Uint8Array(black.length);
  const atEdge = new Uint8Array(count + 1);
  for (let col = 0; col < cols; col++) for (const row of [0, rows - 1]) atEdge[labels[row * cols + col] ?? 0] = 1;
  for (let row = 0; row < rows; row++) for (const col of [0, cols - 1]) atEdge[labels[row * cols + col] ?? 0] = 1;
  let core: Uint8Array = black;
  for (let k = 0; k < SOLID_CELLS; k++) core = shrunk(core, cols, rows);
  const isSolid = new Uint8Array(count + 1);
  for (let i = 0; i < core.length; i++) if (core[i] === 1) isSolid[labels[i] ?? 0] = 1;
  return Uint8Array.from(labels, (label) =>
    Number(label > 0 && atEdge[label] === 0 && isSolid[label] === 1 && (areas[label] ?? 0) >= LEAST_CELLS),
  );
}

const shrunk = (mask: Uint8Array, cols: number, rows: number): CellMask => {
  const outside = grown(
    Uint8Array.from(mask, (cell) => 1 - cell),
    cols,
    rows,
  );
  return outside.map((cell) => 1 - cell);
};

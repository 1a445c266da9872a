// Nuclei, or other cells, by the hundred thousand, from a seed: ellipses of 24 vertices, a few micrometres across, denser here and there.
import { ColumnsBuilder } from '#objects/builder.ts';
import type { ObjectClass, ObjectColumns } from '#objects/columns.ts';
import { decodeInBrowser } from '#slide/browser-decode.ts';
import { type Level, type Slide, untold } from '#slide/slide.ts';
import { mpp } from '#units/units.ts';

const VERTICES = 24;
const APART_PX = 60; // level-0 px between neighbours on the grid that is jittered: 4,400 nuclei a mm² at 0.25 µm
const MARGIN_PX = 2000;

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Level-0 px of the square slide that so many fit on. */
export const sideFor = (count: number): number => Math.ceil(Math.sqrt(count)) * APART_PX + 2 * MARGIN_PX;

export type MadeKind = 'nuclei' | 'annotations';

const CLASSES: Readonly<Record<MadeKind, readonly ObjectClass[]>> = {
  nuclei: [
    { name: 'Epithelial', color: '#ff7a1a' },
    { name: 'Inflammatory', color: '#1fa2ff' },
    { name: 'Connective', color: '#8cf2b4' },
    { name: 'Other', color: '#ffffff' },
  ],
  annotations: [
    { name: 'Tumor', color: '#c80000' },
    { name: 'Stroma', color: '#96c896' },
    { name: 'Immune cells', color: '#a05aa0' },
    { name: 'Necrosis', color: '#323232' },
    { name: 'Other', color: '#ffc800' },
  ],
};

/** Annotations: cells of classes of their own, as another program's file brings them. */
export function madeObjects(kind: MadeKind, count: number, seed = 7): ObjectColumns {
  const random = seeded(seed);
  const cols = Math.ceil(Math.sqrt(count));
  const classes = CLASSES[kind];
  const builder = new ColumnsBuilder(kind, classes, count, VERTICES * count);
  const ring = new Float64Array(2 * VERTICES);
  for (let i = 0; i < count; i++) {
    const x = MARGIN_PX + ((i % cols) + random()) * APART_PX;
    const y = MARGIN_PX + (Math.floor(i / cols) + random()) * APART_PX;
    const [a, b, turn] = [10 + 6 * random(), 6 + 5 * random(), Math.PI * random()];
    for (let v = 0; v < VERTICES; v++) {
      const angle = (2 * Math.PI * v) / VERTICES;
      const [u, w] = [a * Math.cos(angle), b * Math.sin(angle)];
      ring[2 * v] = x + u * Math.cos(turn) - w * Math.sin(turn);
      ring[2 * v + 1] = y + u * Math.sin(turn) + w * Math.cos(turn);
    }
    const classIndex = Math.min(classes.length - 1, Math.floor(-Math.log2(1 - random())));
    builder.add({ classIndex, probability: 0.5 + random() / 2, x, y, areaPx: Math.PI * a * b, ring });
  }
  return builder.view();
}

const GLASS = new Map<string, Promise<Uint8Array<ArrayBuffer>>>(); // JPEGs by their size

/** A tile comes as a slide's do: made by a canvas on the page, it would be the page's scripts that make it. */
function glassOf(width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  const made = GLASS.get(`${width}×${height}`) ?? madeGlass(width, height);
  GLASS.set(`${width}×${height}`, made);
  return made;
}

async function madeGlass(width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) throw new RangeError('This browser gives no 2-D canvas');
  context.fillStyle = '#f4f4f4';
  context.fillRect(0, 0, width, height);
  const blob = await canvas.convertToBlob({ type: 'image/jpeg' });
  return new Uint8Array(await blob.arrayBuffer());
}

/** White glass at every level, so that only what lies over it costs. */
export function blankSlide(side: number): Slide {
  const levels: Level[] = [1, 4, 16, 64].map((downsample) => {
    const px = Math.floor(side / downsample);
    return { widthPx: px, heightPx: px, tileWidth: 512, tileHeight: 512, downsample };
  });
  return {
    ...untold,
    name: 'blank',
    format: 'Synthetic',
    levels,
    mpp: { x: mpp(0.25), y: mpp(0.25) },
    objective: 40,
    fingerprint: async () => 'blank',
    readTile: async ({ level, col, row }, waits) => {
      const { widthPx = 1, heightPx = 1 } = levels[level] ?? {};
      const jpeg = glassOf(Math.min(512, widthPx - 512 * col), Math.min(512, heightPx - 512 * row));
      return decodeInBrowser(await jpeg, 'image/jpeg', waits);
    },
    [Symbol.dispose]: () => undefined,
  };
}

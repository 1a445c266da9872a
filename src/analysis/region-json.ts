// A region as plain JSON: for the header of a run that is kept, and for a session.
import { deflateSync, inflateSync } from 'fflate';
import { EosinError } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';
import { boundsOf, isMask, isPolygons, type Region } from './region.ts';

export type RegionJson =
  | {
      readonly type: 'rectangle';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
    }
  | { readonly type: 'polygons'; readonly pieces: readonly PieceJson[] }
  | {
      readonly type: 'mask';
      readonly x0: number; //     level-0 px
      readonly y0: number;
      readonly cellPx: number;
      readonly cols: number;
      readonly rows: number;
      readonly cells: string; //  a bit a cell, row by row, low bit first; deflated (RFC 1951), base64
    };

/** A type, not an interface: it counts as plain JSON where that is asked for. */
type PieceJson = {
  readonly does: 'add' | 'subtract';
  readonly ring: readonly number[]; // x, y pairs, level-0 px, not closed
};

const MOST_CELLS = 2 ** 26; // sixty times the largest mask that is found

export function regionToJson(region: Region): RegionJson {
  if (isPolygons(region)) {
    return { type: 'polygons', pieces: region.pieces.map(({ does, ring }) => ({ does, ring: Array.from(ring) })) };
  }
  if (!isMask(region)) {
    const { x, y, width, height } = region;
    return { type: 'rectangle', x, y, width, height };
  }
  const { x0, y0, cellPx, cols, rows, mask } = region;
  const bits = new Uint8Array(Math.ceil(mask.length / 8));
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] === 1) bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
  }
  return { type: 'mask', x0, y0, cellPx, cols, rows, cells: toBase64(deflateSync(bits)) };
}

/** @throws EosinError BadInput where it is none */
export function regionFromJson(json: unknown): Region {
  if (!isRecord(json)) throw notARegion('no object');
  switch (json.type) {
    case 'rectangle': {
      const [x, y, width, height] = numbersOf(json, ['x', 'y', 'width', 'height']);
      if (!(width >= 0 && height >= 0)) throw notARegion(`a rectangle of ${width} × ${height} px`);
      return { x, y, width, height };
    }
    case 'polygons': {
      const { pieces } = json;
      if (!Array.isArray(pieces)) throw notARegion('polygons without pieces');
      return { pieces: pieces.map(pieceFromJson) };
    }
    case 'mask':
      return maskFromJson(json);
    default:
      throw notARegion(`a type of ${String(json.type)}`);
  }
}

/** The rectangle around it, without unpacking a mask; undefined where it is no region. */
export function boundsOfJson(json: unknown): Rect | undefined {
  try {
    if (!isRecord(json) || json.type !== 'mask') return boundsOf(regionFromJson(json));
    const [x, y, cellPx, cols, rows] = numbersOf(json, ['x0', 'y0', 'cellPx', 'cols', 'rows']);
    return { x, y, width: cols * cellPx, height: rows * cellPx };
  } catch (thrown) {
    if (thrown instanceof EosinError) return undefined;
    throw thrown;
  }
}

function pieceFromJson(json: unknown): { does: 'add' | 'subtract'; ring: Float64Array } {
  if (!isRecord(json)) throw notARegion('a piece that is no object');
  const { does, ring } = json;
  if (does !== 'add' && does !== 'subtract') throw notARegion(`a piece that does ${String(does)}`);
  if (!Array.isArray(ring) || ring.length < 6 || ring.length % 2 === 1 || !ring.every(Number.isFinite)) {
    throw notARegion('a piece whose ring is no list of at least three x, y pairs');
  }
  return { does, ring: Float64Array.from(ring) };
}

function maskFromJson(json: Record<string, unknown>): Region {
  const [x0, y0, cellPx, cols, rows] = numbersOf(json, ['x0', 'y0', 'cellPx', 'cols', 'rows']);
  const isSize = (value: number): boolean => Number.isInteger(value) && value >= 0;
  if (!(cellPx > 0) || !isSize(cols) || !isSize(rows) || cols * rows > MOST_CELLS) {
    throw notARegion(`a mask of ${cols} × ${rows} cells of ${cellPx} px`);
  }
  const { cells } = json;
  if (typeof cells !== 'string') throw notARegion('a mask without cells');
  const bits = inflated(cells, Math.ceil((cols * rows) / 8));
  const mask = new Uint8Array(cols * rows);
  for (let at = 0; at < mask.length; at++) mask[at] = ((bits[at >> 3] ?? 0) >> (at & 7)) & 1;
  return { x0, y0, cellPx, cols, rows, mask };
}

/** @throws EosinError BadInput where they are not just so many bytes */
function inflated(text: string, bytes: number): Uint8Array {
  try {
    // Into a buffer of one byte more: what a made-up file blows up to stays small, and too much shows.
    const out = inflateSync(fromBase64(text), { out: new Uint8Array(bytes + 1) });
    if (out.length === bytes) return out;
  } catch {
    // told below
  }
  throw notARegion(`cells that are not ${bytes} deflated bytes`);
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function numbersOf<const K extends readonly string[]>(
  json: Record<string, unknown>,
  keys: K,
): { [I in keyof K]: number } & number[];
function numbersOf(json: Record<string, unknown>, keys: readonly string[]): number[] {
  return keys.map((key) => {
    const value = json[key];
    if (typeof value !== 'number' || !Number.isFinite(value)) throw notARegion(`no number as its ${key}`);
    return value;
  });
}

const notARegion = (seen: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: 'The region', seen, todo: 'Take one that Eosin has written.' });

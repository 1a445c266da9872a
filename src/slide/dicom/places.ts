// Which frame of a DICOM picture lies where: said for all, said for each, or not said at all.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { middleOf } from '../planes.ts';
import { pixelsOf, release } from '../raster.ts';
import type { Pixels, Raster } from '../slide.ts';
import { type Instance, TAG } from './instance.ts';
import { type OpticalPath, type Parts, pathsOf } from './pictures.ts';
import { depthIn, isListed, pathIn, planesIn } from './planes.ts';

/** A frame of one of the picture's files. */
export interface Place {
  readonly instance: Instance;
  readonly index: number; // in that file
}

/** The frame at a column and row of the grid; undefined where there is none. */
export type Places = (col: number, row: number) => Place | undefined;

type DecodeFrame = (place: Place, waits: Waits) => Promise<Raster>;

/**
 * @param path the light that is shown, where there are several
 * @param planeOf which of so many focal planes is shown
 * @throws EosinError CorruptSlide, UnsupportedSlide
 */
export async function placesOf(
  picture: Parts,
  path: OpticalPath | undefined,
  planeOf: (count: number) => number,
  decode: DecodeFrame,
  waits: Waits,
): Promise<Places> {
  const { first, all: parts } = picture;
  const organization = first.dataset.text(TAG.dimensionOrganization);
  const plane = planeOf(planesIn(picture, path).length);
  if (isListed(picture)) return listedPlaces(parts, path, plane);
  const columns = Math.ceil(first.matrixColumns / first.columns);
  const rows = Math.ceil(first.matrixRows / first.rows);
  assertFollowing(picture, columns * rows);
  const before = planesBefore(picture, path, plane) * columns * rows;
  const byNumber = (inPlane: number): Place | undefined => {
    const number = before + inPlane;
    const instance = parts.find(
      ({ frameOffset, frameCount }) => number >= frameOffset && number < frameOffset + frameCount,
    );
    return instance && { instance, index: number - instance.frameOffset };
  };
  const byRows: Places = (col, row) => byNumber(row * columns + col);
  if (organization === 'TILED_FULL' || columns === 1 || rows === 1) return byRows;
  const byColumns: Places = (col, row) => byNumber(col * rows + row);
  const seams = [
    await roughness(byRows, columns, rows, decode, waits),
    await roughness(byColumns, columns, rows, decode, waits),
  ];
  return (seams[0] ?? 0) <= (seams[1] ?? 0) ? byRows : byColumns;
}

/**
 * The parts follow each other, and their frames cover the picture.
 * @throws EosinError CorruptSlide
 */
function assertFollowing({ first, all }: Parts, needed: number): void {
  const { source, dataset, matrixColumns, matrixRows, columns, rows } = first;
  const corrupt = (what: string): EosinError => {
    const count = dataset.whole(TAG.partCount) ?? 1;
    const parts = count > all.length ? `: of ${count} files that hold it together ${all.length} are here` : '';
    const reason = `${matrixColumns} × ${matrixRows} pixels take ${needed} frames of ${columns} × ${rows}, but ${what}${parts}`;
    return new EosinError({ tag: 'CorruptSlide', name: source.name, reason });
  };
  let end = 0;
  for (const { frameOffset, frameCount } of all) {
    if (frameOffset < end) throw corrupt(`two of its files hold frame ${frameOffset + 1}`);
    if (frameOffset > end) throw corrupt(`none of its files holds frame ${end + 1}`);
    end += frameCount;
  }
  if (end < needed) throw corrupt(`it holds ${end}`);
}

/** Where no frame says where it lies, all of a plane come together: the planes of a light together, from the nearest focus on. */
function planesBefore(picture: Parts, path: OpticalPath | undefined, plane: number): number {
  const light = Math.max(0, path ? pathsOf(picture).findIndex(({ id }) => id === path.id) : 0);
  return light * planesIn(picture, path).length + plane;
}

/** Each frame says where its top left pixel lies, from 1; and what it was seen in and at which depth, where there are several. */
function listedPlaces(parts: readonly Instance[], path: OpticalPath | undefined, plane: number): Places {
  const places = new Map<string, { place: Place; depth: number }[]>();
  for (const instance of parts) {
    const { dataset } = instance;
    const shared = pathIn(dataset.items(TAG.sharedGroups)[0]);
    for (const [index, group] of dataset.items(TAG.perFrameGroups).entries()) {
      const light = path && (pathIn(group) ?? shared);
      if (light !== undefined && light !== path?.id) continue;
      const position = group.items(TAG.planePosition)[0];
      const x = (position?.whole(TAG.columnPosition, true) ?? 0) - 1;
      const y = (position?.whole(TAG.rowPosition, true) ?? 0) - 1;
      const [col, row] = [x / instance.columns, y / instance.rows];
      if (x < 0 || y < 0 || !Number.isInteger(col) || !Number.isInteger(row)) {
        const reason = 'a DICOM slide whose frames do not lie on a grid';
        const todo = 'Convert it with the tool of its maker to a slide of tiles on a grid.';
        throw new EosinError({ tag: 'UnsupportedSlide', name: instance.source.name, reason, todo });
      }
      const key = `${col},${row}`;
      const here = places.get(key) ?? [];
      here.push({ place: { instance, index }, depth: depthIn(group) });
      places.set(key, here);
    }
  }
  const all = [...places.values()];
  for (const here of all) here.sort((a, b) => a.depth - b.depth);
  const depths = [...new Set(all.flat().map(({ depth }) => depth))].sort((a, b) => a - b);
  const wanted = all.some(({ length }) => length === depths.length) ? depths[plane] : undefined;
  return (col, row) => {
    const here = places.get(`${col},${row}`) ?? [];
    if (wanted === undefined) return (here[plane] ?? here[middleOf(here.length)])?.place;
    const away = here.map(({ depth }) => Math.abs(depth - wanted)); // a place may have been seen at fewer depths
    return here[away.indexOf(Math.min(...away))]?.place;
  };
}

/**
 * How much the pixels jump at the seams around the middle of the slide, 0 to 255: least where frames lie as they should.
 * For old files that say nothing of the order of their frames.
 */
async function roughness(
  places: Places,
  columns: number,
  rows: number,
  decode: DecodeFrame,
  waits: Waits,
): Promise<number> {
  const [midCol, midRow] = [Math.floor((columns - 1) / 2), Math.floor((rows - 1) / 2)];
  let sum = 0;
  const frameAt = async (col: number, row: number): Promise<Pixels | undefined> => {
    const place = places(col, row);
    if (!place) return undefined;
    const raster = await decode(place, waits);
    try {
      return pixelsOf(raster);
    } finally {
      release(raster);
    }
  };
  try {
    const [here, right, below] = [
      await frameAt(midCol, midRow),
      await frameAt(midCol + 1, midRow),
      await frameAt(midCol, midRow + 1),
    ];
    if (!here) return 0;
    const differenceAt = (other: Pixels, x: number, y: number, ox: number, oy: number): number =>
      Math.abs((here.rgba[(y * here.width + x) * 4 + 1] ?? 0) - (other.rgba[(oy * other.width + ox) * 4 + 1] ?? 0));
    if (right) for (let y = 0; y < here.height; y++) sum += differenceAt(right, here.width - 1, y, 0, y) / here.height;
    if (below) for (let x = 0; x < here.width; x++) sum += differenceAt(below, x, here.height - 1, x, 0) / here.width;
    return sum;
  } catch (thrown) {
    waits.signal.throwIfAborted();
    if (thrown instanceof EosinError && thrown.failure.tag !== 'BadInput' && thrown.failure.tag !== 'CorruptSlide')
      throw thrown;
    return 0; // a damaged frame says nothing: rows first, as most writers have it
  }
}

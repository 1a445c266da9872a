// Focal planes: of several depths one is shown.
import { oneOf } from './grey.ts';
import type { Reading } from './page-tile.ts';
import type { FocalPlanes } from './slide.ts';

export const middleOf = (count: number): number => Math.floor((count - 1) / 2);

/** Depths of one slide are a few; a claim of more is none. */
export const MOST_PLANES = 4096;

/** @param umOf the depth of a plane, µm, where it is known; shown with what lies between the planes */
export const planeNames = (count: number, umOf: (plane: number) => number | undefined): string[] =>
  Array.from({ length: Math.min(count, MOST_PLANES) }, (_, i) => {
    const um = umOf(i);
    return `Plane ${i + 1}${um === undefined || !Number.isFinite(um) ? '' : `, ${Number(um.toFixed(3))} µm`.replace('-', '−')}`;
  });

/** Which plane is shown: the one asked for; where nothing or too much is asked, `otherwise`. Undefined where there is one. */
export const planesOf = ({ chosen }: Reading, names: readonly string[], otherwise: number): FocalPlanes | undefined =>
  names.length < 2 ? undefined : { names, shown: oneOf(chosen?.plane, names.length, otherwise) };

/** The plane of a level that holds `count`, where level 0 holds `of`: levels may be made smaller in depth too. */
export const planeOfLevel = (planes: FocalPlanes | undefined, count: number): number =>
  planes ? Math.min(count - 1, Math.floor((planes.shown * count) / planes.names.length)) : 0;

/** What a slide says of its planes. */
export const planeProperties = (planes: FocalPlanes | undefined): Record<string, string> =>
  planes
    ? {
        'eosin.planes': String(planes.names.length),
        'eosin.plane': planes.names[planes.shown] ?? String(planes.shown + 1),
      }
    : {};

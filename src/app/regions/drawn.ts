// A drawn region changes: a piece comes, a corner moves. Values in, values out.
import { outlineOf } from '#analysis/polygon-outline.ts';
import { type Piece, rectOfRing, ringOf } from '#analysis/polygons.ts';
import type { DrawnPiece, RegionCorner, RegionMarks } from '#viewer/viewer-api.ts';
import type { Drawn } from '../stores/region-store.ts';

const MOST_HANDLES = 24; // corners of a piece: a freehand line has more, and none of them is a corner that was meant

const piecesOf = (drawn: Drawn | undefined): readonly Piece[] => {
  if (!drawn) return [];
  return 'pieces' in drawn ? drawn.pieces : [{ does: 'add', ring: ringOf(drawn) }];
};

/** Undefined where nothing is left that adds. A single upright rectangle is one: its glands are completed around it. */
function drawnOf(pieces: readonly Piece[]): Drawn | undefined {
  const first = pieces.findIndex(({ does }) => does === 'add');
  if (first < 0) return undefined;
  const [only, more] = pieces.slice(first); // what is taken away before anything is there takes nothing
  const rect = only && !more ? rectOfRing(only.ring) : undefined;
  return rect ?? { pieces: pieces.slice(first) };
}

export const withPiece = (drawn: Drawn | undefined, { does, ring }: DrawnPiece): Drawn | undefined =>
  does === 'replace' ? drawnOf([{ does: 'add', ring }]) : drawnOf([...piecesOf(drawn), { does, ring }]);

/** A rectangle stays one: its opposite corner stays where it is. */
export function withCorner(drawn: Drawn | undefined, { piece, corner, at }: RegionCorner): Drawn | undefined {
  const pieces = piecesOf(drawn);
  const moved = pieces[piece];
  if (!moved) return drawn;
  const ring = Float64Array.from(moved.ring);
  const before = { x: ring[2 * corner] ?? 0, y: ring[2 * corner + 1] ?? 0 };
  if (rectOfRing(moved.ring)) {
    for (let v = 0; v < ring.length; v += 2) {
      if (ring[v] === before.x) ring[v] = at.x;
      if (ring[v + 1] === before.y) ring[v + 1] = at.y;
    }
    if (ring[0] === ring[4] || ring[1] === ring[5]) return drawn; // a rectangle without an inside
  } else {
    ring.set([at.x, at.y], 2 * corner);
  }
  return drawnOf(pieces.map((one, k) => (k === piece ? { ...one, ring } : one)));
}

/** How it is shown. */
export function marksOf(drawn: Drawn): RegionMarks {
  const pieces = piecesOf(drawn);
  const corners = pieces.flatMap(({ ring }, piece): RegionCorner[] =>
    ring.length > 2 * MOST_HANDLES
      ? []
      : Array.from({ length: ring.length / 2 }, (_, corner) => ({
          piece,
          corner,
          at: { x: ring[2 * corner] ?? 0, y: ring[2 * corner + 1] ?? 0 },
        })),
  );
  return { lines: outlineOf({ pieces }), corners };
}

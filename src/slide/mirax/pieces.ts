// Where the images of a MIRAX slide lie on its levels. The camera takes photos that overlap, each at a place of its own, and
// cuts each into images. A level's images are four of the level before, made smaller and put side by side whatever their
// overlap: where several photos share an image, it is cut apart again, and each part shown at its place.
import type { Rect } from '#units/rect.ts';
import type { StoredImage } from './index-file.ts';
import type { Slidedat, Zoom } from './slidedat.ts';

/** A part of a stored image on a level, in that level's whole pixels. */
export interface Piece extends Rect {
  readonly image: StoredImage;
  readonly fromX: number; // in the image
  readonly fromY: number;
}

const PLACE_BYTES = 9; // a flag, x and y

/** Of every photo, row by row, x and then y on level 0. */
export type Places = Int32Array;

export const photosIn = ({
  across,
  down,
  divisions,
}: Slidedat): { readonly across: number; readonly down: number } => ({
  across: Math.floor(across / divisions),
  down: Math.floor(down / divisions),
});

export const placesBytes = (slide: Slidedat): number => photosIn(slide).across * photosIn(slide).down * PLACE_BYTES;

/** @param bytes as many as `placesBytes` says */
export function placesIn(bytes: Uint8Array, slide: Slidedat): Places {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const concat = slide.zooms[0]?.concat ?? 1;
  const count = Math.floor(bytes.length / PLACE_BYTES);
  const places = new Int32Array(count * 2);
  for (let i = 0; i < count; i++) {
    places[2 * i] = view.getInt32(i * PLACE_BYTES + 1, true) * concat;
    places[2 * i + 1] = view.getInt32(i * PLACE_BYTES + 5, true) * concat;
  }
  return places;
}

/** Where no place is said: side by side with the overlap that is meant. */
export function nominalPlaces(slide: Slidedat): Places {
  const { across, down } = photosIn(slide);
  const { width = 0, height = 0 } = slide.zooms[0] ?? {};
  return Int32Array.from({ length: across * down * 2 }, (_, i) => {
    const photo = i >> 1;
    return i % 2 === 0
      ? (photo % across) * (width * slide.divisions - slide.overlap.x)
      : Math.floor(photo / across) * (height * slide.divisions - slide.overlap.y);
  });
}

/** How large level 0 is meant to be, before it is made smaller. */
export function sizeOf({ across, down, divisions, overlap, zooms }: Slidedat): { width: number; height: number } {
  const { width = 0, height = 0 } = zooms[0] ?? {};
  const along = (count: number, side: number, shared: number): number =>
    Math.floor(count * side - Math.floor((count - 1) / divisions) * shared);
  return { width: along(across, width, overlap.x), height: along(down, height, overlap.y) };
}

/** How many parts, to a side, an image of a level is cut into. */
export const partsOf = ({ concat }: Zoom, { divisions }: Slidedat): number =>
  Math.max(1, Math.floor(concat / divisions));

/**
 * The pieces of a level, in the order of their images.
 * @param held the photos that level 0 holds: others are empty on the levels below too. Filled here where it is level 0
 * @throws Error that says what is wrong, as the end of "whose Index.dat …"
 */
export function piecesOf(
  images: readonly StoredImage[],
  zoom: Zoom,
  slide: Slidedat,
  places: Places,
  held: Set<number>,
): Piece[] {
  const { across, down, divisions, zooms } = slide;
  const [base] = zooms;
  const photos = photosIn(slide);
  const parts = partsOf(zoom, slide);
  const [width, height] = [zoom.width / parts, zoom.height / parts];
  const pieces: Piece[] = [];
  for (const image of images) {
    const [left, top] = [image.index % across, Math.floor(image.index / across)];
    if (!(image.index >= 0 && top < down) || left % zoom.concat !== 0 || top % zoom.concat !== 0)
      throw new Error(`places an image at ${left}, ${top}, where none can be`);
    for (let v = 0; v < parts && top + v * divisions < down; v++) {
      for (let u = 0; u < parts && left + u * divisions < across; u++) {
        const [col, row] = [left + u * divisions, top + v * divisions];
        const [photoX, photoY] = [Math.floor(col / divisions), Math.floor(row / divisions)];
        const photo = photoY * photos.across + photoX;
        if (photoX >= photos.across || photoY >= photos.down) continue;
        const [placeX = 0, placeY = 0] = [places[2 * photo], places[2 * photo + 1]];
        if (zoom === base) {
          if (placeX === 0 && placeY === 0 && photo > 0) continue; // nothing was scanned there
          held.add(photo);
        } else if (!held.has(photo)) continue;
        const x = placeX + (base?.width ?? 0) * (col - photoX * divisions);
        const y = placeY + (base?.height ?? 0) * (row - photoY * divisions);
        pieces.push({
          x: Math.round(x / zoom.concat),
          y: Math.round(y / zoom.concat),
          width,
          height,
          image,
          fromX: u * width,
          fromY: v * height,
        });
      }
    }
  }
  return pieces;
}

/** The pieces under each cell of a grid, told by its column and row. */
export function piecesByCell(pieces: readonly Piece[], side: number, level: { width: number; height: number }) {
  const columns = Math.ceil(level.width / side);
  const rows = Math.ceil(level.height / side);
  const cells = new Map<number, Piece[]>();
  for (const piece of pieces) {
    const right = Math.min(columns - 1, Math.floor((piece.x + piece.width - 1) / side));
    const bottom = Math.min(rows - 1, Math.floor((piece.y + piece.height - 1) / side));
    for (let row = Math.max(0, Math.floor(piece.y / side)); row <= bottom; row++) {
      for (let col = Math.max(0, Math.floor(piece.x / side)); col <= right; col++) {
        const cell = cells.get(row * columns + col);
        if (cell) cell.push(piece);
        else cells.set(row * columns + col, [piece]);
      }
    }
  }
  return (col: number, row: number): readonly Piece[] => cells.get(row * columns + col) ?? [];
}

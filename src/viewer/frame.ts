// Where the slide lies on screen: one similarity between level-0 px and CSS px of the element.
import type { Point, Rect } from '#units/rect.ts';
import { intersect } from '#units/rect.ts';

export interface Frame {
  readonly centre: Point; //    level-0 px at the middle of the element
  readonly zoom: number; //     CSS px a level-0 px
  readonly rotation: number; // degrees clockwise
  readonly flipped?: boolean; // left to right on screen, after the rotation
  readonly width: number; //    CSS px of the element
  readonly height: number;
}

const turn = (degrees: number): { cos: number; sin: number } => {
  const quarter = ((degrees % 360) + 360) % 360;
  if (quarter === 0) return { cos: 1, sin: 0 };
  if (quarter === 90) return { cos: 0, sin: 1 };
  if (quarter === 180) return { cos: -1, sin: 0 };
  if (quarter === 270) return { cos: 0, sin: -1 };
  return { cos: Math.cos((degrees * Math.PI) / 180), sin: Math.sin((degrees * Math.PI) / 180) };
};

const mirror = ({ flipped }: Frame): 1 | -1 => (flipped ? -1 : 1);

/** Level-0 px to CSS px. */
export function toScreen(frame: Frame, x: number, y: number): Point {
  const { cos, sin } = turn(frame.rotation);
  const dx = (x - frame.centre.x) * frame.zoom;
  const dy = (y - frame.centre.y) * frame.zoom;
  return { x: frame.width / 2 + mirror(frame) * (dx * cos - dy * sin), y: frame.height / 2 + dx * sin + dy * cos };
}

/** CSS px to level-0 px: the inverse of `toScreen`. */
export function toSlide(frame: Frame, x: number, y: number): Point {
  const { cos, sin } = turn(frame.rotation);
  const dx = (mirror(frame) * (x - frame.width / 2)) / frame.zoom;
  const dy = (y - frame.height / 2) / frame.zoom;
  return { x: frame.centre.x + dx * cos + dy * sin, y: frame.centre.y - dx * sin + dy * cos };
}

/**
 * The canvas transform (a, b, c, d, e, f) from level-0 px, counted from `origin`, to device px. An origin near the view
 * keeps coordinates small: canvases compute in 32-bit floats.
 */
export function transformOf(
  frame: Frame,
  origin: Point,
  pixelRatio: number,
): [number, number, number, number, number, number] {
  const { cos, sin } = turn(frame.rotation);
  const scale = frame.zoom * pixelRatio;
  const at = toScreen(frame, origin.x, origin.y);
  const across = mirror(frame) * scale;
  return [cos * across, sin * scale, -sin * across, cos * scale, at.x * pixelRatio, at.y * pixelRatio];
}

/** The bounding box of points, e.g. of a turned rectangle's corners. */
export function boundsOf(points: readonly Point[]): Rect {
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  const x = Math.min(...xs);
  const y = Math.min(...ys);
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** The four corners of what is on screen, level-0 px, clockwise from the element's top left. */
export const cornersOnSlide = (frame: Frame): readonly Point[] => [
  toSlide(frame, 0, 0),
  toSlide(frame, frame.width, 0),
  toSlide(frame, frame.width, frame.height),
  toSlide(frame, 0, frame.height),
];

/** The level-0 bounding box of what is on screen, glass around the slide included. */
export const boxOnSlide = (frame: Frame): Rect => boundsOf(cornersOnSlide(frame));

/** The same, clipped to a slide of that size. */
export const visibleRect = (frame: Frame, widthPx: number, heightPx: number): Rect =>
  intersect(boxOnSlide(frame), { x: 0, y: 0, width: widthPx, height: heightPx });

/** True where the whole slide is on screen, half a CSS px of tolerance. */
export function showsAll(frame: Frame, widthPx: number, heightPx: number): boolean {
  const corners = [
    toScreen(frame, 0, 0),
    toScreen(frame, widthPx, 0),
    toScreen(frame, widthPx, heightPx),
    toScreen(frame, 0, heightPx),
  ];
  return corners.every(({ x, y }) => x >= -0.5 && y >= -0.5 && x <= frame.width + 0.5 && y <= frame.height + 0.5);
}

export const sameFrame = (a: Frame, b: Frame): boolean =>
  a.centre.x === b.centre.x &&
  a.centre.y === b.centre.y &&
  a.zoom === b.zoom &&
  a.rotation === b.rotation &&
  a.flipped === b.flipped &&
  a.width === b.width &&
  a.height === b.height;

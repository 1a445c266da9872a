// Units and coordinate frames. One frame everywhere: level-0 pixels, x right, y down, centre of the first pixel at
// (0.5, 0.5). Unit casts live in this room and nowhere else.
declare const unit: unique symbol;
type Unit<U extends string> = number & { readonly [unit]: U };

/** A length or coordinate in level-0 pixels. */
export type Level0Px = Unit<'px at level 0'>;
/** Micrometres. */
export type Um = Unit<'µm'>;
/** Micrometres a pixel of the stated grid (a slide's level 0, or a model's input). */
export type Mpp = Unit<'µm per pixel'>;

export const level0Px = (n: number): Level0Px => n as Level0Px;
export const mpp = (n: number): Mpp => n as Mpp;

/** Pixel size along both axes: scanners may differ in x and y. */
export interface MppXY {
  readonly x: Mpp;
  readonly y: Mpp;
}

export const umOf = (length: Level0Px, at: Mpp): Um => (length * at) as Um;

/** One number for square-pixel arithmetic (areas stay exact): the geometric mean of both axes. */
export const meanMpp = (at: MppXY): Mpp => Math.sqrt(at.x * at.y) as Mpp;

/** Objective magnification that a pixel size corresponds to, by the convention 10 µm·× (0.5 µm a pixel is 20×). */
export const magnificationOf = (at: Mpp): number => 10 / at;

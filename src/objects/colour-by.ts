// Objects coloured by a measure instead of their class.
import type { ObjectKind } from './columns.ts';

/** After a change: a new object. */
export interface ColourBy {
  readonly kind: ObjectKind;
  readonly name: string; //                        as a legend says it: 'Area'
  readonly unit: string; //                        'µm²'; '' where it has none
  readonly values: Float32Array<ArrayBuffer>; //   [count] of the columns' rows, lent; NaN: in the colour of 'not known'
  readonly low: number; //                         what the first and the last step of the colour map stand for:
  readonly high: number; //                        values beyond take the end's colour
  readonly hasMean: boolean; //                    false where a mean of several says nothing, as of angles
  readonly version: number; //                     of the object store that the rows belong to
}

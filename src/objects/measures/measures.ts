// What is known of each object, as columns by name.
import type { ObjectKind } from '../columns.ts';

/** Row i of every column is object i of the store's columns at `version`. Lent: copies leave the house. */
export interface Measures {
  readonly kind: ObjectKind;
  readonly version: number; //            of the object store
  readonly count: number;
  readonly names: readonly string[]; //   as filters and files write them: 'area', 'major_axis', 'distance_to_stroma'
  readonly units: readonly string[]; //   by name: 'µm²', 'px²' where the slide is uncalibrated, '°'; '' without a unit
  readonly columns: Readonly<Record<string, Float32Array<ArrayBuffer>>>; // [count]; NaN: not known of this object
}

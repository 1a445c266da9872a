// What of the measures shows: plain values. The columns are the session's.
import { createStore } from 'zustand/vanilla';
import type { FilterFault } from '#objects/filter/tokens.ts';
import type { StainVectors } from '#objects/measures/stains.ts';
import type { ObjectLayer } from '../stores/layers-store.ts';

export interface MeasuresState {
  readonly kind: ObjectLayer; //                        in the table and in the plots
  readonly classIndex: number | undefined; //           only this class in the plots; undefined: all
  readonly plot: 'histogram' | 'scatter' | 'classes' | 'density';
  readonly measure: string; //                          of the histogram, and across the scatter plot
  readonly against: string; //                          up the scatter plot
  readonly filter: string; //                           as written in the table's box
  readonly fault: FilterFault | undefined; //           what is wrong with it
  readonly brushedBy: string | undefined; //            the filter that chose the brushed objects
  readonly colouredBy: Readonly<Partial<Record<ObjectLayer, string>>>;
  readonly working: { readonly what: string; readonly share: number | undefined } | undefined;
  readonly problem: string | undefined;
  readonly vectors: StainVectors;
  readonly vectorsFrom: 'published' | 'slide' | 'hand';
  readonly version: number; //                          grows when measures may have changed
}

export const createMeasuresStore = (vectors: StainVectors) =>
  createStore<MeasuresState>(() => ({
    kind: 'nuclei',
    classIndex: undefined,
    plot: 'histogram',
    measure: 'area',
    against: 'circularity',
    filter: '',
    fault: undefined,
    brushedBy: undefined,
    colouredBy: {},
    working: undefined,
    problem: undefined,
    vectors,
    vectorsFrom: 'published',
    version: 0,
  }));
export type MeasuresStore = ReturnType<typeof createMeasuresStore>;

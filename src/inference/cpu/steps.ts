// A planned network: steps over one memory, each cut into units that any thread may compute, in any order within a step.
// Plain data, so that it crosses to other threads. What a unit gives does not depend on who computes it.
import { type ProductStep, product, type SquaresStep, squares, type WinogradStep, winograd } from './conv-steps.ts';
import type { Kernels } from './kernels.ts';
import {
  type CopyStep,
  copy,
  type EnterStep,
  enter,
  type PoolStep,
  pool,
  type ResizeStep,
  resize,
} from './map-steps.ts';
import { type PlanesStep, planes, type SharesStep, shares } from './output-steps.ts';

export type Step =
  | EnterStep
  | WinogradStep
  | ProductStep
  | SquaresStep
  | PoolStep
  | ResizeStep
  | CopyStep
  | SharesStep
  | PlanesStep;

export interface Work {
  readonly units: number;
  readonly scratch: number; // bytes
  /** @param scratch an address of as many bytes, of the thread alone */
  compute(kernels: Kernels, unit: number, scratch: number): void;
}

export function workOf(step: Step): Work {
  switch (step.kind) {
    case 'enter':
      return bound(enter, step);
    case 'winograd':
      return bound(winograd, step);
    case 'product':
      return bound(product, step);
    case 'squares':
      return bound(squares, step);
    case 'pool':
      return bound(pool, step);
    case 'resize':
      return bound(resize, step);
    case 'copy':
      return bound(copy, step);
    case 'shares':
      return bound(shares, step);
    case 'planes':
      return bound(planes, step);
  }
}

interface Doing<S> {
  units(step: S): number;
  scratch(step: S): number;
  compute(kernels: Kernels, step: S, unit: number, scratch: number): void;
}

const bound = <S>(doing: Doing<S>, step: S): Work => ({
  units: doing.units(step),
  scratch: doing.scratch(step),
  compute: (kernels, unit, scratch) => doing.compute(kernels, step, unit, scratch),
});

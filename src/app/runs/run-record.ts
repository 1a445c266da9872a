// What is kept of a run beside its patches: the app's part of its header, and the header as a line of the list.
import type { PlannedPatch } from '#analysis/plan.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import type { LoadedModel } from '#inference/model.ts';
import { intersect, type Rect } from '#units/rect.ts';
import type { Json, FailedPatch as KeptFailure, RunHeader } from '../kept-runs/kept-runs.ts';
import type { RegionChoice } from '../stores/run-store.ts';
import type { FailedPatch } from './runs-api.ts';

/** The app's own part of a header. */
export interface More {
  readonly choice: RegionChoice;
  readonly address: string | undefined; //             the slide can be opened from there without the user
  readonly attention: string; //                       the attention model beside it, 'chosen' or 'none'
  readonly corePx: readonly [number, number]; //       of a whole core, level-0 px
  readonly slidePx: readonly [number, number]; //      of level 0
  readonly together: string | undefined; //            the run whose tiles it shares, or that shares its own: of the first
}

const CHOICES: readonly RegionChoice[] = ['view', 'rectangle', 'tissue'];

export const moreToJson = ({ choice, address, attention, corePx, slidePx, together }: More): Json => ({
  choice,
  address: address ?? null,
  attention,
  corePx,
  slidePx,
  together: together ?? null,
});

/** What cannot be read is as it was never written: a run of another version still can be listed and removed. */
export function moreFromJson(json: Json | undefined): More {
  const field = (key: string): unknown =>
    typeof json === 'object' && json !== null ? Reflect.get(json, key) : undefined;
  const text = (key: string): string | undefined => {
    const value = field(key);
    return typeof value === 'string' ? value : undefined;
  };
  const pair = (key: string): readonly [number, number] => {
    const value = field(key);
    const [x, y]: unknown[] = Array.isArray(value) ? value : [];
    return typeof x === 'number' && typeof y === 'number' ? [x, y] : [0, 0];
  };
  return {
    choice: CHOICES.find((choice) => choice === field('choice')) ?? 'rectangle',
    address: text('address'),
    attention: text('attention') ?? 'none',
    corePx: pair('corePx'),
    slidePx: pair('slidePx'),
    together: text('together'),
  };
}

/** A failed patch as its note says it, on the slide again. */
export function failedOf({ more }: RunHeader, { col, row, why }: KeptFailure): FailedPatch {
  const { corePx, slidePx } = moreFromJson(more);
  const core = { x: col * corePx[0], y: row * corePx[1], width: corePx[0], height: corePx[1] };
  return { core: intersect(core, { x: 0, y: 0, width: slidePx[0], height: slidePx[1] }), why };
}

/** And the other way round. */
export const keptFailure = (core: Rect, why: string, attempts: number, corePx: More['corePx']): KeptFailure => ({
  col: Math.round(core.x / (corePx[0] || 1)),
  row: Math.round(core.y / (corePx[1] || 1)),
  attempts,
  why,
});

/** Of a whole core, level-0 px: those at the slide's edge are cut. */
export function corePxOf(patch: PlannedPatch | undefined): readonly [number, number] {
  if (!patch) return [0, 0];
  const { size, margin, pxX, pxY } = patch.frame;
  return [(size - 2 * margin) * pxX, (size - 2 * margin) * pxY];
}

/** What computes, with what changes its numbers. */
export const deviceOf = ({ report }: LoadedModel): string =>
  report.trust.precision === 'fp16' ? `${report.device} fp16` : report.device;

export const modelOf = ({ id, sha256 }: PatchManifest): RunHeader['model'] => ({ id, sha256 });

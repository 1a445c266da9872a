// What post-processing is asked, in the tab's workers and inline alike.
import { movable } from '#channel/movable.ts';
import type { ModelClass, NucleiPostprocess } from '#inference/manifest.ts';
import { buffersOf, type ObjectColumns } from '#objects/columns.ts';
import type { Rect } from '#units/rect.ts';
import type { CoreAt } from './core-at.ts';
import type { CoarseMaps, CoreMap } from './core-map.ts';
import type { PatchFrame } from './frame.ts';
import type { GlandSettings } from './gland-settings.ts';
import type { LargeColumns, MosaicSetup } from './large.ts';
import type { TypeMap } from './nuclei-columns.ts';
import type { PoolTask } from './pool.ts';

/** The nuclei of one patch. The maps are taken over. */
export interface NucleiTask {
  readonly frame: PatchFrame;
  readonly owned: Rect; //                       level-0 px: nuclei with their centroid here are this patch's
  readonly packed: Int32Array; //                [side × side] background + 256 inner + 65536 contour
  readonly side: number;
  readonly types: TypeMap | undefined;
  readonly classes: readonly ModelClass[];
  readonly settings: NucleiPostprocess;
}

/** What the mosaic of glands and lumina takes of a patch. The maps are taken over. */
export interface CoreTask {
  readonly frame: PatchFrame;
  readonly maps: CoarseMaps;
  readonly stride: number; // model px a pixel of the maps
  readonly settings: GlandSettings;
}

/** One patch, all that is made of its maps in one go. */
export interface PatchTask {
  readonly nuclei: NucleiTask | undefined;
  readonly core: CoreTask | undefined;
}

/** The caller's own; undefined where it was not asked for. */
export interface PatchFound {
  readonly nuclei: ObjectColumns | undefined;
  readonly core: CoreMap | undefined;
  readonly maps: readonly ArrayBufferLike[]; // what those of the task lay in: nobody reads it any more
}

/** Calls of the worker. A mosaic is named by a number of the caller's. */
export type PostprocessCalls = {
  patch: { in: PatchTask; out: PatchFound };
  pool: { in: PoolTask; out: Float32Array<ArrayBuffer> };
  openMosaic: { in: { mosaic: number; setup: MosaicSetup }; out: undefined };
  addCore: { in: { mosaic: number; col: number; row: number; core: CoreMap }; out: undefined };
  skipCore: { in: { mosaic: number; col: number; row: number }; out: undefined };
  wantedCores: { in: { mosaic: number; region: Rect }; out: readonly CoreAt[] };
  collect: { in: { mosaic: number; final: boolean }; out: LargeColumns };
  closeMosaic: { in: { mosaic: number }; out: undefined };
};

/** What moves with a core. Several columns may lie in one buffer. */
export const buffersOfCore = (core: CoreMap): ArrayBuffer[] => [...new Set(viewsIn(core).map(({ buffer }) => buffer))];

function viewsIn(part: unknown): ArrayBufferView<ArrayBuffer>[] {
  if (isView(part)) return [part];
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return [];
  return Object.values(part).flatMap(viewsIn);
}

const isView = (part: unknown): part is ArrayBufferView<ArrayBuffer> =>
  ArrayBuffer.isView(part) && part.buffer instanceof ArrayBuffer;

/** What moves with what was found: memory that is shared stays where it is, as below. */
export const buffersOfFound = ({ nuclei, core, maps }: PatchFound): ArrayBuffer[] => [
  ...(nuclei ? buffersOf(nuclei) : []),
  ...(core ? buffersOfCore(core) : []),
  ...movable(maps),
];

export const buffersOfPool = ({ features }: PoolTask): ArrayBuffer[] => movable([features.buffer]);

/** What moves with a task. */
export const buffersOfTask = (task: PatchTask): ArrayBuffer[] => movable(memoryOf(task));

/** What the maps of a task lie in. */
export function memoryOf({ nuclei, core }: PatchTask): ArrayBufferLike[] {
  const maps = [nuclei?.packed, nuclei?.types?.packed, core?.maps.glands, core?.maps.lumina];
  return [...new Set(maps.flatMap((map) => map?.buffer ?? []))];
}

import { assert } from '#errors/failure.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { bottom as bottomOf, type Rect, right } from '#units/rect.ts';
import type { CoreAt } from './core-at.ts';
import { type CoreMap, coreMapOf } from './core-map.ts';
import type { PatchFrame } from './frame.ts';
import { type LargeColumns, LargeObjects, type MosaicSetup } from './large.ts';
import { createNucleiSegmenter, type NucleiSegmenter } from './nuclei.ts';
import { nucleiColumns } from './nuclei-columns.ts';
import { memoryOf, type NucleiTask, type PatchFound, type PatchTask } from './tasks.ts';

/** Patches on one thread, one after the other: buffers are kept from one to the next. */
export function createPatchSteps(): (task: PatchTask) => PatchFound {
  const segment = createNucleiSegmenter();
  return ({ nuclei, core }) => ({
    nuclei: nuclei && nucleiOf(segment, nuclei),
    core: core && coreMapOf(core.maps, core.frame, core.stride, core.settings),
    maps: memoryOf({ nuclei, core }),
  });
}

function nucleiOf(segment: NucleiSegmenter, task: NucleiTask): ObjectColumns {
  const { frame, owned, packed, side, types, classes, settings } = task;
  const mpp = (frame.mpp * frame.size) / side; // of the map
  clearBeyondSlide(packed, side, frame);
  const found = segment(packed, side, side, mpp, settings);
  return nucleiColumns(found, types, frame, owned, classes, settings);
}

/** What the network saw beyond the slide's edge was made up: no nucleus reaches there. */
function clearBeyondSlide(packed: Int32Array, side: number, { x, y, pxX, pxY, size, slide }: PatchFrame): void {
  const pixel = size / side;
  const first = (from: number, at: number, px: number): number =>
    Math.max(0, Math.ceil((from - at) / (px * pixel) - 0.5));
  const [left, top] = [first(slide.x, x, pxX), first(slide.y, y, pxY)];
  const [end, bottom] = [first(right(slide), x, pxX), first(bottomOf(slide), y, pxY)];
  for (let row = 0; row < side; row++) {
    const at = row * side;
    if (row < top || row >= bottom) packed.fill(0, at, at + side);
    else {
      packed.fill(0, at, at + Math.min(left, side));
      packed.fill(0, at + Math.min(end, side), at + side);
    }
  }
}

/** The mosaics of one thread, by the caller's number. */
export class Mosaics {
  readonly #open = new Map<number, LargeObjects>();

  open(mosaic: number, setup: MosaicSetup): void {
    this.#open.set(mosaic, new LargeObjects(setup));
  }

  /** Takes the map over. */
  add(mosaic: number, col: number, row: number, core: CoreMap): void {
    this.#at(mosaic).add(col, row, core);
  }

  skip(mosaic: number, col: number, row: number): void {
    this.#at(mosaic).skip(col, row);
  }

  wanted(mosaic: number, region: Rect): readonly CoreAt[] {
    return this.#at(mosaic).wanted(region);
  }

  collect(mosaic: number, final: boolean): LargeColumns {
    return this.#at(mosaic).collect(final);
  }

  close(mosaic: number): void {
    this.#open.delete(mosaic);
  }

  #at(mosaic: number): LargeObjects {
    const found = this.#open.get(mosaic);
    assert(found, `There is no mosaic ${mosaic}.`);
    return found;
  }
}

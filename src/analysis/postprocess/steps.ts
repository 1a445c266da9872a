import { assert } from '#errors/failure.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { bottom as bottomOf, type Rect, right } from '#units/rect.ts';
import { coreMapOf } from './core-map.ts';
import type { PatchFrame } from './frame.ts';
import { type CoreAt, type LargeColumns, LargeObjects, type MosaicSetup } from './large.ts';
import { segmentNuclei } from './nuclei.ts';
import { nucleiColumns } from './nuclei-columns.ts';
import type { CoreTask, NucleiTask } from './tasks.ts';

export function nucleiOf({ frame, owned, packed, side, types, classes, settings }: NucleiTask): ObjectColumns {
  const mpp = (frame.mpp * frame.size) / side; // of the map
  clearBeyondSlide(packed, side, frame);
  const found = segmentNuclei(packed, side, side, mpp, settings);
  return nucleiColumns(found, types, frame, owned, classes, settings.minAreaUm2);
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
  readonly #open = new Map<number, { readonly setup: MosaicSetup; readonly objects: LargeObjects }>();

  open(mosaic: number, setup: MosaicSetup): void {
    this.#open.set(mosaic, { setup, objects: new LargeObjects(setup) });
  }

  add(mosaic: number, { frame, maps, stride }: CoreTask): void {
    const { setup, objects } = this.#at(mosaic);
    objects.add(frame.col, frame.row, coreMapOf(maps, frame, stride, setup.glands));
  }

  skip(mosaic: number, col: number, row: number): void {
    this.#at(mosaic).objects.skip(col, row);
  }

  wanted(mosaic: number, region: Rect): readonly CoreAt[] {
    return this.#at(mosaic).objects.wanted(region);
  }

  collect(mosaic: number, final: boolean): LargeColumns {
    return this.#at(mosaic).objects.collect(final);
  }

  close(mosaic: number): void {
    this.#open.delete(mosaic);
  }

  #at(mosaic: number): { readonly setup: MosaicSetup; readonly objects: LargeObjects } {
    const found = this.#open.get(mosaic);
    assert(found, `There is no mosaic ${mosaic}.`);
    return found;
  }
}

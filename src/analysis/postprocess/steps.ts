import { assert } from '#errors/failure.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { coreMapOf } from './core-map.ts';
import { type LargeColumns, LargeObjects, type MosaicSetup } from './large.ts';
import { segmentNuclei } from './nuclei.ts';
import { nucleiColumns } from './nuclei-columns.ts';
import type { CoreTask, NucleiTask } from './tasks.ts';

export function nucleiOf({ frame, owned, packed, side, types, classes, settings }: NucleiTask): ObjectColumns {
  const mpp = (frame.mpp * frame.size) / side; // of the map
  const found = segmentNuclei(packed, side, side, mpp, settings);
  return nucleiColumns(found, types, frame, owned, classes, settings.minAreaUm2);
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

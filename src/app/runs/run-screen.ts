// Where what a run finds becomes visible: the slide on screen, or nowhere while another slide is looked at.
import type { PatchManifest } from '#inference/manifest.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import type { GridPatch } from '#objects/grid.ts';
import type { Point, Rect } from '#units/rect.ts';
import type { RunAreas, Viewer } from '#viewer/viewer-api.ts';
import type { FoundObjects, RunRegion } from '../found-objects.ts';
import type { EndedRun } from '../stores/run-store.ts';
import { notify } from '../stores/window-store.ts';
import type { Stores } from '../stores.ts';
import { restOfPatches } from './patch-rest.ts';

export interface FinishedPatch {
  readonly core: Rect; //      level-0 px
  readonly finished: Rect; //  the part of it that was asked for
  readonly region: RunRegion;
  readonly nuclei: ObjectColumns | undefined;
  readonly tissue: GridPatch | undefined;
}

export interface RunScreen {
  begin(manifest: PatchManifest): void;
  patch(found: FinishedPatch): void;
  /** Nuclei of a small window, until the patches over it are finished. */
  preview(core: Rect, nuclei: ObjectColumns): void;
  large(found: { readonly glands: ObjectColumns; readonly lumina: ObjectColumns }): void;
  areas(areas: RunAreas): void;
  say(sentence: string): void;
  warn(sentence: string): void;
  ended(ended: EndedRun): void;
  /** No more comes of this run. */
  end(): void;
  viewCentre(): Point;
  viewRect(): Rect | undefined;
}

/** Whole cores of the patches finished on the slide on screen, by their place. */
export type Cores = Map<string, Rect>;

export const onScreen = (found: FoundObjects, viewer: Viewer, stores: Stores, cores: Cores): RunScreen => ({
  begin: (manifest) => found.beginRun(manifest),
  patch: ({ core, finished, region, nuclei, tissue }) => {
    cores.set(`${core.x},${core.y}`, core);
    found.commitPatch(finished, region, { nuclei, tissue }, restOfPatches());
  },
  preview: (core, nuclei) => found.preview(core, nuclei),
  large: (of) => found.replaceLarge(of, restOfPatches()),
  areas: (areas) => viewer.setRun(areas),
  say: (announcement) => stores.window.setState({ announcement }),
  warn: (text) => notify(stores.window, { text, tone: 'warn' }),
  ended: (ended) => stores.run.setState({ ended }),
  end: () => found.endRun(),
  viewCentre: () => viewer.view().centre,
  viewRect: () => viewer.visibleRect(),
});

const nothing = (): undefined => undefined;

/** @param centre of what is analysed, level-0 px: the run goes outward from there */
export const behindScreen = (centre: Point): RunScreen => ({
  begin: nothing,
  patch: nothing,
  preview: nothing,
  large: nothing,
  areas: nothing,
  say: nothing,
  warn: nothing,
  ended: nothing,
  end: nothing,
  viewCentre: () => centre,
  viewRect: nothing,
});

/** Shown as it comes, and not summed up: it has no end to speak of. */
export const quietly = (screen: RunScreen): RunScreen => ({ ...screen, say: nothing, warn: nothing, ended: nothing });

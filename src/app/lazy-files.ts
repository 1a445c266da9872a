// The door to files of objects: its code is loaded when it is first needed. Annotations of before are looked up with each slide.
import type { Viewer } from '#viewer/viewer-api.ts';
import { FileJobs } from './file-job.ts';
import type { FileDesk } from './files/file-desk.ts';
import type { FoundObjects } from './found-objects.ts';
import type { LazyAttention } from './lazy-attention.ts';
import type { LazyCompare } from './lazy-compare.ts';
import type { LearningDoor } from './lazy-learn.ts';
import type { LazyMeasures } from './lazy-measures.ts';
import { once } from './once.ts';
import type { SlideSession } from './slide-session.ts';
import type { Stores } from './stores.ts';

export interface LazyFiles {
  desk(): Promise<FileDesk>;
  readonly jobs: FileJobs; // that go on
}

export interface FilesNeeds {
  readonly slides: SlideSession;
  readonly stores: Stores;
  readonly found: FoundObjects;
  readonly measures: LazyMeasures;
  readonly viewer: Viewer;
  readonly attention: LazyAttention;
  readonly compared: LazyCompare;
  readonly learning: LearningDoor;
}

const LOOK_AFTER_MS = 300; // once a slide is on screen: its first tiles go first

export function lazyFiles(needs: FilesNeeds): LazyFiles {
  let isLoaded = false;
  const desk = once(async () => {
    const { FileDesk } = await import('./files/file-desk.ts');
    isLoaded = true;
    return new FileDesk(needs);
  });
  let looking: ReturnType<typeof setTimeout> | undefined;
  needs.stores.slide.subscribe(({ open }, { open: before }) => {
    if (open?.id === before?.id) return;
    clearTimeout(looking);
    if (!open) return;
    looking = setTimeout(() => {
      void isAnyKept()
        .then(async (isAny) => (isAny || isLoaded ? (await desk()).lookUp() : undefined))
        .catch((thrown: unknown) => console.warn('Annotations of before could not be looked up:', thrown));
    }, LOOK_AFTER_MS);
  });
  return { desk, jobs: new FileJobs(needs.stores.window) };
}

/** Whether annotations were ever kept: before that, there is nothing to load the code for. */
async function isAnyKept(): Promise<boolean> {
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await (await root.getDirectoryHandle('eosin')).getDirectoryHandle('annotations');
    return !(await folder.keys().next()).done;
  } catch {
    return false; // no such folder, or no files of its own
  }
}

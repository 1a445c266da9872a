// Slides of folders, or several files: what has the name of one. Those of a folder in the order of names.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { HeldFile, RunSource } from './run-source.ts';
import type { SlideSources } from './runs-api.ts';

/** Of slides that are one file each. Those of several (DICOM, MIRAX, OME-Zarr) are opened one by one. */
const SLIDE_NAMES = /\.(svs|tiff?|btf|tf[28]|ndpi|scn|bif|qptiff|png|jpe?g|webp)$/i;
const SAID = 'svs, tif, ndpi, scn, bif, qptiff, png, jpg';
const DEEPEST = 8; // folders within folders

type Given = Exclude<SlideSources, FileSystemDirectoryHandle>[number];

/** @throws EosinError BadInput where there is none; the signal's reason */
export async function sourcesOf(given: SlideSources, waits: Waits): Promise<readonly RunSource[]> {
  if ('kind' in given) {
    const files = await filesIn(given, waits);
    if (files.length > 0) return files;
    throw none(`the folder ${given.name} holds no file named like a slide (${SAID})`);
  }
  const sources: RunSource[] = [];
  for (const one of given) sources.push(...(await sourcesIn(one, waits)));
  if (sources.length > 0) return sources;
  throw none(given.length === 0 ? 'nothing was given' : `no file is named like a slide (${SAID})`);
}

async function sourcesIn(given: Given, waits: Waits): Promise<readonly RunSource[]> {
  if (typeof given === 'string') return [given];
  if (!('kind' in given)) return given instanceof File && !SLIDE_NAMES.test(given.name) ? [] : [given];
  if (given.kind === 'directory') return filesIn(given, waits);
  return SLIDE_NAMES.test(given.name) ? [{ handle: given, folder: undefined }] : [];
}

async function filesIn(folder: FileSystemDirectoryHandle, waits: Waits): Promise<HeldFile[]> {
  const files: HeldFile[] = [];
  const waiting = [{ within: folder, deep: 0 }];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    for await (const handle of next.within.values()) {
      waits.signal.throwIfAborted();
      if (handle.kind === 'file') {
        if (SLIDE_NAMES.test(handle.name)) files.push({ handle, folder });
      } else if (next.deep < DEEPEST) waiting.push({ within: handle, deep: next.deep + 1 });
    }
  }
  return files.sort((a, b) => a.handle.name.localeCompare(b.handle.name, 'en', { numeric: true }));
}

const todo =
  'Choose slide files, or a folder of them; a slide of several files (DICOM, MIRAX, OME-Zarr) is opened by itself.';
const none = (seen: string): EosinError => new EosinError({ tag: 'BadInput', what: 'The slides', seen, todo });

// Slides of a folder, or of several files: what has the name of one, in the order of names.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { SlideSources } from './runs-api.ts';

const SLIDE_NAMES = /\.(svs|tiff?|ome\.tiff?|png|jpe?g)$/i; // what slide/formats.ts reads
const DEEPEST = 8; // folders within folders

/** @throws EosinError BadInput where there is none; the signal's reason */
export async function sourcesOf(given: SlideSources, waits: Waits): Promise<readonly (string | Blob)[]> {
  if ('entries' in given && !Array.isArray(given) && 'kind' in given) {
    const files = await filesIn(given, DEEPEST, waits);
    if (files.length > 0) return files.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    throw none(`the folder ${given.name} holds no file named like a slide (svs, tif, tiff, png, jpg)`);
  }
  const sources = [...given].filter((source) => !(source instanceof File) || SLIDE_NAMES.test(source.name));
  if (sources.length > 0) return sources;
  throw none(given.length === 0 ? 'nothing was given' : 'no file is named like a slide (svs, tif, tiff, png, jpg)');
}

async function filesIn(folder: FileSystemDirectoryHandle, deep: number, waits: Waits): Promise<File[]> {
  const files: File[] = [];
  for await (const handle of folder.values()) {
    waits.signal.throwIfAborted();
    if (handle.kind === 'file') {
      if (SLIDE_NAMES.test(handle.name)) files.push(await handle.getFile());
    } else if (deep > 0) files.push(...(await filesIn(handle, deep - 1, waits)));
  }
  return files;
}

const none = (seen: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: 'The slides', seen, todo: 'Choose slide files, or a folder of them.' });

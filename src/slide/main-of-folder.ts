// Which file of a folder is the slide, and what lies beside it.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { type ByteSource, FIRST_BYTES } from './byte-source.ts';
import { mayBeWholeSlide } from './dicom/instance.ts';
import { type Folder, folderOfFiles, folderOfHandle, within } from './folder.ts';
import { isDicom } from './formats/dicom-magic.ts';
import { companionsIn, type NamedSlide, slidesAmong } from './formats/ome-folder.ts';
import { isHidden, isNamedDicom, isNamedOneFile, isNamedPicture, isNamedSlide } from './slide-names.ts';

/** OME-Zarr is told by these files, whichever is there: version 0.4 has the first, 0.5 the second. */
const ZARR = ['.zattrs', 'zarr.json'] as const;
const SLIDEDAT = 'Slidedat.ini'; // somebody opened the folder of a MIRAX slide, without its preview

export interface Main {
  readonly source: ByteSource;
  readonly beside: Folder; // the folder that it lies in
}

/** @throws EosinError BadInput when the folder holds several slides, or none; NotASlide for an address that is none */
export async function mainOf(folder: Folder, waits: Waits): Promise<Main> {
  const { mains, paths } = await mainsIn(folder, waits);
  const [main, second] = mains;
  if (main && !second) return 'source' in main ? main : openAt(main.main, folder, waits);
  const { name: what } = folder;
  if (main) {
    const names = mains.slice(0, 3).map(nameOf).join(', ');
    const seen = `it holds ${mains.length} slides: ${names}${mains.length > 3 ? ', …' : ''}`;
    throw new EosinError({ tag: 'BadInput', what, seen, todo: 'Open one of them.' });
  }
  if (!paths) throw new EosinError({ tag: 'NotASlide', name: what, seen: 'neither .zattrs nor zarr.json' });
  const [first] = paths;
  const others = paths.length > 1 ? ` and ${(paths.length - 1).toLocaleString('en')} more` : '';
  const seen = first === undefined ? 'no file is in it' : `no slide is in it, but ${first}${others}`;
  throw new EosinError({ tag: 'BadInput', what, seen, todo: 'Open a slide, or the folder that holds one.' });
}

/** What files that come together are: a slide of one file or of several, or several slides, or none. */
export type Together = 'one file' | 'several files' | 'no single slide';

/** Judged as opening them would be. They are read for that. */
export async function areTogether(from: readonly File[] | FileSystemDirectoryHandle, waits: Waits): Promise<Together> {
  const folder = 'getFileHandle' in from ? folderOfHandle(from) : folderOfFiles(from);
  const [main, second] = (await mainsIn(folder, waits)).mains;
  if (!main || second) return 'no single slide';
  return 'source' in main || main.files.length > 1 || !isNamedOneFile(main.main) ? 'several files' : 'one file';
}

/** A slide's paths, or the slide where it has been opened. */
type Found = NamedSlide | Main;

const nameOf = (found: Found): string => ('source' in found ? found.source.name : found.main);
const single = (path: string): NamedSlide => ({ main: path, files: [path] });

async function openAt(path: string, folder: Folder, waits: Waits): Promise<Main> {
  const source = await folder.open(path, waits);
  if (!source) throw new EosinError({ tag: 'SlideChanged', name: path });
  return { source, beside: within(folder, path.slice(0, path.lastIndexOf('/') + 1)) };
}

interface Within {
  readonly mains: readonly Found[];
  readonly paths: readonly string[] | undefined; // of all files; undefined where nobody can list them
}

async function mainsIn(folder: Folder, waits: Waits): Promise<Within> {
  const zarr = await firstOf(folder, ZARR, waits);
  if (zarr) return { mains: [{ source: zarr, beside: folder }], paths: [] };
  const listed = await folder.list(waits);
  const paths = listed?.filter((path) => !isHidden(path));
  return { mains: paths ? await slidesOf(paths, folder, waits) : [], paths };
}

async function slidesOf(paths: readonly string[], folder: Folder, waits: Waits): Promise<readonly Found[]> {
  const named = await namedSlides(paths, folder, waits);
  if (named.length > 1) return named;
  const [slide] = named;
  if (slide === undefined && paths.includes(SLIDEDAT)) return [single(SLIDEDAT)];
  const dicom = await firstDicom(folder, paths.filter(slide === undefined ? mayBeDicom : isNamedDicom), waits);
  if (slide !== undefined) return dicom?.isWhole ? [slide, dicom] : [slide];
  if (dicom) return [dicom]; // a report by itself too: it is told what it is
  const pictures = paths.filter(isNamedPicture);
  return pictures.length === 1 ? pictures.map(single) : [];
}

async function namedSlides(paths: readonly string[], folder: Folder, waits: Waits): Promise<readonly NamedSlide[]> {
  const inner = paths.filter((path) => /^[^/]+\/(\.zattrs|zarr\.json)$/.test(path));
  const slides = paths.filter(isNamedSlide);
  const companions = companionsIn(paths);
  if (companions.length === 0 && inner.length + slides.length < 2) return [...inner, ...slides].map(single);
  return [...inner.map(single), ...(await slidesAmong(folder, [...companions, ...slides], waits))];
}

async function firstOf(folder: Folder, names: readonly string[], waits: Waits): Promise<ByteSource | undefined> {
  for (const name of names) {
    const source = await folder.open(name, waits);
    if (source) return source;
  }
  return undefined;
}

const MOST_TRIED = 64; // files, until one is DICOM

const mayBeDicom = (path: string): boolean =>
  // archives leave the ending out
  isNamedDicom(path) || (/(^|\/)[^./]+$|\.\d+$/.test(path) && !path.endsWith('DICOMDIR'));

/** The first that is a slide; else the first of another kind. */
async function firstDicom(folder: Folder, paths: readonly string[], waits: Waits) {
  let other: (Main & { readonly isWhole: boolean }) | undefined;
  for (const path of paths.slice(0, MOST_TRIED)) {
    const source = await folder.open(path, waits);
    const head = await source?.read(0, Math.min(source.size, FIRST_BYTES), waits);
    if (!source || !head || !isDicom(head)) continue;
    const found = { source, beside: folder, isWhole: mayBeWholeSlide(head) };
    if (found.isWhole) return found;
    other ??= found;
  }
  return other;
}

// Slides for the queue out of folders and files: what has the name of one and is one file. Of a folder in the order of names.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { openBlobSource } from '#slide/byte-source.ts';
import type { Folder } from '#slide/folder.ts';
import { companionsIn, type NamedSlide, slidesAmong } from '#slide/formats/ome-folder.ts';
import { isNamedDicom, isNamedOneFile, isNamedPicture, isNamedWithOthers } from '#slide/slide-names.ts';
import { type HeldFile, opensFrom, type RunSource } from './run-source.ts';
import type { SlideSources } from './runs-api.ts';

const SAID = 'svs, tif, ndpi, scn, bif, qptiff, png, jpg';
const DEEPEST = 8; //            folders within folders
const MOST_LOOKED_INTO = 1000; // files, for whether several of them are one slide

type Given = Exclude<SlideSources, FileSystemDirectoryHandle>[number];

const NAMELESS = ''; // the path of an address, or of bytes without a name

/** What was given, or is in a folder that was given. */
interface Offered {
  readonly path: string;
  readonly source: RunSource;
}

export interface Sources {
  readonly sources: readonly RunSource[];
  readonly leftOut: readonly string[]; // slides of several files: the queue takes those of one file each
}

/** @throws EosinError BadInput where there is none; the signal's reason */
export async function sourcesOf(given: SlideSources, waits: Waits): Promise<Sources> {
  const offered: Offered[] = [];
  for (const one of 'kind' in given ? [given] : given) offered.push(...(await offeredBy(one, waits)));
  const sets = await inSeveralFiles(offered, waits);
  const parts = new Set(sets.flatMap(({ files }) => files));
  // A picture beside a scanner's slide is none, as when its folder is opened.
  const isBeside = sets.length > 0 || offered.some(({ path }) => isNamedOneFile(path) && !isNamedPicture(path));
  const sources = offered.flatMap(({ path, source }) => {
    const isSlide =
      path === NAMELESS || (isNamedOneFile(path) && !parts.has(path) && !(isBeside && isNamedPicture(path)));
    return isSlide ? [source] : [];
  });
  const leftOut = sets.map(({ main }) => main);
  if (sources.length > 0) return { sources, leftOut };
  if (leftOut.length > 0) throw none(`${leftOut.slice(0, 3).join(', ')}: a slide of several files`);
  if ('kind' in given) throw none(`the folder ${given.name} holds no file named like a slide (${SAID})`);
  throw none(given.length === 0 ? 'nothing was given' : `no file is named like a slide (${SAID})`);
}

async function offeredBy(given: Given, waits: Waits): Promise<readonly Offered[]> {
  if (typeof given === 'string') return [{ path: NAMELESS, source: given }];
  if (given instanceof File) return [{ path: given.webkitRelativePath || given.name, source: given }];
  if (given instanceof Blob) return [{ path: NAMELESS, source: given }];
  if (given.kind === 'directory') return filesIn(given, waits);
  return [{ path: given.name, source: { handle: given, folder: undefined } }];
}

async function filesIn(folder: FileSystemDirectoryHandle, waits: Waits): Promise<Offered[]> {
  const files: { readonly path: string; readonly source: HeldFile }[] = [];
  const waiting = [{ within: folder, path: `${folder.name}/`, deep: 0 }];
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    for await (const handle of next.within.values()) {
      waits.signal.throwIfAborted();
      const path = `${next.path}${handle.name}`;
      if (handle.kind === 'file') files.push({ path, source: { handle, folder } });
      else if (next.deep < DEEPEST) waiting.push({ within: handle, path: `${path}/`, deep: next.deep + 1 });
    }
  }
  const nameOf = ({ source }: { source: HeldFile }): string => source.handle.name;
  return files.sort((a, b) => nameOf(a).localeCompare(nameOf(b), 'en', { numeric: true }));
}

/** Read from what they hold, as opening does, or told by their names. */
async function inSeveralFiles(offered: readonly Offered[], waits: Waits): Promise<readonly NamedSlide[]> {
  const all = new Map(offered.map(({ path, source }) => [path, source]));
  const slides = [...all.keys()].filter((path) => isNamedOneFile(path) && !isNamedPicture(path));
  const looked = [...companionsIn([...all.keys()]), ...slides];
  const found = looked.length > 1 ? await slidesAmong(folderOf(all), looked, waits, MOST_LOOKED_INTO) : [];
  const others = offered.flatMap(({ path }) => (isNamedWithOthers(path) ? [{ main: path, files: [path] }] : []));
  const [dicom] = others.filter(({ main }) => isNamedDicom(main)); // which of them are one slide, opening tells
  return [
    ...found.filter(({ files }) => files.length > 1),
    ...others.filter((other) => other === dicom || !isNamedDicom(other.main)),
  ];
}

function folderOf(sources: ReadonlyMap<string, RunSource>): Folder {
  return {
    name: 'The slides',
    list: async () => [...sources.keys()],
    async open(path, waits) {
      const source = sources.get(path);
      const from = source === undefined ? undefined : await opensFrom(source, waits);
      return from instanceof Blob ? openBlobSource(from, waits) : undefined;
    },
    read: async () => undefined,
  };
}

const todo =
  'Choose slide files, or a folder of them; a slide of several files (DICOM, MIRAX, OME-Zarr) is opened by itself.';
const none = (seen: string): EosinError => new EosinError({ tag: 'BadInput', what: 'The slides', seen, todo });

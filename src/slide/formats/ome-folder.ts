// Files of a folder that are one slide together: an OME-TIFF in several files, which its XML names.
import type { Waits } from '#channel/waits.ts';
import type { Folder } from '../folder.ts';
import type { XmlElement } from '../xml.ts';
import { fileNamesIn, metadataFileOf, omeRootIn } from './ome.ts';
import { descriptionIn } from './ome-files.ts';
import { forgivingDamage } from './tiff-slide.ts';

const COMPANION = /\.companion\.ome$|\.ome\.xml$/i;
const TIFF = /\.(tiff?|btf|tf[28])$/i;
const MOST_LOOKED_INTO = 16; // files: a folder of more slides is told so, whatever they are

/** Files of XML alone that may describe TIFFs. */
export const companionsIn = (paths: readonly string[]): string[] => paths.filter((path) => COMPANION.test(path));

export interface NamedSlide {
  readonly main: string; //            the path that is to be opened: of files that are one slide, the one that says so
  readonly files: readonly string[]; // all of the slide's that are there
}

/**
 * What these files are.
 * @param most files that are looked into; each further one is taken for a slide by itself
 */
export async function slidesAmong(
  folder: Folder,
  files: readonly string[],
  waits: Waits,
  most = MOST_LOOKED_INTO,
): Promise<NamedSlide[]> {
  const given = new Set(files);
  const left = new Set(files);
  const slides: NamedSlide[] = [];
  let looked = 0;
  for (const path of left) {
    const isCompanion = COMPANION.test(path);
    const mayName = isCompanion || TIFF.test(path);
    const { main, names } = mayName && looked++ < most ? await namedIn(path, folder, waits) : alone(path);
    const all = new Set([path, main, ...names]);
    if (!isCompanion || names.length > 0) slides.push({ main, files: [...all].filter((name) => given.has(name)) });
    for (const name of all) left.delete(name);
  }
  return slides;
}

interface Named {
  readonly main: string;
  readonly names: readonly string[]; // paths of all files of the slide
}

const alone = (path: string): Named => ({ main: path, names: [] });

async function namedIn(path: string, folder: Folder, waits: Waits): Promise<Named> {
  const here = path.slice(0, path.lastIndexOf('/') + 1);
  const root = await rootOf(path, folder, waits);
  const elsewhere = metadataFileOf(root);
  const main = elsewhere ? `${here}${elsewhere}` : path;
  const described = elsewhere ? await rootOf(main, folder, waits) : root;
  if (!described) return alone(path);
  const there = main.slice(0, main.lastIndexOf('/') + 1);
  return { main, names: fileNamesIn(described).map((name) => `${there}${name}`) };
}

async function rootOf(path: string, folder: Folder, waits: Waits): Promise<XmlElement | undefined> {
  const source = await folder.open(path, waits);
  return source && omeRootIn(await descriptionIn(source, waits).catch(forgivingDamage('')));
}

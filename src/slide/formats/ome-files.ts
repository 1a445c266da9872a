// The files of an OME-TIFF: the one that was opened, and those that its XML names beside it. They are opened as they are needed.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { type ByteSource, FIRST_BYTES } from '../byte-source.ts';
import type { Folder } from '../folder.ts';
import type { Reading } from '../page-tile.ts';
import { readTiff, type Tiff, tiffKind } from '../tiff.ts';
import { type Page, readPage, TAG } from '../tiff-page.ts';
import { type FileName, type OmeImage, type PlaneAt, uuidIn } from './ome.ts';

/** A TIFF that holds planes. */
export interface OmeFile {
  readonly tiff: Tiff;
  readonly reading: Reading; // of this file
}

export interface PageInFile {
  readonly page: Page;
  readonly file: OmeFile;
}

export interface OmeFiles {
  /** Learns which of the files that these planes lie in are there. By address at most 256 are asked for. */
  look(planes: readonly (PlaneAt | undefined)[], waits: Waits): Promise<void>;
  /** True where the plane can be read, as far as is known without opening its file. */
  holds(plane: PlaneAt | undefined): plane is PlaneAt;
  /** @throws EosinError CorruptSlide, with what is wrong with the directory or with its file */
  page(plane: PlaneAt, image: OmeImage, waits: Waits): Promise<PageInFile>;
  /** What was looked for and is not there. */
  readonly missing: readonly string[];
  /** Of all files that were opened. */
  readonly identities: readonly string[];
}

const MOST_ASKED = 256; //  files by address, each a request
const MOST_NAME = 1024; //  letters
const MOST_XML = 32 * 1024 * 1024; // bytes
const MOST_START = 4096; // bytes of XML that hold the root's own attributes

/** @param own undefined where what was opened is no TIFF */
export function omeFiles(own: OmeFile | undefined, beside: Folder | undefined, reading: Reading): OmeFiles {
  const known = new Map<string, ByteSource | boolean>(); // by name: there, and opened where that was how it was learned
  const opened = new Map<string, Promise<OmeFile>>();
  const pages = new Map<string, Promise<PageInFile>>();
  const identities = new Set([reading.source.identity]);
  let asked = 0;
  let listed: Promise<ReadonlySet<string> | undefined> | undefined;

  const find = async (name: string, waits: Waits): Promise<void> => {
    known.set(name, false);
    if (!beside || name === '' || name.length > MOST_NAME) return;
    listed ??= beside.list(waits).then((paths) => paths && new Set(paths));
    const paths = await listed;
    if (paths) known.set(name, paths.has(name));
    else if (asked++ < MOST_ASKED) known.set(name, (await beside.open(name, waits)) ?? false);
    else known.set(name, true); // it is taken to be there, until it is opened
  };
  const corrupt = (reason: string): EosinError =>
    new EosinError({ tag: 'CorruptSlide', name: reading.source.name, reason });

  const openAnew = async ({ name, uuid }: FileName, waits: Waits): Promise<OmeFile> => {
    const there = known.get(name);
    const source = typeof there === 'object' ? there : await beside?.open(name, waits);
    if (!source) throw corrupt(`its file ${name} is not there`);
    const kind = tiffKind(await source.read(0, Math.min(source.size, FIRST_BYTES), waits));
    if (!kind) throw corrupt(`its file ${name} is no TIFF`);
    const tiff = await readTiff(source, kind, waits);
    const found = uuidIn((await tiff.chain[0]?.text(TAG.description, waits, MOST_START)) ?? '');
    if (found !== undefined && uuid !== '' && found !== uuid)
      throw corrupt(`its file ${name} is another one than it means: that calls itself ${found}, and not ${uuid}`);
    identities.add(source.identity);
    return { tiff, reading: { ...reading, source } };
  };

  const fileOf = async (name: FileName | undefined, waits: Waits): Promise<OmeFile> => {
    if (!name) {
      if (own) return own;
      throw corrupt('it holds no planes itself');
    }
    const key = `${name.name}\n${name.uuid}`;
    const file = opened.get(key) ?? openAnew(name, waits);
    opened.set(key, file);
    return file;
  };

  const pageAnew = async ({ file: name, directory }: PlaneAt, image: OmeImage, waits: Waits): Promise<PageInFile> => {
    const file = await fileOf(name, waits);
    const { source } = file.reading;
    const called = name ? `its file ${name.name}` : 'it';
    const found = file.tiff.chain[directory];
    if (!found) throw corrupt(`${called} has no directory ${directory + 1}`);
    const page = await readPage(source, found, waits);
    const { width, height } = image.sides;
    const isSaid = width > 0 && height > 0;
    if (image.isInSeveral && isSaid && (page.width !== width || page.height !== height))
      throw corrupt(`${called} holds ${page.width} × ${page.height} pixels in place of ${width} × ${height}`);
    return { page, file };
  };

  return {
    async look(planes, waits) {
      const names = new Set(planes.flatMap((plane) => plane?.file?.name ?? []));
      await Promise.all([...names].filter((name) => !known.has(name)).map((name) => find(name, waits)));
    },
    holds: (plane): plane is PlaneAt => {
      if (!plane) return false;
      return plane.file ? Boolean(known.get(plane.file.name)) : own?.tiff.chain[plane.directory] !== undefined;
    },
    page(plane, image, waits) {
      const key = [plane.file?.name, plane.file?.uuid, plane.directory].join('\n');
      const page = pages.get(key) ?? pageAnew(plane, image, waits);
      pages.set(key, page);
      return page;
    },
    get missing() {
      return [...known].flatMap(([name, there]) => (there ? [] : [name]));
    },
    get identities() {
      return [...identities];
    },
  };
}

/** The OME-XML of a TIFF or of a file of its own. @throws EosinError CorruptSlide where it is far too long */
export async function descriptionIn(source: ByteSource, waits: Waits): Promise<string> {
  const { name, size } = source;
  const kind = tiffKind(await source.read(0, Math.min(size, FIRST_BYTES), waits));
  if (kind) {
    const { chain } = await readTiff(source, kind, waits);
    return (await chain[0]?.text(TAG.description, waits, MOST_XML)) ?? '';
  }
  if (size > MOST_XML)
    throw new EosinError({ tag: 'CorruptSlide', name, reason: `it has ${size} bytes of XML, far more than it should` });
  return new TextDecoder().decode(await source.read(0, size, waits));
}

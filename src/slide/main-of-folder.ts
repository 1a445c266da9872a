// Which file of a folder is the slide, and what lies beside it.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { type ByteSource, FIRST_BYTES } from './byte-source.ts';
import { type Folder, within } from './folder.ts';
import { isDicom } from './formats/dicom-magic.ts';
import { companionsIn, slidesAmong } from './formats/ome-folder.ts';

/** OME-Zarr is told by these files, whichever is there: version 0.4 has the first, 0.5 the second. */
const ZARR = ['.zattrs', 'zarr.json'] as const;
const SLIDES = /\.(svs|tiff?|ndpi|scn|bif|qptiff|dzi|mrxs|vsi|czi|isyntax|btf|tf[28])$|(^|\/)ImageProperties\.xml$/i; // the last is Zoomify's
const SLIDEDAT = 'Slidedat.ini'; // somebody opened the folder of a MIRAX slide, without its preview
const PICTURES = /\.(png|jpe?g|webp|jp2)$/i;
const HIDDEN = /(^|\/)\._/; // what macOS leaves beside each file of a disk that is not its own
const PARTS = /(^|\/)[^/]*_files\//; // tiles of a Deep Zoom picture

/**
 * @throws EosinError BadInput when the folder holds several slides; NotASlide when it holds none
 */
export async function mainOf(folder: Folder, waits: Waits): Promise<{ source: ByteSource; beside: Folder }> {
  const zarr = await firstOf(folder, ZARR, waits);
  if (zarr) return { source: zarr, beside: folder };
  const paths = ((await folder.list(waits)) ?? []).filter((path) => !HIDDEN.test(path));
  const open = async (path: string): Promise<{ source: ByteSource; beside: Folder }> => {
    const source = await folder.open(path, waits);
    if (!source) throw new EosinError({ tag: 'SlideChanged', name: path });
    return { source, beside: within(folder, path.slice(0, path.lastIndexOf('/') + 1)) };
  };
  const inner = paths.filter((path) => /^[^/]+\/(\.zattrs|zarr\.json)$/.test(path));
  const slides = paths.filter((path) => SLIDES.test(path) && !PARTS.test(path));
  const companions = companionsIn(paths);
  const isPlain = companions.length === 0 && inner.length + slides.length < 2;
  const candidates = isPlain
    ? [...inner, ...slides]
    : [...inner, ...(await slidesAmong(folder, [...companions, ...slides], waits))];
  const [first, second] = candidates;
  if (first && !second) return open(first);
  if (candidates.length === 0) {
    if (paths.includes(SLIDEDAT)) return open(SLIDEDAT);
    const dicom = await firstDicom(folder, paths, waits);
    if (dicom) return { source: dicom, beside: folder };
    const pictures = paths.filter((path) => PICTURES.test(path) && !PARTS.test(path));
    const [picture] = pictures;
    if (picture && pictures.length === 1) return open(picture);
  }
  if (candidates.length > 1) {
    const names = candidates.slice(0, 3).join(', ');
    const seen = `it holds ${candidates.length} slides: ${names}${candidates.length > 3 ? ', …' : ''}`;
    throw new EosinError({ tag: 'BadInput', what: folder.name, seen, todo: 'Open one of them.' });
  }
  const what = paths.length === 0 ? 'nothing: no file is in it' : `${paths[0]}, and none of its files is one`;
  throw new EosinError({ tag: 'NotASlide', name: folder.name, seen: what });
}

async function firstOf(folder: Folder, names: readonly string[], waits: Waits): Promise<ByteSource | undefined> {
  for (const name of names) {
    const source = await folder.open(name, waits);
    if (source) return source;
  }
  return undefined;
}

const MOST_TRIED = 64; // files, until one is DICOM

async function firstDicom(folder: Folder, paths: readonly string[], waits: Waits): Promise<ByteSource | undefined> {
  const tried = paths.filter((path) => /\.dcm$|(^|\/)[^./]+$|\.\d+$/i.test(path) && !path.endsWith('DICOMDIR'));
  for (const path of tried.slice(0, MOST_TRIED)) {
    const source = await folder.open(path, waits);
    if (source && isDicom(await source.read(0, Math.min(source.size, FIRST_BYTES), waits))) return source;
  }
  return undefined;
}

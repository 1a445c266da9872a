import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { type ByteSource, FIRST_BYTES, openBlobSource } from './byte-source.ts';
import type { Decoders } from './decode.ts';
import { type WebAddress, webAddressOf } from './dicom/web-address.ts';
import type { EarlyPicture } from './early-picture.ts';
import { whatStarts } from './first-bytes.ts';
import { type Folder, folderOfFiles, folderOfHandle, folderOfUrl } from './folder.ts';
import type { Web } from './formats/dicomweb.ts';
import type { Seen, SeenTiff } from './formats/format.ts';
import type { HeaderMemory } from './header-memory.ts';
import type { Reading } from './page-tile.ts';
import type { Chosen, Slide } from './slide.ts';
import { readTiff, type TiffBeginning, tiffKind } from './tiff.ts';
import { MAX_SHORT_VALUE, readPage, TAG } from './tiff-page.ts';
import { TileCache } from './tile-cache.ts';
import { type Fetch, openUrlSource } from './url-source.ts';

const MAX_FIRST_DESCRIPTION = 32 * 1024 * 1024; // bytes: OME-XML can be long

export interface OpenOptions extends Waits {
  readonly decoders: Decoders;
  /** Shared with other slides where given; a cache of its own otherwise. */
  readonly tiles?: TileCache;
  readonly fetch?: Fetch;
  /** Which channel and focal plane of a slide with several is shown. */
  readonly chosen?: Chosen | undefined;
  /** What was read of addresses opened before. */
  readonly headers?: HeaderMemory;
  /** Gets all of the slide, small, while it is still being opened, where that can be had so early. */
  readonly onEarlyPicture?: ((picture: EarlyPicture) => void) | undefined;
  /** How long a DICOMweb server may say nothing, in milliseconds; half a minute where that is not said. */
  readonly patienceMs?: number;
}

/** An address, a file, the files of one slide (a picked folder's too), or a folder that the page may read. */
export type SlideSource = string | Blob | readonly File[] | FileSystemDirectoryHandle;

/**
 * Opens a slide by reading its headers only (a plain picture is read whole).
 * @throws EosinError NotASlide, UnsupportedSlide, CorruptSlide, NotFound, Unreachable, NoRanges; BadInput for a folder
 * that holds several slides; the signal's reason
 */
export async function openSlide(from: SlideSource, options: OpenOptions): Promise<Slide> {
  const waits: Waits = { signal: options.signal };
  const tiles = options.tiles ?? new TileCache();
  const formats = import('./formats.ts'); // all of them at once, with the first slide: they come while its first bytes do
  formats.catch(() => undefined); // told where it is waited for
  const { source, beside, web } = await found(from, options, waits);
  const { decoders, chosen = {} } = options;
  const reading: Reading = { source, tiles, decoders, chosen };
  const { onEarlyPicture } = options;
  if (!onEarlyPicture) return openSource({ source, beside, web }, formats, reading, waits);
  const opening = new AbortController(); // what comes later than the slide is not wanted
  const early: Waits = { signal: AbortSignal.any([waits.signal, opening.signal]) };
  const onFirst = (beginning: TiffBeginning): void => void tellEarly(beginning, reading, onEarlyPicture, early);
  try {
    return await openSource({ source, beside, web }, formats, reading, waits, onFirst);
  } finally {
    opening.abort(new DOMException('The slide is open.', 'AbortError'));
  }
}

/** Never fails: whatever is wrong, opening tells. */
async function tellEarly(
  beginning: TiffBeginning,
  reading: Reading,
  tell: (picture: EarlyPicture) => void,
  waits: Waits,
): Promise<void> {
  try {
    const { earlyPicture } = await import('./early-picture.ts');
    const picture = await earlyPicture(beginning, reading, waits);
    if (picture) tell(picture);
  } catch {
    return;
  }
}

interface Found {
  readonly source: ByteSource;
  readonly beside: Folder | undefined;
  readonly web?: Web | undefined;
}

async function found(from: SlideSource, options: OpenOptions, waits: Waits): Promise<Found> {
  if (typeof from === 'string') {
    const address = webAddressOf(from);
    if (address) return foundOnWeb(address, options, waits);
    const stem = from.split('?', 1)[0] ?? from;
    const query = from.slice(stem.length);
    if (/\.zarr\/?$/i.test(stem)) return foundIn(folderOfUrl(`${stem.replace(/\/$/, '')}/${query}`, options), waits);
    const beside = folderOfUrl(`${stem.slice(0, stem.lastIndexOf('/') + 1)}${query}`, options);
    return { source: await openUrlSource(from, waits, options), beside };
  }
  if (from instanceof Blob) return { source: await openBlobSource(from, waits), beside: undefined };
  if ('getFileHandle' in from) return foundIn(folderOfHandle(from), waits);
  const [only] = from;
  if (only && from.length === 1) return { source: await openBlobSource(only, waits), beside: undefined };
  return foundIn(folderOfFiles(from), waits);
}

/** Of a folder, see mainOf; which comes with the first of them. */
async function foundIn(folder: Folder, waits: Waits): Promise<Found> {
  const { mainOf } = await import('./main-of-folder.ts');
  return mainOf(folder, waits);
}

async function foundOnWeb(given: WebAddress, options: OpenOptions, waits: Waits): Promise<Found> {
  const { openWebSeries, PATIENCE_MS } = await import('./dicom/web.ts'); // with the first address of a server
  const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  const asking = { fetch, patienceMs: options.patienceMs ?? PATIENCE_MS };
  const { source, address } = await openWebSeries(given, asking, waits);
  return { source, beside: undefined, web: { address, asking } };
}

async function openSource(
  { source, beside, web }: Found,
  formats: Promise<typeof import('./formats.ts')>,
  reading: Reading,
  waits: Waits,
  onFirst?: (beginning: TiffBeginning) => void,
): Promise<Slide> {
  const { FORMATS } = await formats;
  const head = await source.read(0, Math.min(source.size, FIRST_BYTES), waits);
  const seen: Seen = { head, name: source.name, tiff: await seenTiff(source, head, waits, onFirst), beside, web };
  const format = FORMATS.find((candidate) => candidate.matches(seen));
  if (!format) throw new EosinError({ tag: 'NotASlide', name: source.name, seen: whatStarts(head) });
  const slide = await format.open(seen, reading, waits);
  if (waits.signal.aborted) {
    slide[Symbol.dispose]();
    throw waits.signal.reason;
  }
  void source.remember?.(); // a help for the next time, which nothing waits for
  return slide;
}

async function seenTiff(
  source: ByteSource,
  head: Uint8Array<ArrayBuffer>,
  waits: Waits,
  onFirst?: (beginning: TiffBeginning) => void,
): Promise<SeenTiff | undefined> {
  const kind = tiffKind(head);
  if (!kind) return undefined;
  const tiff = await readTiff(source, kind, waits, onFirst);
  const directory = tiff.chain[0];
  if (!directory) throw new EosinError({ tag: 'CorruptSlide', name: source.name, reason: 'it has no directory' });
  return {
    ...tiff,
    first: await readPage(source, directory, waits, MAX_FIRST_DESCRIPTION),
    software: (await directory.text(TAG.software, waits, MAX_SHORT_VALUE)) ?? '',
    make: (await directory.text(TAG.make, waits, MAX_SHORT_VALUE)) ?? '',
  };
}

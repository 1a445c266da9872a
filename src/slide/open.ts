import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { type ByteSource, FIRST_BYTES, openBlobSource } from './byte-source.ts';
import type { Decoders } from './decode.ts';
import { whatStarts } from './first-bytes.ts';
import type { Seen, SeenTiff } from './formats/format.ts';
import { FORMATS } from './formats.ts';
import type { HeaderMemory } from './header-memory.ts';
import type { Reading } from './page-tile.ts';
import type { Slide } from './slide.ts';
import { readTiff, tiffKind } from './tiff.ts';
import { MAX_SHORT_VALUE, readPage, TAG } from './tiff-page.ts';
import { TileCache } from './tile-cache.ts';
import { type Fetch, openUrlSource } from './url-source.ts';

const MAX_FIRST_DESCRIPTION = 32 * 1024 * 1024; // bytes: OME-XML can be long

export interface OpenOptions extends Waits {
  readonly decoders: Decoders;
  /** Shared with other slides where given; a cache of its own otherwise. */
  readonly tiles?: TileCache;
  readonly fetch?: Fetch;
  /** What was read of addresses opened before. */
  readonly headers?: HeaderMemory;
}

/**
 * Opens a slide from a file or a URL by reading its headers only (a plain picture is read whole).
 * @throws EosinError NotASlide, UnsupportedSlide, CorruptSlide, NotFound, Unreachable, NoRanges; the signal's reason
 */
export async function openSlide(from: string | Blob, options: OpenOptions): Promise<Slide> {
  const waits: Waits = { signal: options.signal };
  const source =
    typeof from === 'string' ? await openUrlSource(from, waits, options) : await openBlobSource(from, waits);
  return openSource(source, { source, tiles: options.tiles ?? new TileCache(), decoders: options.decoders }, waits);
}

async function openSource(source: ByteSource, reading: Reading, waits: Waits): Promise<Slide> {
  const head = await source.read(0, Math.min(source.size, FIRST_BYTES), waits);
  const seen: Seen = { head, name: source.name, tiff: await seenTiff(source, head, waits) };
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
): Promise<SeenTiff | undefined> {
  const kind = tiffKind(head);
  if (!kind) return undefined;
  const tiff = await readTiff(source, kind, waits);
  const directory = tiff.chain[0];
  if (!directory) throw new EosinError({ tag: 'CorruptSlide', name: source.name, reason: 'it has no directory' });
  return {
    ...tiff,
    first: await readPage(source, directory, waits, MAX_FIRST_DESCRIPTION),
    software: (await directory.text(TAG.software, waits, MAX_SHORT_VALUE)) ?? '',
    make: (await directory.text(TAG.make, waits, MAX_SHORT_VALUE)) ?? '',
  };
}

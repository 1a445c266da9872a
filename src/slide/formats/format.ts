import type { Waits } from '#channel/waits.ts';
import type { Folder } from '../folder.ts';
import type { Reading } from '../page-tile.ts';
import type { Slide } from '../slide.ts';
import type { Tiff } from '../tiff.ts';
import type { Page } from '../tiff-page.ts';
import type { Web } from './dicomweb.ts';

/** A TIFF as far as every format wants to know it before it says that the file is its own. */
export interface SeenTiff extends Tiff {
  readonly first: Page;
  readonly software: string;
  readonly make: string;
}

/** What is known of a source before a format takes it. */
export interface Seen {
  readonly head: Uint8Array<ArrayBuffer>; // the first bytes, at most FIRST_BYTES
  readonly name: string;
  readonly tiff: SeenTiff | undefined;
  /** What lies beside the file: the folder that was opened, or the neighbours of its address. */
  readonly beside: Folder | undefined;
  /** The DICOMweb server that the source is the metadata of. */
  readonly web: Web | undefined;
}

/** One file a format; the table of them is formats.ts. */
export interface SlideFormat {
  readonly name: string;
  /** No I/O, never throws. The first format of the table that matches opens the slide. */
  matches(seen: Seen): boolean;
  /** @throws EosinError UnsupportedSlide, CorruptSlide, and what reading throws */
  open(seen: Seen, reading: Reading, waits: Waits): Promise<Slide>;
}

/** Ends in one of these (case does not matter). */
export const endsIn = (name: string, ...endings: string[]): boolean =>
  endings.some((ending) => name.toLowerCase().endsWith(ending));

/** True when the bytes at `at` are this ASCII text. */
export const hasText = (head: Uint8Array, at: number, text: string): boolean =>
  head.length >= at + text.length && [...text].every((char, i) => head[at + i] === char.charCodeAt(0));

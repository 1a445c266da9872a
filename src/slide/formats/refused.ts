// What is recognised and not read: slides of some makers, archives. A user learns what they hold and how to go on.
import { EosinError } from '#errors/failure.ts';
import { withBioFormats, withMakersProgram, withVips } from './convert.ts';
import { endsIn, hasText, type Seen, type SlideFormat } from './format.ts';

interface Refusal {
  readonly what: string; // completes "slide.czi is …"
  matches(seen: Seen): boolean;
  todo(name: string): string;
}

const unpack = (): string =>
  'Unpack it first, then open the slide that it holds; one of several files (DICOM, MIRAX, OME-Zarr) by its folder.';

const archive = (kind: string, ...starts: readonly string[]): Refusal => ({
  what: `${kind} archive`,
  matches: ({ head }) => starts.some((start) => hasText(head, 0, start)),
  todo: unpack,
});

const REFUSALS: readonly Refusal[] = [
  {
    what: 'a Zeiss CZI slide',
    matches: ({ head }) => hasText(head, 0, 'ZISRAWFILE'),
    todo: withBioFormats,
  },
  {
    what: 'an Olympus VSI slide, whose tiles lie in .ets files beside it',
    matches: ({ name }) => endsIn(name, '.vsi'),
    todo: withBioFormats,
  },
  {
    what: 'a Hamamatsu VMS or VMU slide, whose pictures lie in files beside it',
    matches: ({ head }) => ['[Virtual Micro', '[Uncompressed Virtual Micro'].some((start) => hasText(head, 0, start)),
    todo: withVips,
  },
  {
    what: 'a Sakura slide',
    matches: ({ head, name }) => hasText(head, 0, 'SQLite format 3') && endsIn(name, '.svslide'),
    todo: withVips,
  },
  {
    what: 'a Philips iSyntax slide',
    matches: ({ name }) => endsIn(name, '.isyntax') || endsIn(name, '.i2syntax'),
    todo: withMakersProgram,
  },
  {
    what: 'a Leica LIF file',
    matches: ({ head, name }) => head[0] === 0x70 && head[1] === 0 && endsIn(name, '.lif'),
    todo: withBioFormats,
  },
  {
    what: 'a Nikon ND2 file',
    matches: ({ head }) => hasText(head, 0, '\xda\xce\xbe\x0a'),
    todo: withBioFormats,
  },
  ...['KFBio KFB', 'SQRAY SDPC', 'UNIC TMAP', 'Motic MDS', 'Motic MDSX'].map((maker) => ({
    what: `a ${maker} slide`,
    matches: ({ name }: Seen) => endsIn(name, `.${maker.split(' ')[1]?.toLowerCase()}`),
    todo: withMakersProgram,
  })),
  {
    what: 'a JPEG 2000 picture',
    matches: ({ head }) =>
      hasText(head, 4, 'jP  \r\n') || (head[0] === 0xff && head[1] === 0x4f && head[2] === 0xff && head[3] === 0x51),
    todo: withVips,
  },
  archive('a ZIP', 'PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08'),
  archive('a gzip', '\x1f\x8b\x08'),
  archive('a bzip2', 'BZh'),
  archive('an xz', '\xfd7zXZ'),
  archive('a 7-Zip', '7z\xbc\xaf'),
  archive('a RAR', 'Rar!'),
  { what: 'a tar archive', matches: ({ head }) => hasText(head, 257, 'ustar'), todo: unpack },
];

/** A MIRAX slide is in the folder beside its file. */
const isEmpty = ({ head, name }: Seen): boolean => head.length === 0 && !endsIn(name, '.mrxs');

const refusalOf = (seen: Seen): Refusal | undefined => REFUSALS.find((refusal) => refusal.matches(seen));

export const refused: SlideFormat = {
  name: 'Refused',
  matches: (seen) => isEmpty(seen) || refusalOf(seen) !== undefined,
  async open(seen) {
    if (isEmpty(seen)) {
      const todo = 'Copy the file again from the scanner or the archive, and compare the sizes.';
      throw new EosinError({ tag: 'BadInput', what: seen.name, seen: 'it is empty (0 bytes)', todo });
    }
    const found = refusalOf(seen);
    const { name } = seen;
    throw new EosinError({
      tag: 'UnsupportedSlide',
      name,
      reason: found?.what ?? 'a slide',
      todo: (found?.todo ?? withVips)(name),
    });
  },
};

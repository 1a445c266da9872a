// What frames a server may be asked for, in the order of trying. Servers differ: some send what they store only when asked
// for any transfer syntax (Google, Azure), some only by its own media type (dcm4chee, as the standard has it), some take
// lists or quotes amiss (Orthanc), some send the bare picture whatever is asked (archives of plain files).

import type { Packing } from './instance.ts';

/** Media types of the transfer syntaxes that are read. */
const MEDIA: Readonly<Record<string, string>> = {
  '1.2.840.10008.1.2': 'application/octet-stream',
  '1.2.840.10008.1.2.1': 'application/octet-stream',
  '1.2.840.10008.1.2.4.50': 'image/jpeg',
  '1.2.840.10008.1.2.4.51': 'image/jpeg',
  '1.2.840.10008.1.2.5': 'image/dicom-rle',
  '1.2.840.10008.1.2.4.90': 'image/jp2',
  '1.2.840.10008.1.2.4.91': 'image/jp2',
  '1.2.840.10008.1.2.4.201': 'image/jphc',
  '1.2.840.10008.1.2.4.202': 'image/jphc',
  '1.2.840.10008.1.2.4.203': 'image/jphc',
};

/** How its bytes begin where a server sends a frame as it is stored. */
export const packingOfSyntax = (stored: string | undefined): Exclude<Packing, 'native'> | undefined => {
  const media = MEDIA[stored ?? ''];
  if (media === 'image/dicom-rle') return 'rle';
  return media === 'image/jpeg' ? 'jpeg' : media?.startsWith('image/jp') ? 'jpeg2000' : undefined;
};

/**
 * @param stored how the server keeps the frames, where it says so
 * @param other the server is another origin: quotes make a browser ask beforehand (CORS), a round trip for every address,
 * so what servers understand without them goes first
 */
export function acceptsFor(stored: string | undefined, other: boolean): readonly string[] {
  const media = MEDIA[stored ?? ''];
  const all: Way = ['application/octet-stream', '*'];
  const plain: Way = ['application/octet-stream', '1.2.840.10008.1.2.1']; // unpacked by the server, which every one can
  const isUnsaid = stored === undefined || stored === '1.2.840.10008.1.2';
  const first: readonly Way[] = media ? [[media, isUnsaid ? plain[1] : stored], all] : [all, plain];
  const last: readonly Way[] = media ? [plain] : PACKED;
  const quoted = ([type, syntax]: Way): string => `multipart/related; type="${type}"; transfer-syntax=${syntax}`;
  const bare = (way: Way): string => quoted(way).replaceAll('"', '');
  return other
    ? [...first.map(bare), '*/*', ...first.map(quoted), ...last.map(bare), ...last.map(quoted)]
    : [...first.map(quoted), '*/*', ...last.map(quoted)];
}

type Way = readonly [media: string, syntax: string];

/** Asked for last where it is not said how frames are stored: some servers (Orthanc) pack anew, with loss, to please. */
const PACKED: readonly Way[] = [
  ['image/jpeg', '1.2.840.10008.1.2.4.50'],
  ['image/jp2', '1.2.840.10008.1.2.4.91'],
  ['image/jp2', '1.2.840.10008.1.2.4.90'],
];

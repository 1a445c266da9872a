// What frames a server may be asked for, in the order of trying. Servers differ: some send what they store only when asked
// for any transfer syntax (Google, Azure), some only by its own media type (dcm4chee, as the standard has it), some take
// lists or quotes amiss (Orthanc), some send the bare picture whatever is asked (archives of plain files).

/** Media types of the transfer syntaxes that are read. */
const MEDIA: Readonly<Record<string, string>> = {
  '1.2.840.10008.1.2': 'application/octet-stream',
  '1.2.840.10008.1.2.1': 'application/octet-stream',
  '1.2.840.10008.1.2.4.50': 'image/jpeg',
  '1.2.840.10008.1.2.4.51': 'image/jpeg',
  '1.2.840.10008.1.2.4.90': 'image/jp2',
  '1.2.840.10008.1.2.4.91': 'image/jp2',
  '1.2.840.10008.1.2.4.201': 'image/jphc',
  '1.2.840.10008.1.2.4.202': 'image/jphc',
  '1.2.840.10008.1.2.4.203': 'image/jphc',
};

/** How its bytes begin where a server sends a frame as it is stored. */
export const packingOfSyntax = (stored: string | undefined): 'jpeg' | 'jpeg2000' | undefined => {
  const media = MEDIA[stored ?? ''];
  return media === 'image/jpeg' ? 'jpeg' : media?.startsWith('image/jp') ? 'jpeg2000' : undefined;
};

/** Stored without packing: bare samples are what is wanted then. */
export const UNPACKED: ReadonlySet<string> = new Set(['1.2.840.10008.1.2', '1.2.840.10008.1.2.1']);

/**
 * @param stored how the server keeps the frames, where it says so
 * @param other the server is another origin: quotes make a browser ask beforehand (CORS), a round trip for every address,
 * so what servers understand without them goes first
 */
export function acceptsFor(stored: string | undefined, other: boolean): readonly string[] {
  const media = MEDIA[stored ?? ''];
  const ways = media
    ? [
        [media, stored === undefined || stored === '1.2.840.10008.1.2' ? '1.2.840.10008.1.2.1' : stored],
        ['application/octet-stream', '*'],
      ]
    : [
        ['application/octet-stream', '*'],
        ['image/jpeg', '1.2.840.10008.1.2.4.50'],
        ['image/jp2', '1.2.840.10008.1.2.4.91'],
        ['image/jp2', '1.2.840.10008.1.2.4.90'],
      ];
  const plain = ['application/octet-stream', '1.2.840.10008.1.2.1']; // unpacked by the server, which every one can
  const quoted = (of: readonly (readonly string[])[]): string[] =>
    of.map(([type, syntax]) => `multipart/related; type="${type}"; transfer-syntax=${syntax}`);
  const unasked = other ? [...quoted(ways).map((accept) => accept.replaceAll('"', '')), '*/*'] : [];
  return [...unasked, ...quoted(ways), ...(other ? [] : ['*/*']), ...quoted([plain])];
}

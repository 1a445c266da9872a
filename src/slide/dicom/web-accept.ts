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

/** Stored without packing: bare samples are what is wanted then. */
export const UNPACKED: ReadonlySet<string> = new Set(['1.2.840.10008.1.2', '1.2.840.10008.1.2.1']);

/**
 * @param stored how the server keeps the frames, where it says so
 * @param other the server is another origin: quotes make a browser ask beforehand (CORS), a round trip for every address,
 * so what most servers understand without them goes first
 */
export function acceptsFor(stored: string | undefined, other: boolean): readonly string[] {
  const media = stored === undefined ? undefined : MEDIA[stored];
  const ways = media
    ? [
        [media, stored === '1.2.840.10008.1.2' ? '1.2.840.10008.1.2.1' : stored],
        ['application/octet-stream', '*'],
      ]
    : [
        ['application/octet-stream', '*'],
        ['image/jpeg', '1.2.840.10008.1.2.4.50'],
        ['image/jp2', '1.2.840.10008.1.2.4.91'],
        ['image/jp2', '1.2.840.10008.1.2.4.90'],
      ];
  const last = ['application/octet-stream', '1.2.840.10008.1.2.1']; // unpacked by the server, which every one can
  return [...ways, ['*/*', ''], last].flatMap(([type, syntax]) => {
    if (type === '*/*') return [type];
    const quoted = `multipart/related; type="${type}"; transfer-syntax=${syntax}`;
    return other ? [quoted.replaceAll('"', ''), quoted] : [quoted];
  });
}

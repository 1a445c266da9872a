// What is asked for first of an address, to learn what its host does: not always the address itself.
import { FIRST_BYTES } from './byte-source.ts';
import { JSON_ACCEPT } from './dicom/web.ts';
import { below, webAddressOf } from './dicom/web-address.ts';

export interface Probe {
  readonly addresses: readonly string[]; // the second where the first is not there
  readonly headers: Readonly<Record<string, string>>;
  /** What it is of, where it is no file but many, each read whole. */
  readonly apart: 'DICOMweb' | 'OME-Zarr' | undefined;
}

export function probeOf({ href }: URL): Probe {
  const web = webAddressOf(href);
  if (web) {
    const address = web.of === 'study' ? below(web, 'series', 'Modality=SM') : below(web, 'metadata');
    return { addresses: [address], headers: { Accept: JSON_ACCEPT }, apart: 'DICOMweb' };
  }
  const [, stem, query = ''] = /^([^?#]*\.zarr)\/?(\?[^#]*)?/i.exec(href) ?? [];
  if (stem !== undefined) {
    const addresses = ['.zattrs', 'zarr.json'].map((name) => `${stem}/${name}${query}`);
    return { addresses, headers: {}, apart: 'OME-Zarr' };
  }
  return { addresses: [href], headers: { Range: `bytes=0-${FIRST_BYTES - 1}` }, apart: undefined };
}

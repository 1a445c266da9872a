// DICOM whole-slide microscopy on a DICOMweb server: its metadata say what the files' headers would, its frames come one by one.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { Dataset } from '../dicom/dataset.ts';
import { type Instance, instanceOf, isWholeSlide, TAG, unreadName } from '../dicom/instance.ts';
import { datasetOfJson } from '../dicom/json-dataset.ts';
import { type Asking, bulkOf, listOf } from '../dicom/web.ts';
import { below, type WebAddress } from '../dicom/web-address.ts';
import { FrameRequests, NoWay } from '../dicom/web-frames.ts';
import { hashOf } from '../fingerprint.ts';
import { dicomSlide } from './dicom.ts';
import type { SlideFormat } from './format.ts';

export const dicomweb: SlideFormat = {
  name: 'DICOMweb',
  matches: ({ web }) => web !== undefined,
  async open({ web }, reading, waits) {
    if (!web) throw new EosinError({ tag: 'Unexpected', reason: 'DICOMweb is opened by its address.' });
    const { source } = reading;
    const { name } = source;
    const stored = listOf(await source.read(0, source.size, waits), name);
    const datasets = stored.map((json) => datasetOfJson(json)).filter(isWholeSlide);
    if (datasets.length === 0) {
      const reason = `a series of ${stored.length} DICOM instances, none of them a whole-slide microscopy image`;
      throw new EosinError({ tag: 'UnsupportedSlide', name, reason, todo: 'Open the address of a slide’s series.' });
    }
    const requests = new FrameRequests(web.asking, 'location' in globalThis ? globalThis.location.origin : undefined);
    const instances = datasets.map((dataset) => {
      const uid = dataset.text(TAG.sopInstance) ?? '';
      if (!/^[\d.]{1,128}$/.test(uid))
        throw new EosinError({ tag: 'CorruptSlide', name, reason: 'an instance of it has no UID' });
      const address = instanceAddress(web.address, uid);
      const syntax = syntaxOf(dataset);
      return instanceOf({ name, identity: `${source.identity}/${uid}` }, dataset, (shape) => ({
        packing: undefined,
        frame: requests.readerOf({ ...shape, address, syntax }),
      }));
    });
    await expectReadable(instances, name, waits);
    const uids = datasets.map((dataset) => dataset.text(TAG.sopInstance) ?? '');
    const colourProfile = await profileOf(datasets, web, waits);
    const fingerprint = async (): Promise<string> => hashOf(`DICOMweb\n${uids.sort().join('\n')}`);
    return dicomSlide({ instances, fingerprint, colourProfile }, reading, waits);
  },
};

/** What is stored in no way that is read here may still come unpacked: the smallest picture of that kind tells. */
async function expectReadable(instances: readonly Instance[], name: string, waits: Waits): Promise<void> {
  const unread = instances.flatMap((instance) => {
    const called = unreadName(syntaxOf(instance.dataset) ?? '1.2.840.10008.1.2');
    return called === undefined ? [] : [{ instance, called }];
  });
  const [smallest] = unread.sort((a, b) => a.instance.matrixColumns - b.instance.matrixColumns);
  if (!smallest) return;
  try {
    await smallest.instance.frame(0, waits);
  } catch (thrown) {
    if (!(thrown instanceof NoWay)) throw thrown;
    const reason = `a DICOM slide whose frames come as ${smallest.called}`;
    const todo = 'Ask who runs the server to have it send JPEG, JPEG 2000 or unpacked frames, or convert the files.';
    throw new EosinError({ tag: 'UnsupportedSlide', name, reason, todo }, { cause: thrown });
  }
}

const syntaxOf = (dataset: Dataset): string | undefined =>
  dataset.text(TAG.transferSyntax) ?? dataset.text(TAG.availableSyntax);

/** Where a DICOMweb slide was opened from. */
export interface Web {
  readonly address: WebAddress;
  readonly asking: Asking;
}

const instanceAddress = ({ of, url, query }: WebAddress, uid: string): WebAddress => ({
  of: 'instance',
  url: of === 'instance' ? url : below({ of, url, query: '' }, `instances/${uid}`),
  query,
});

/** Of the largest picture, where the server keeps it apart. */
async function profileOf(datasets: readonly Dataset[], { address, asking }: Web, waits: Waits) {
  const widthOf = (dataset: Dataset): number => dataset.whole(TAG.matrixColumns) ?? 0;
  const largest = datasets.reduce((most, each) => (widthOf(each) > widthOf(most) ? each : most));
  const uri = largest.items(TAG.opticalPaths)[0]?.elsewhere(TAG.iccProfile);
  return uri === undefined ? undefined : bulkOf(uri, address, asking, waits);
}

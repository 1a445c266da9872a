// The DICOM slides of dicom-kinds.test.ts in a browser, with its own JPEG decoder and real workers.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openerInTab, type SlideOpener } from '../open-in-tab.ts';
import { readRegion } from '../region.ts';
import told from '../testing/fixtures/dicom/what.json';
import { throughOwnWindow } from '../testing/pixels.ts';

const urls = import.meta.glob<string>('../testing/fixtures/dicom/*.{dcm,rgb}', {
  query: '?url',
  import: 'default',
  eager: true,
});
const bytesOf = async (name: string): Promise<ArrayBuffer> =>
  (await fetch(urls[`../testing/fixtures/dicom/${name}`] ?? `missing/${name}`)).arrayBuffer();
const truthOf = async (name: string): Promise<Uint8Array> => {
  if (name === 'window') return throughOwnWindow(await truthOf('grey'));
  return new Uint8Array(await bytesOf(name === 'rgb' ? 'picture.rgb' : name === 'grey' ? 'grey.rgb' : name));
};

const { signal } = new AbortController();
let opener: SlideOpener;
beforeAll(() => {
  opener = openerInTab();
});
afterAll(() => opener[Symbol.dispose]());

const { width, height, files } = told;
for (const [name, kind] of Object.entries(files)) {
  if ('refused' in kind || 'beside' in kind) continue;
  test(name, async () => {
    using slide = await opener.open(new File([await bytesOf(name)], name), { signal });
    const { rgba } = await readRegion(slide, { x: 0, y: 0, width, height }, 1, { signal });
    let difference = 0;
    for (const [i, value] of (await truthOf(kind.truth)).entries())
      difference = Math.max(difference, Math.abs((rgba[Math.floor(i / 3) * 4 + (i % 3)] ?? 0) - value));
    expect(difference).toBeLessThanOrEqual(kind.most);
  });
}

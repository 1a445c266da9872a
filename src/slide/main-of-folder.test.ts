// Whether files that come together are one slide, by what is in them.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { areTogether, type Together } from './main-of-folder.ts';
import { openSlide } from './open.ts';
import { nodeDecoders } from './testing/decoders.ts';

const FIXTURES = resolve(import.meta.dirname, 'testing/fixtures');
const { signal } = new AbortController();

const file = (path: string, name = basename(path)): File => new File([readFileSync(resolve(FIXTURES, path))], name);
const note = (name: string): File => new File(['Not a slide.'], name);
const filesIn = (folder: string): File[] =>
  readdirSync(resolve(FIXTURES, folder)).map((name) => file(`${folder}/${name}`));
const at = (path: string, of: File): File => Object.defineProperty(of, 'webkitRelativePath', { value: path });

const OME = filesIn('ome-files/channels');
const DICOM = ['concatenation-1.dcm', 'concatenation-2.dcm'].map((name) => file(`dicom/${name}`));
const BESIDE = [note('notes.txt'), note('README'), note('cells.csv'), note('cells.json')];
const tiff = (name: string): File => file('grey.tif', name);
const picture = (name: string): File => file('ycbcr-444.jpg', name);

test.each<readonly [what: string, files: readonly File[], are: Together]>([
  ['several OME-TIFFs that are one slide', OME, 'several files'],
  ['those with a companion file', filesIn('ome-files/planes'), 'several files'],
  ['those and what else lies there', [...OME, ...BESIDE], 'several files'],
  ['those and another slide', [...OME, tiff('other.tif')], 'no single slide'],
  ['DICOM files', DICOM, 'several files'],
  ['those without endings', DICOM.map((each, i) => file(`dicom/${each.name}`, `1.2.840.${i}`)), 'several files'],
  ['those and what else lies there', [...DICOM, ...BESIDE, picture('preview.jpg')], 'several files'],
  ['those and another slide', [...DICOM, tiff('other.tif')], 'no single slide'],
  ['a slide and what else lies there', [tiff('a.tif'), ...BESIDE, picture('preview.jpg')], 'one file'],
  ['a slide and a file that only has a name of DICOM', [tiff('a.tif'), note('a.dcm')], 'one file'],
  ['two slides', [tiff('a.tif'), tiff('b.tif')], 'no single slide'],
  ['a picture, and what macOS leaves beside it', [picture('a.jpg'), note('._a.jpg'), note('._b.tif')], 'one file'],
  ['two pictures', [picture('a.jpg'), picture('b.jpg')], 'no single slide'],
  [
    'a MIRAX slide',
    [file('mirax/plain.mrxs'), ...filesIn('mirax/plain').map((each) => at(`plain/${each.name}`, each))],
    'several files',
  ],
  ['Deep Zoom with its tiles', [note('a.dzi'), at('a_files/0/0_0.jpeg', picture('0_0.jpeg'))], 'several files'],
  ['an OME-Zarr', [at('x.zarr/.zattrs', note('.zattrs')), at('x.zarr/0/.zarray', note('.zarray'))], 'several files'],
  ['what is no slide', BESIDE, 'no single slide'],
  ['nothing', [], 'no single slide'],
])('%s: %#', async (_what, files, are) => {
  expect(await areTogether(files, { signal })).toBe(are);
  expect(await areTogether([...files].reverse(), { signal })).toBe(are);
});

const open = (files: readonly File[]) => openSlide(files, { signal, decoders: nodeDecoders });

test('what lies beside the files of a slide does not change it', async () => {
  using alone = await open(DICOM);
  using among = await open([...BESIDE, ...DICOM, picture('preview.jpg')]);
  expect(among.levels).toEqual(alone.levels);
  expect(await among.fingerprint({ signal })).toBe(await alone.fingerprint({ signal }));
});

test('no slide among the files, and several of them, are told by their names', async () => {
  await expect(open([...DICOM, tiff('other.tif')])).rejects.toMatchObject({
    failure: { tag: 'BadInput', seen: 'it holds 2 slides: other.tif, concatenation-1.dcm' },
  });
  await expect(open(BESIDE)).rejects.toMatchObject({
    failure: { tag: 'BadInput', seen: 'no slide is in it, but README and 3 more' },
  });
  await expect(open([])).rejects.toMatchObject({ failure: { tag: 'BadInput', seen: 'no file is in it' } });
});

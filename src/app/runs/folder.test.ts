// What the queue takes of several files and folders: slides of one file each, by what they are.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { sourcesOf } from './folder.ts';
import { nameOfSource } from './run-source.ts';

const FIXTURES = resolve(import.meta.dirname, '../../slide/testing/fixtures');
const { signal } = new AbortController();

const read = (path: string, name = basename(path)): File => new File([readFileSync(resolve(FIXTURES, path))], name);
const note = (name: string): File => new File(['Not a slide.'], name);
const at = (path: string, of: File): File => Object.defineProperty(of, 'webkitRelativePath', { value: path });
const tiff = (name: string): File => read('grey.tif', name);
const picture = (name: string): File => read('ycbcr-444.jpg', name);
const all = (folder: string): File[] => readdirSync(resolve(FIXTURES, folder)).map((name) => read(`${folder}/${name}`));
const CHANNELS = all('ome-files/channels');
const WITH_COMPANION = all('ome-files/planes');

const queued = async (files: Parameters<typeof sourcesOf>[0]) => {
  const { sources, leftOut } = await sourcesOf(files, { signal });
  return { names: sources.map(nameOfSource), leftOut };
};

test('several slides are taken, in their order; the files of one slide are not taken as several', async () => {
  expect(await queued([tiff('b.tif'), 'phantom:7', ...CHANNELS, tiff('a.tif')])).toEqual({
    names: ['b.tif', 'Sample 7', 'a.tif'],
    leftOut: [CHANNELS[0]?.name],
  });
  expect(await queued([tiff('a.tif'), read('dicom/concatenation-1.dcm'), read('dicom/concatenation-2.dcm')])).toEqual({
    names: ['a.tif'],
    leftOut: ['concatenation-1.dcm'],
  });
  expect((await queued([...WITH_COMPANION, tiff('a.tif'), tiff('b.tif')])).names).toEqual(['a.tif', 'b.tif']);
  await expect(queued(WITH_COMPANION)).rejects.toThrow(': a slide of several files');
  await expect(queued(CHANNELS)).rejects.toThrow(`${CHANNELS[0]?.name}: a slide of several files`);
});

test('the sets of a folder lie in folders of their own, under names that another has too', async () => {
  const of = (folder: string): File[] =>
    CHANNELS.map((file) => at(`all/${folder}/${file.name}`, new File([file], file.name)));
  expect(await queued([...of('one'), ...of('two'), at('all/a.tif', tiff('a.tif'))])).toEqual({
    names: ['a.tif'],
    leftOut: [`all/one/${CHANNELS[0]?.name}`, `all/two/${CHANNELS[0]?.name}`],
  });
});

test('tiles of a picture, what macOS leaves, and pictures beside a slide are no slides; pictures alone are', async () => {
  const tiles = ['a_files/0/0_0.jpeg', 'TileGroup0/0-0-0.jpg'].map((path) =>
    at(`all/${path}`, picture(basename(path))),
  );
  expect(
    (await queued([...tiles, at('all/b.tif', tiff('b.tif')), note('._c.tif'), picture('label.png')])).names,
  ).toEqual(['b.tif']);
  expect((await queued([...tiles, picture('a.jpg'), picture('b.png')])).names).toEqual(['a.jpg', 'b.png']);
});

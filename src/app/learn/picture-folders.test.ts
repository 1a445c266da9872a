import { expect, test } from 'vitest';
import { pictureFolders } from './picture-folders.ts';

const at = (...paths: string[]) => paths.map((path) => ({ file: new File([], path.split('/').at(-1) ?? ''), path }));

test('each folder with pictures in it, by name; what is none, or hidden, is counted', () => {
  const files = at(
    'crc5/healthy/b.png',
    'crc5/healthy/a.JPG',
    'crc5/tumour/slide 2/c.tif',
    'crc5/tumour/slide 1/d.png',
    'crc5/README.md',
    'crc5/.cache/e.png',
    'loose.png',
  );
  const { folders, refused } = pictureFolders(files);
  expect(folders.map(({ name, parent, files: of }) => [parent, name, of.map((file) => file.name)])).toEqual([
    ['', '', ['loose.png']],
    ['crc5', 'healthy', ['a.JPG', 'b.png']],
    ['tumour', 'slide 1', ['d.png']],
    ['tumour', 'slide 2', ['c.tif']],
  ]);
  expect(refused).toBe(2);
});

test('nothing of nothing', () => {
  expect(pictureFolders([])).toEqual({ folders: [], refused: 0 });
});

// Folders of pictures as classes, and as bags: files are stand-ins, their slides made up.
import { expect, test } from 'vitest';
import { encoderManifest, sceneEncoder } from '#analysis/testing/scene-encoder.ts';
import { calm, scene } from '#analysis/testing/scene-run.ts';
import { sceneSlide } from '#analysis/testing/stand-in.ts';
import { EosinError } from '#errors/failure.ts';
import { ClassPictures } from './class-pictures.ts';
import { embedPictures } from './embed-pictures.ts';

const waits = { signal: calm };
const at = (...paths: string[]) => paths.map((path) => ({ file: new File([], path.split('/').at(-1) ?? ''), path }));

/** A picture as wide as its file's name says. */
const read = async (from: Blob) => {
  const name = from instanceof File ? from.name : '';
  if (name.startsWith('broken'))
    throw new EosinError({ tag: 'UnsupportedSlide', name, reason: 'it is no picture', todo: 'Choose another.' });
  const width = Number.parseInt(name, 10);
  return { slide: sceneSlide({ ...scene, width, height: 64, glands: [], nuclei: [], lumina: [] }) };
};

test('pictures by class, side by side; what cannot be read is counted and the rest stays', async () => {
  const pictures = new ClassPictures();
  const shares: number[] = [];
  const files = at('set/tumour/96.png', 'set/tumour/broken.png', 'set/stroma/64.png', 'set/stroma/80.png', 'set/a.txt');
  const asked = { read, onProgress: (share: number) => shares.push(share) };
  const found = await pictures.take(files, sceneEncoder(), asked, waits);
  expect(found).toEqual({
    encoder: encoderManifest.id,
    pictures: 3,
    classes: [
      { name: 'stroma', count: 2 },
      { name: 'tumour', count: 1 },
    ],
    refused: 2,
  });
  expect(shares).toEqual([0.25, 0.5, 0.75, 1]);
  const block = pictures.of(encoderManifest.id, 'block1');
  expect([block?.features.rows, block?.features.cols, block?.classes]).toEqual([3, 2, ['stroma', 'stroma', 'tumour']]);
  expect(pictures.of('another', 'block1')).toBeUndefined();
  pictures.forget(encoderManifest.id);
  expect(pictures.of(encoderManifest.id, 'block1')).toBeUndefined();
});

test('no two pictures have the same place; one that is a slide is refused by its size', async () => {
  const { features, rows } = await embedPictures(
    {
      files: at('64.png', '20000.png', '80.png').map(({ file }) => file),
      encoder: sceneEncoder(),
      read: async (from) => {
        const { slide } = await read(from);
        const [level] = slide.levels;
        return { slide: level?.widthPx === 20_000 ? { ...slide, levels: [{ ...level, heightPx: 20_000 }] } : slide };
      },
      onDone: () => undefined,
    },
    waits,
  );
  expect(rows).toEqual([0, -1, 1]);
  expect([...features.boxes]).toEqual([0, 0, 64, 64, 64, 0, 80, 64]);
});

test('a folder without classes, or without a picture that can be read, is said', async () => {
  const pictures = new ClassPictures();
  const take = (...paths: string[]) =>
    pictures.take(at(...paths), sceneEncoder(), { read, onProgress: () => undefined }, waits);
  await expect(take('set/a.txt')).rejects.toThrow(/no pictures in sub-folders/);
  await expect(take('set/tumour/64.png')).rejects.toThrow(/one class, tumour/);
  await expect(take('set/a/broken1.png', 'set/b/broken2.png')).rejects.toThrow(/none of 2 could be read/);
});

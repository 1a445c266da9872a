import { expect, test } from 'vitest';
import { FeatureSet } from '#analysis/feature-set.ts';
import { encoderManifest } from '#analysis/testing/scene-encoder.ts';
import { KeptFeatures } from '../attention/kept-features.ts';
import { withPictures } from './with-pictures.ts';

function slideOf(rows: number) {
  const features = new FeatureSet(encoderManifest);
  for (let row = 0; row < rows; row++)
    features.add(
      `${row}`,
      { x: 64 * row, y: 0, width: 64, height: 64 },
      {
        block1: { dims: [1, 2], data: Float32Array.of(row, -row) },
        block2: { dims: [1, 1], data: Float32Array.of(0) },
      },
    );
  return new KeptFeatures().name(
    'patches',
    features,
    Uint32Array.from({ length: rows }, (_, row) => row),
  );
}

const pictures = {
  features: { values: Float32Array.of(10, 11, 20, 21, 30, 31), rows: 3, cols: 2 },
  classes: ['tumour', 'stroma', 'tumour'],
};

test('classes of one name are one; colours of the slide stay; pictures are groups of their own', () => {
  const onSlide = {
    rows: Uint32Array.of(1, 4),
    labels: Uint8Array.of(0, 1),
    classes: [
      { name: 'tumour', color: '#ff7a1a' },
      { name: 'mucosa', color: '#1fa2ff' },
    ],
    groups: Uint32Array.of(0, 1),
  };
  const found = withPictures(slideOf(5), 'block1', onSlide, pictures);
  expect([...found.features.values]).toEqual([1, -1, 4, -4, 10, 11, 20, 21, 30, 31]);
  expect([...found.labels]).toEqual([0, 1, 0, 2, 0]);
  expect(found.classes.map(({ name }) => name)).toEqual(['tumour', 'mucosa', 'stroma']);
  expect(new Set(found.classes.map(({ color }) => color)).size).toBe(3);
  expect([...(found.groups ?? [])]).toEqual([0, 1, 2, 3, 4]);
});

test('pictures alone teach as well', () => {
  const found = withPictures(slideOf(2), 'block1', undefined, pictures);
  expect([...found.labels]).toEqual([1, 0, 1]);
  expect([found.features.rows, found.groups]).toEqual([3, undefined]);
});

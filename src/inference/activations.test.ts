import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { largestActivation } from './activations.ts';
import { onnxBytes } from './testing/onnx-bytes.ts';

const shipped = (id: string): number =>
  largestActivation(new Uint8Array(readFileSync(`public/models/${id}/model.onnx`)), 'image');

// The stem of a ResNet writes 64 channels at half the side: 16 elements a pixel. The largest of Cerberus lite is its
// nuclei maps' stack at twice the side, EfficientNet's the expansion of its second block (96 channels at half the side).
test.each([
  ['resnet18-simclr', 16],
  ['resnet18-imagenet-distilled', 16],
  ['efficientnet-lite0-imagenet', 24],
])('%s: %d elements a pixel', (id, elements) => expect(shipped(id)).toBe(elements));

test('Cerberus lite’s is known', () => expect(shipped('cerberus-lite')).toBeGreaterThanOrEqual(16));

test('a graph by hand: stride, transposed convolution, concatenation', () => {
  const onnx = onnxBytes(
    [
      { op: 'Conv', inputs: ['image', 'w'], output: 'a' }, // 8 channels
      { op: 'ConvTranspose', inputs: ['a', 't'], output: 'b', ints: { group: 2 } }, // 2 × 5 channels
      { op: 'Concat', inputs: ['a', 'b'], output: 'c', ints: { axis: 1 } }, // 18
      { op: 'DepthToSpace', inputs: ['c'], output: 'd', ints: { blocksize: 2 } }, // the same, elsewhere
    ],
    { w: [8, 3, 3, 3], t: [8, 5, 2, 2] },
    true,
  );
  expect(largestActivation(onnx, 'image')).toBe(18);
});

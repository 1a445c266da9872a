import { expect } from 'vitest';
import { jpeg2000Header } from './jpeg2000.ts';
import { testOn } from './testing/shared.ts';

const MAGIC = [0xff, 0x4f, 0xff, 0x51];

function firstCodestream(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const at = bytes.findIndex((_, i) => MAGIC.every((byte, k) => bytes[i + k] === byte));
  return bytes.subarray(at);
}

testOn('tcga-cr-7395-01a-01-ts1.svs', 'RGB: size, components, resolutions', async (file) => {
  const header = jpeg2000Header(firstCodestream(new Uint8Array(await file.arrayBuffer())));
  expect(header).toEqual({
    width: 256,
    height: 256,
    components: 3,
    depth: 8,
    subsampled: false,
    mixed: true,
    resolutions: 5,
  });
});

testOn('derived/cmu-crop-jp2k-33003.svs', 'YCbCr with half the colour; what is no header', async (file) => {
  const stream = firstCodestream(new Uint8Array(await file.arrayBuffer()));
  expect(jpeg2000Header(stream)).toMatchObject({ width: 256, subsampled: true, resolutions: 4 });
  expect(jpeg2000Header(stream.subarray(0, 30))).toBeUndefined();
  expect(jpeg2000Header(stream.subarray(4))).toBeUndefined();
  const odd = stream.slice(0, 400);
  odd[43] = 3; // a first component at a third of the width
  expect(jpeg2000Header(odd)).toBeUndefined();
});

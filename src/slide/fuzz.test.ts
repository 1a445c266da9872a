// Damaged files and damaged answers: see testing/fuzzing.ts for what each has to end in.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import sharp from 'sharp';
import { test } from 'vitest';
import { damaged, withSums } from './testing/damage.ts';
import { storedInstance } from './testing/dicom-files.ts';
import { multipart } from './testing/dicomweb-server.ts';
import { fuzzed } from './testing/fuzzing.ts';
import { stack } from './testing/imagej-stack.ts';
import { sharedFiles, sharedPath, testOn } from './testing/shared.ts';
import type { Fetch } from './url-source.ts';

const CASES = 80; // a file
const FILES = [
  'jpeg-rgb.tif',
  'lzw-predictor.tif',
  'deflate-big.tif',
  'strips-lzw.tif',
  'grey.tif',
  'strips-packbits.tif',
  'strips-zstd.tif',
  'ycbcr-420.jpg',
  'dicom/rle.dcm',
  'dicom/rle-16.dcm',
  'dicom/j2k-16.dcm',
  'dicom/fragments-no-table.dcm',
  'dicom/extended-table.dcm',
  'dicom/lights-full.dcm',
  'dicom/lights-sparse.dcm',
  'odd/colours-apart.ome.tif',
  'makers/trestle.tif',
];
const ZARRS = [
  'v2-blosc-bitshuffle-16',
  'v2-big-f4',
  'v3-shards-blosc-16',
  'v3-shards-index-first',
  'tczyx-in-one-chunk',
];
/** Slides in several files. */
const SETS = [
  {
    name: 'a MIRAX slide',
    paths: [
      'mirax/stitching.mrxs',
      ...['Slidedat.ini', 'Index.dat', 'Data0000.dat', 'Data0001.dat'].map((file) => `mirax/stitching/${file}`),
    ],
  },
  { name: 'an OME-TIFF by channels', paths: [0, 1, 2].map((c) => `ome-files/channels/cells_C${c}.ome.tif`) },
  {
    name: 'an OME-TIFF by planes',
    paths: ['cells.companion.ome', 'cells_C0_Z0.ome.tif', 'cells_C1_Z0.ome.tif', 'cells_C1_Z1.ome.tif'].map(
      (file) => `ome-files/planes/${file}`,
    ),
  },
];
/** One of each format, from ../shared. */
const SHARED = [
  'CMU-1-Small-Region.svs',
  'tcga-cr-7395-01a-01-ts1.svs',
  'derived/cmu-crop-jp2k-33003.svs',
  'derived/cmu-crop-hamamatsu.ndpi',
  'derived/cmu-crop-leica.scn',
  'derived/cmu-crop-philips.tiff',
  'derived/cmu-crop-ventana.bif',
  'small_vectra.qptiff',
  '2048x2048_ome6_tiled.ome.tif',
  'derived/cmu-subifd.ome.tif',
  'highdicom-sm-image.dcm',
  'camelyon-jpeg2000.dcm',
  'derived/cmu-level1-tiled-sparse.dcm',
  'pathml-small-dicom.dcm',
];
const FOLDERS = ['derived/cmu-crop.ome.zarr', 'dicom-cmu-1-small-region'];
const SHARED_CASES = 50; // a file

for (const name of FILES) {
  test(`${CASES} damaged copies of ${name}`, async () => {
    const whole = new Uint8Array(readFileSync(resolve(import.meta.dirname, 'testing/fixtures', name)));
    await fuzzed(name, CASES, (next) => ({ from: new File([damaged(whole, next)], name) }));
  });
}

test(`${CASES} damaged copies of a PNG`, async () => {
  const plain = readFileSync(resolve(import.meta.dirname, 'testing/fixtures/jpeg-rgb.tif.0.png'));
  const text = Buffer.concat([Buffer.from('----tEXtComment\0'), Buffer.alloc(1400, 'tissue '), Buffer.alloc(4)]);
  text.writeUInt32BE(text.length - 12);
  const behindSize = 33; // where a chunk may be put in that takes damage without making every copy unreadable
  const whole = Buffer.concat([plain.subarray(0, behindSize), text, plain.subarray(behindSize)]);
  await fuzzed('picture.png', CASES, (next) => ({
    from: new File([withSums(damaged(new Uint8Array(whole), next))], 'picture.png'),
  }));
});

test(`${CASES} damaged copies of a WebP`, async () => {
  const whole = await sharp(resolve(import.meta.dirname, 'testing/fixtures/jpeg-rgb.tif.0.png'))
    .webp()
    .toBuffer();
  await fuzzed('picture.webp', CASES, (next) => ({
    from: new File([damaged(new Uint8Array(whole), next)], 'picture.webp'),
  }));
});

test(`${CASES} damaged copies of an ImageJ stack`, async () => {
  const file = stack({ says: 'channels=2\nslices=3\nhyperstack=true\n', images: 6, bits: 16 });
  const whole = new Uint8Array(await file.arrayBuffer());
  await fuzzed(file.name, CASES, (next) => ({ from: new File([damaged(whole, next)], file.name) }));
});

for (const name of ZARRS) {
  test(`${CASES} copies of the OME-Zarr ${name}, a file or two of each damaged`, async () => {
    const files = zarrOf(name);
    await fuzzed(name, CASES, (next) => {
      const hit = new Set([0, 1].map(() => Math.floor(next() * files.length)));
      const from = files.map(({ path, bytes }, i) =>
        inFolder(`${name}.zarr/${path}`, hit.has(i) ? damaged(bytes, next) : bytes),
      );
      return { from };
    });
  });
}

for (const { name, paths } of SETS) {
  test(`${CASES} copies of ${name}, a file or two of each damaged`, async () => {
    const files = paths.map((path) => ({
      path,
      bytes: new Uint8Array(readFileSync(resolve(import.meta.dirname, 'testing/fixtures', path))),
    }));
    await fuzzed(name, CASES, (next) => {
      const hit = new Set([0, 1].map(() => Math.floor(next() * files.length)));
      return { from: files.map(({ path, bytes }, i) => inFolder(path, hit.has(i) ? damaged(bytes, next) : bytes)) };
    });
  });
}

for (const name of SHARED) {
  testOn(
    name,
    `${SHARED_CASES} damaged copies`,
    async (file) => {
      const whole = new Uint8Array(await file.arrayBuffer());
      await fuzzed(name, SHARED_CASES, (next) => ({ from: new File([damaged(whole, next)], file.name) }));
    },
    120_000,
  );
}

for (const name of FOLDERS) {
  testOn(
    name,
    `${SHARED_CASES} copies, a file or two of each damaged`,
    async () => {
      const files = await Promise.all(
        sharedFiles(name).map(async (file) => ({ file, bytes: new Uint8Array(await file.arrayBuffer()) })),
      );
      const headers = files.filter(({ file }) => /^\.z|\.dcm$/.test(file.name));
      await fuzzed(name, SHARED_CASES, (next) => {
        const pick = <T>(list: readonly T[]): T | undefined => list[Math.floor(next() * list.length)];
        const one = () => pick(next() < 0.2 ? headers : files);
        const hit = new Set([one(), one()]);
        const from = files.map((each) =>
          hit.has(each) ? withPath(new File([damaged(each.bytes, next)], each.file.name), each.file) : each.file,
        );
        return { from };
      });
    },
    120_000,
  );
}

/** See testing/fixtures/zarr/make.py. */
function zarrOf(name: string): { path: string; bytes: Uint8Array<ArrayBuffer> }[] {
  const all: { kinds: Record<string, { files: Record<string, string> }> } = JSON.parse(
    readFileSync(resolve(import.meta.dirname, 'testing/fixtures/zarr/kinds.json'), 'utf8'),
  );
  const files = Object.entries(all.kinds[name]?.files ?? {});
  return files.map(([path, base64]) => ({ path, bytes: Uint8Array.from(Buffer.from(base64, 'base64')) }));
}

const inFolder = (path: string, bytes: Uint8Array<ArrayBuffer>): File =>
  Object.defineProperty(new File([bytes], path.slice(path.lastIndexOf('/') + 1)), 'webkitRelativePath', {
    value: path,
  });

const withPath = (file: File, as: File): File =>
  Object.defineProperty(file, 'webkitRelativePath', { value: Reflect.get(as, 'webkitRelativePath') });

/** Answers what `answer` knows, every other time damaged, and 404 for all else. */
const fetching =
  (next: () => number, answer: (path: string) => Answer | undefined): Fetch =>
  async (input) => {
    const found = answer(String(input).slice(HOST.length));
    if (!found) return new Response(null, { status: 404 });
    const bytes = next() < 0.5 ? damaged(found.bytes, next) : found.bytes;
    return new Response(bytes, { headers: { 'Content-Type': found.type } });
  };

interface Answer {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}
const HOST = 'https://slides.example.org/';
const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

testOn('dicom-cmu-1-small-region', `${SHARED_CASES} DICOMweb servers that answer damaged`, async () => {
  const files = await Promise.all(sharedFiles('dicom-cmu-1-small-region').map((file) => file.arrayBuffer()));
  const instances = files.map((bytes) => storedInstance(new Uint8Array(bytes)));
  const metadata = utf8(JSON.stringify(instances.map(({ model }) => model)));
  await fuzzed('DICOMweb', SHARED_CASES, (next) => ({
    from: `${HOST}studies/1.2/series/3.4`,
    fetch: fetching(next, (path) => {
      if (path.endsWith('/metadata')) return { bytes: metadata, type: 'application/dicom+json' };
      const [, uid, list = ''] = /instances\/([\d.]+)\/frames\/([\d,]+)$/.exec(path) ?? [];
      const stored = instances.find((each) => each.uid === uid)?.frames ?? [];
      const frames = list.split(',').flatMap((number) => stored[Number(number) - 1] ?? []);
      if (frames.length === 0) return undefined;
      const bytes = multipart(frames.map((frame) => ({ type: 'image/jpeg', bytes: frame })));
      return { bytes: new Uint8Array(bytes), type: 'multipart/related; type="image/jpeg"; boundary=eosin-7f3a' };
    }),
  }));
});

testOn('derived/cmu.dzi', `${SHARED_CASES} Deep Zoom pictures that come damaged`, async () => {
  await fuzzed('Deep Zoom', SHARED_CASES, (next) => ({
    from: `${HOST}cmu.dzi`,
    fetch: fetching(next, (path) => {
      const file = sharedPath(`derived/${path}`);
      return existsSync(file) ? { bytes: new Uint8Array(readFileSync(file)), type: '' } : undefined;
    }),
  }));
});

test(`${CASES} IIIF servers that answer damaged`, async () => {
  const tile = new Uint8Array(readFileSync(resolve(import.meta.dirname, 'testing/fixtures/ycbcr-444.jpg'))); // 150 × 110
  const tiles = [{ width: 150, height: 110, scaleFactors: [1, 2] }];
  const info = { '@context': 'http://iiif.io/api/image/3/context.json', width: 300, height: 220, tiles };
  await fuzzed('IIIF', CASES, (next) => ({
    from: `${HOST}picture/info.json`,
    fetch: fetching(next, (path) =>
      path.endsWith('info.json')
        ? { bytes: utf8(JSON.stringify(info)), type: 'application/json' }
        : { bytes: tile, type: 'image/jpeg' },
    ),
  }));
});

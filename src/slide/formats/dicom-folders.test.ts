// Folders of DICOM files as archives hand them out: planes in a file each, pictures in parts, other files and slides among them.
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { openSlide } from '../open.ts';
import { readRegion } from '../region.ts';
import type { Chosen } from '../slide.ts';
import { nodeDecoders } from '../testing/decoders.ts';
import { type DicomOptions, dicomBytes } from '../testing/dicom-bytes.ts';
import { costOf } from '../testing/meter.ts';

const { signal } = new AbortController();
const SIDE = 16;

const grey = (value: number): Promise<Uint8Array> =>
  sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: { r: value, g: value, b: value } } })
    .jpeg({ quality: 100 })
    .toBuffer();

let made = 0;
type Asked = Partial<Omit<DicomOptions, 'frames'>> & { readonly greys: readonly number[] };

/** A file whose frames, of 16 × 16 pixels, have these greys; so many beside each other as it has. */
async function fileOf({ greys, ...more }: Asked, name = `${++made}.dcm`): Promise<File> {
  const frames = await Promise.all(greys.map(grey));
  const matrix = [SIDE * greys.length, SIDE] as const;
  const bytes = dicomBytes({ uid: `1.2.3.4.${++made}`, matrix, frame: [SIDE, SIDE], frames, ...more });
  return Object.defineProperty(new File([bytes], name), 'webkitRelativePath', { value: `slide/${name}` });
}

const open = (files: readonly File[], chosen: Chosen = {}) =>
  openSlide(files, { signal, decoders: nodeDecoders, chosen });

/** The greys along the top of a level. */
async function greysOf(files: readonly File[], chosen: Chosen = {}, level = 0): Promise<(number | undefined)[]> {
  using slide = await open(files, chosen);
  const { downsample, widthPx } = slide.levels[level] ?? { downsample: 1, widthPx: 0 };
  const rect = { x: 0, y: 0, width: widthPx * downsample, height: downsample };
  const { rgba } = await readRegion(slide, rect, downsample, { signal });
  return Array.from({ length: Math.ceil(widthPx / SIDE) }, (_, i) => rgba[i * SIDE * 4]);
}

test('focal planes in a file each are planes to choose from, by their depth, in smaller levels too', async () => {
  const files = await Promise.all([
    fileOf({ greys: [30, 30], depthUm: 1.5 }),
    fileOf({ greys: [10, 10], depthUm: -1.5 }),
    fileOf({ greys: [20, 20], depthUm: 0 }),
    fileOf({ greys: [130], depthUm: 1.5, matrix: [SIDE, SIDE / 2] }),
    fileOf({ greys: [110], depthUm: -1.5, matrix: [SIDE, SIDE / 2] }),
    fileOf({ greys: [120], depthUm: 0, matrix: [SIDE, SIDE / 2] }),
  ]);
  using slide = await open(files);
  expect(slide.planes).toEqual({ names: ['Plane 1, −1.5 µm', 'Plane 2, 0 µm', 'Plane 3, 1.5 µm'], shown: 1 });
  expect(await greysOf(files)).toEqual([20, 20]);
  for (const plane of [0, 1, 2]) {
    expect(await greysOf(files, { plane })).toEqual([10 * plane + 10, 10 * plane + 10]);
    expect(await greysOf(files, { plane }, 1)).toEqual([10 * plane + 110]);
  }
});

test('the same file twice is no second plane', async () => {
  const twice = [await fileOf({ greys: [10], depthUm: 0 }), await fileOf({ greys: [10], depthUm: 0 })];
  using slide = await open(twice);
  expect(slide.planes).toBeUndefined();
});

const part = (number: number, count: number, offset?: number) => ({
  part: { of: '1.2.9', number, count, ...(offset !== undefined && { offset }) },
  matrix: [SIDE * 6, SIDE] as const,
});

test('parts of a picture are put together by where they begin, or by their numbers where that is left out', async () => {
  const by = async (offsets: readonly (number | undefined)[]) =>
    greysOf(
      await Promise.all([
        fileOf({ greys: [40, 50], ...part(3, 4, offsets[2]) }),
        fileOf({ greys: [10, 20], ...part(1, 4, offsets[0]) }),
        fileOf({ greys: [60], ...part(4, 4, offsets[3]) }),
        fileOf({ greys: [30], ...part(2, 4, offsets[1]) }),
      ]),
    );
  expect(await by([0, 2, 3, 5])).toEqual([10, 20, 30, 40, 50, 60]);
  expect(await by([])).toEqual([10, 20, 30, 40, 50, 60]);
});

test('a part that is missing is told, at the end and in the middle; parts that contradict each other are damage', async () => {
  const first = await fileOf({ greys: [10, 20], ...part(1, 3, 0) });
  const second = await fileOf({ greys: [30, 40], ...part(2, 3, 2) });
  const third = await fileOf({ greys: [50, 60], ...part(3, 3, 4) });
  expect(await greysOf([third, second, first])).toEqual([10, 20, 30, 40, 50, 60]);
  for (const files of [
    [first, second],
    [first, third],
    [second, third],
  ])
    await expect(open(files)).rejects.toMatchObject({
      failure: { tag: 'CorruptSlide', reason: expect.stringContaining('of 3 files that hold it together 2 are here') },
    });
  const over = await fileOf({ greys: [30, 40, 50, 60], ...part(2, 2, 1) });
  await expect(open([first, over])).rejects.toMatchObject({
    failure: { tag: 'CorruptSlide', reason: expect.stringContaining('frame 2') },
  });
});

test('annotations, reports and segmentations beside a slide are left alone', async () => {
  const files = [
    await fileOf({ greys: [90], sopClass: '1.2.840.10008.5.1.4.1.1.91.1' }, 'a-annotations.dcm'),
    await fileOf({ greys: [10, 20] }, 'slide.dcm'),
  ];
  expect(await greysOf(files)).toEqual([10, 20]);
  await expect(open(files.slice(0, 1))).rejects.toMatchObject({
    failure: { tag: 'UnsupportedSlide', reason: expect.stringContaining('no whole-slide') },
  });
});

test('two slides, and two scans of one, are told with the names of their files', async () => {
  const of = (series: string, container: string, name: string) => fileOf({ greys: [10], series, container }, name);
  const one = await of('1.2.3.5', 'S21-1 A', 'a.dcm');
  await expect(open([one, await of('1.2.3.6', 'S21-1 B', 'b.dcm')])).rejects.toMatchObject({
    failure: {
      tag: 'BadInput',
      seen: 'they belong to 2 slides: S21-1 A (a.dcm), S21-1 B (b.dcm)',
      todo: 'Open those of one slide.',
    },
  });
  await expect(open([one, await of('1.2.3.6', 'S21-1 A', 'b.dcm')])).rejects.toMatchObject({
    failure: {
      tag: 'BadInput',
      seen: 'they hold 2 scans of one slide: series 1.2.3.5 (a.dcm), 1.2.3.6 (b.dcm)',
      todo: 'Open those of one series.',
    },
  });
});

test('pictures of other shapes are no levels of each other', async () => {
  const long = await fileOf({ greys: [10, 20, 30, 40] }, 'long.dcm');
  const padded = await fileOf({ greys: [15], matrix: [SIDE, SIDE] }, 'padded.dcm'); // to a whole frame, as some write it
  expect(await greysOf([long, padded])).toEqual([10, 20, 30, 40]);
  const high = await fileOf({ greys: [10, 20, 30], matrix: [SIDE, 3 * SIDE] }, 'high.dcm');
  await expect(open([long, high])).rejects.toMatchObject({
    failure: {
      tag: 'BadInput',
      seen: 'they hold pictures of several shapes: 64 × 16 (long.dcm), 16 × 48 (high.dcm)',
      todo: 'Open the files of one picture.',
    },
  });
  const huge = await fileOf({ greys: [10], matrix: [2 ** 30, 2 ** 30] }, 'huge.dcm');
  await expect(open([long, huge])).rejects.toMatchObject({
    failure: { tag: expect.stringMatching(/BadInput|CorruptSlide/) },
  });
});

test('six hundred files are one slide, in time', async () => {
  const files: File[] = [];
  for (let i = 0; i < 600; i++)
    files.push(await fileOf({ greys: [i % 250], ...part(i + 1, 600, i), matrix: [SIDE * 600, SIDE] }));
  const { cpuMs } = await costOf(async () => {
    const greys = await greysOf(files.reverse());
    expect(greys).toEqual(Array.from({ length: 600 }, (_, i) => i % 250));
  });
  console.info(`${cpuMs.toFixed(0)} ms`);
  expect(cpuMs).toBeLessThan(4000);
});

test('more files than a slide has are not read', async () => {
  const one = await fileOf({ greys: [10] });
  const files = Array.from({ length: 5000 }, (_, i) =>
    Object.defineProperty(new File([one], `${i}.dcm`), 'webkitRelativePath', { value: `archive/${i}.dcm` }),
  );
  await expect(open(files)).rejects.toMatchObject({
    failure: { tag: 'BadInput', what: 'archive', seen: expect.stringContaining('more than 2048 DICOM files') },
  });
}, 60_000);

describe('levels that are padded beyond what they show, as Philips writes them', () => {
  const [WIDTH, HEIGHT] = [96, 48];
  const greyAt = (x: number, y: number): number => 20 + x + 2 * y;

  /** The slide made so many times smaller, white where it is padded to so many frames. */
  async function level(times: number, columns: number, rows: number, spacingMm = 0.00025 * times): Promise<File> {
    const frames: Uint8Array[] = [];
    for (let frame = 0; frame < columns * rows; frame++) {
      const [left, top] = [(frame % columns) * SIDE, Math.floor(frame / columns) * SIDE];
      const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
        const [x, y] = [(left + (Math.floor(i / 3) % SIDE)) * times, (top + Math.floor(i / 3 / SIDE)) * times];
        return x < WIDTH && y < HEIGHT ? greyAt(x, y) : 255;
      });
      const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
      frames.push(await sharp(pixels, { raw }).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer());
    }
    const matrix = [columns * SIDE, rows * SIDE] as const;
    const bytes = dicomBytes({ uid: `1.2.3.4.${++made}`, matrix, frame: [SIDE, SIDE], frames, spacingMm });
    return new File([bytes], `level-${times}.dcm`);
  }

  test('are cut to what their pixels’ size says', async () => {
    const files = [await level(1, 6, 3), await level(2, 4, 3), await level(4, 3, 2), await level(8, 2, 2)];
    using slide = await open(files);
    expect(slide.levels.map(({ widthPx, heightPx, downsample }) => [widthPx, heightPx, downsample])).toEqual([
      [96, 48, 1],
      [48, 24, 2],
      [24, 12, 4],
      [12, 6, 8],
    ]);
    for (const part of [1, 2, 4, 8]) {
      const { rgba } = await readRegion(slide, { x: 0, y: 0, width: WIDTH, height: HEIGHT }, part, { signal });
      let difference = 0;
      for (let y = 0, i = 0; y < HEIGHT; y += part)
        for (let x = 0; x < WIDTH; x += part, i += 4)
          difference = Math.max(difference, Math.abs((rgba[i] ?? 0) - greyAt(x, y)));
      expect(difference).toBeLessThanOrEqual(part === 8 ? 60 : 3); // the edge of the padding is in a block of JPEG with the picture
    }
  });

  test('are levels even where their padding gives them another shape', async () => {
    using slide = await open([await level(1, 6, 12), await level(4, 3, 3)]); // 24 × 48 of 48 × 48
    expect(slide.levels.map(({ widthPx, heightPx }) => [widthPx, heightPx])).toEqual([
      [96, 192],
      [24, 48],
    ]);
  });

  test('are left as they are where the pixels’ size says nothing of the kind', async () => {
    const sizes = async (...spacings: number[]) => {
      using slide = await open([
        await level(1, 6, 3),
        ...(await Promise.all(spacings.map((mm) => level(2, 4, 3, mm)))),
      ]);
      return slide.levels.map(({ widthPx, heightPx }) => `${widthPx} × ${heightPx}`);
    };
    expect(await sizes(0.0005)).toEqual(['96 × 48', '48 × 24']);
    for (const mm of [0, 0.00025, 0.0006, 0.001, 0.0025]) expect(await sizes(mm)).toEqual(['96 × 48', '64 × 48']);
  });
});

test('padding of the last frames is left out of the window of grey values of 16 bits', async () => {
  const frame = (of: (x: number, y: number) => number): Uint8Array =>
    new Uint8Array(Uint16Array.from({ length: SIDE * SIDE }, (_, i) => of(i % SIDE, Math.floor(i / SIDE))).buffer);
  const [width, height] = [SIDE + 5, SIDE + 3];
  const frames = [0, 1].flatMap((row) =>
    [0, 1].map((col) =>
      frame((x, y) => (col * SIDE + x < width && row * SIDE + y < height ? 1000 + 40 * x + 20 * y : 65_535)),
    ),
  );
  const matrix = [width, height] as const;
  const bytes = dicomBytes({ uid: '1.2.3.4.5', matrix, frame: [SIDE, SIDE], frames, isDeepGrey: true });
  using slide = await openSlide(new File([bytes], 'grey.dcm'), { signal, decoders: nodeDecoders });
  const { rgba } = await readRegion(slide, { x: 0, y: 0, width, height }, 1, { signal });
  const [dark, bright] = [rgba[0] ?? 255, rgba[4 * (SIDE - 1 + (SIDE - 1) * width)] ?? 0];
  expect(dark).toBeLessThan(10);
  expect(bright).toBeGreaterThan(245); // of 65,535, which is padding, it is 2 %
});

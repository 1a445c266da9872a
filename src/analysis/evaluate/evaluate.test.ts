import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LoadedModel } from '#inference/model.ts';
import { mpp } from '#units/units.ts';
import { inlinePostprocessor, type Postprocessor } from '../postprocess/postprocessor.ts';
import { type Scene, sceneModel, sceneSlide } from '../testing/stand-in.ts';
import { evaluateImage } from './evaluate.ts';
import { pqOf } from './metrics.ts';

const calm = { signal: new AbortController().signal };

const scene: Scene = {
  width: 100,
  height: 90,
  nuclei: [
    { x: 30, y: 30, r: 10 },
    { x: 70.5, y: 60.5, r: 12 },
  ],
  glands: [{ x: 50, y: 45, r: 40 }],
  lumina: [],
};

test.each(['nuclei', 'glands'] as const)('%s that a model sees as they are score nearly 1', async (task) => {
  const slide = sceneSlide(scene);
  const raster = await slide.readTile({ level: 0, col: 0, row: 0 }, calm);
  if (!('rgba' in raster)) throw new Error('plain pixels were expected');
  const truth = Int32Array.from({ length: 100 * 90 }, (_, i) => {
    const [x, y] = [(i % 100) + 0.5, Math.floor(i / 100) + 0.5];
    return 1 + scene[task].findIndex((disc) => Math.hypot(x - disc.x, y - disc.y) < disc.r);
  });
  const at = { x: mpp(0.25), y: mpp(0.25) };
  const asked = {
    name: 'scene',
    pixels: raster,
    mpp: at,
    task,
    model: sceneModel(),
    postprocess: inlinePostprocessor(),
  };
  const one = await evaluateImage({ ...asked, truth }, calm);
  expect([one.matched, one.falsePositive, one.falseNegative]).toEqual([scene[task].length, 0, 0]);
  expect(pqOf(one)).toBeGreaterThan(task === 'nuclei' ? 0.9 : 0.94); // the model's pixels are two and four of the picture's
  await expect(evaluateImage({ ...asked, truth: truth.slice(1) }, calm)).rejects.toThrow('same size');
});

test('a patch is seen as many ways as asked', async () => {
  const model = sceneModel();
  const views: (number | undefined)[] = [];
  const counted: LoadedModel = {
    ...model,
    run: (patch, options) => {
      views.push(options.views);
      return model.run(patch, options);
    },
  };
  await evaluateImage({ ...onBlank, task: 'nuclei', model: counted, views: 4 }, calm);
  expect(views).toEqual([4]);
});

const blank = { width: 100, height: 90, rgba: new Uint8ClampedArray(4 * 100 * 90).fill(255) };
const onBlank = {
  name: 'blank',
  pixels: blank,
  truth: new Int32Array(100 * 90),
  mpp: { x: mpp(0.25), y: mpp(0.25) },
  postprocess: inlinePostprocessor(),
};

test('a model that knows no glands has none: its nuclei do not stand in for them', async () => {
  const slide = sceneSlide({ ...scene, glands: [] });
  const pixels = await slide.readTile({ level: 0, col: 0, row: 0 }, calm);
  if (!('rgba' in pixels)) throw new Error('plain pixels were expected');
  const model = sceneModel();
  const tasks = { nuclei: model.manifest.tasks.nuclei, glands: undefined, lumina: undefined };
  const without = { ...model, manifest: { ...model.manifest, tasks } };
  const one = await evaluateImage({ ...onBlank, pixels, task: 'glands', model: without }, calm);
  expect([one.matched, one.falsePositive, one.falseNegative]).toEqual([0, 0, 0]);
  expect((await evaluateImage({ ...onBlank, pixels, task: 'nuclei', model: without }, calm)).falsePositive).toBe(2);
});

test('a failed patch fails the image, and the run is ended', async () => {
  const model = sceneModel(() => {
    throw new Error('made to fail');
  });
  let closed = 0;
  const postprocess: Postprocessor = {
    ...onBlank.postprocess,
    openMosaic: async (setup, waits) => {
      const mosaic = await onBlank.postprocess.openMosaic(setup, waits);
      return { ...mosaic, [Symbol.dispose]: () => void closed++ };
    },
  };
  await expect(evaluateImage({ ...onBlank, postprocess, task: 'nuclei', model }, calm)).rejects.toThrow('made to fail');
  expect([closed, model.openRuns()]).toEqual([1, 0]);
});

describe('the command', () => {
  const root = resolve(import.meta.dirname, '../../..');
  let folder = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'eosin-evaluate-'));
    const size = { width: 128, height: 128, channels: 3 as const };
    for (const name of ['a', 'b', 'bare']) {
      await sharp({ create: { ...size, background: '#e8c8dc' } })
        .png()
        .toFile(join(folder, `${name}.png`));
    }
    const labels = new Uint16Array(128 * 128);
    for (let y = 20; y < 40; y++) labels.fill(300, y * 128 + 20, y * 128 + 40);
    for (const name of ['a', 'b']) {
      await sharp(labels, { raw: { width: 128, height: 128, channels: 1 } })
        .toColourspace('grey16')
        .png()
        .toFile(join(folder, `${name}.instances.png`));
    }
    await sharp({ create: { ...size, width: 64, background: '#000000' } })
      .png()
      .toFile(join(folder, 'c.instances.png'));
    await sharp({ create: { ...size, background: '#e8c8dc' } })
      .png()
      .toFile(join(folder, 'c.png'));
    writeFileSync(join(folder, 'list.txt'), 'a\nb.png\n');
    writeFileSync(join(folder, 'bare.txt'), 'a\nbare\n');
    writeFileSync(join(folder, 'wrong.txt'), 'c\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const evaluate = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, ['--import', 'tsx', 'src/analysis/evaluate/evaluate.node.ts', ...args], {
      cwd: root,
      encoding: 'utf8',
    });
  const sibling = 'e2e/fixtures/models/cerberus-sibling';
  const usual = (list: string): string[] => [
    '--images',
    folder,
    '--list',
    join(folder, list),
    '--mpp',
    '0.5',
    '--task',
    'nuclei',
  ];

  test('writes the figures of the images listed', () => {
    const json = join(folder, 'out.json');
    const { status, stdout, stderr } = evaluate('--model', sibling, ...usual('list.txt'), '--json', json);
    expect([status, stderr.split('\n').filter((line) => line.includes('Dice')).length]).toEqual([0, 2]);
    expect(stdout).toContain('2 images');
    const report = JSON.parse(readFileSync(json, 'utf8'));
    expect(report).toMatchObject({ model: 'cerberus-sibling', task: 'nuclei', images: 2, views: 1 });
    const names = ['dice', 'aji', 'pq', 'dq', 'sq', 'f1', 'objectDice'];
    expect([Object.keys(report.metrics), Object.keys(report.ci)]).toEqual([names, names]);
    for (const name of names) expect(report.metrics[name]).toBeGreaterThanOrEqual(0);
  }, 60_000);

  test('of four views says so, and of another number what to give', () => {
    expect(evaluate('--model', sibling, ...usual('list.txt'), '--views', '4').stdout).toContain('2 images, 4 views;');
    expect(evaluate('--model', sibling, ...usual('list.txt'), '--views', '3').stderr).toContain('Give 1 or 4.');
  }, 60_000);

  describe('of classes', () => {
    const head = (images: string, task: string, ...more: string[]): ReturnType<typeof evaluate> =>
      evaluate('--model', 'tiles-crc5', '--images', images, '--mpp', '1', '--task', task, ...more);
    const paint = async (cls: string, name: string): Promise<string> => {
      const root = mkdtempSync(join(folder, 'classes-'));
      mkdirSync(join(root, cls));
      await sharp({ create: { width: 64, height: 64, channels: 3, background: '#c890b8' } })
        .png()
        .toFile(join(root, cls, name));
      return root;
    };

    test('reads folders named by class, whatever their case and spaces, and tells the confusion', async () => {
      const root = await paint('serrated_adenoma', 'a.png');
      const json = join(root, 'out.json');
      expect(head(root, 'tiles', '--json', json).status).toBe(0);
      const { cases, classes, confusion, metrics } = JSON.parse(readFileSync(json, 'utf8'));
      expect([cases, classes.length, confusion.length]).toEqual([1, 5, 5]);
      expect(confusion.flat().reduce((sum: number, count: number) => sum + count)).toBe(1);
      expect(metrics.accuracy.value).toBe(confusion[2][2]);
    }, 60_000);

    test.each([
      ['a folder that is no class', 'unicorns', 'tiles', 'Name folders Adenocarcinoma'],
      ['a head for bags', 'healthy', 'bags', 'is of the task head'],
    ])(
      '%s: a sentence and exit 1',
      async (_, cls, task, sentence) => {
        const { status, stderr } = head(await paint(cls, 'a.png'), task);
        expect([status, stderr]).toEqual([1, expect.stringContaining(sentence)]);
      },
      60_000,
    );
  });

  test.each([
    ['an unknown model', ['--model', 'no-such', ...['--images', '.', '--mpp', '0.5', '--task', 'nuclei']], 'Known are'],
    ['a missing label', ['--model', sibling, 'bare.txt'], 'bare.instances.png are not in'],
    ['labels of another size', ['--model', sibling, 'wrong.txt'], 'same size as the image'],
    ['no mpp', ['--model', sibling, '--images', '.', '--task', 'nuclei'], '--mpp'],
    [
      'an unknown task',
      ['--model', sibling, '--images', '.', '--mpp', '1', '--task', 'cells'],
      'nuclei, glands, lumina',
    ],
    ['no such folder', ['--model', sibling, '--images', 'no-such', '--mpp', '1', '--task', 'nuclei'], 'no such folder'],
  ])(
    '%s: a sentence and exit 1',
    (_, args, sentence) => {
      const last = args.at(-1) ?? '';
      const { status, stderr } = evaluate(...(last.endsWith('.txt') ? [...args.slice(0, -1), ...usual(last)] : args));
      expect(status).toBe(1);
      expect(stderr).toContain(sentence);
      expect(stderr).not.toContain('    at '); // no stack
    },
    60_000,
  );
});

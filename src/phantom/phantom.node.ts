// npm run phantom: pictures of synthetic slides with their truth, for training (seeds ≥ 1000) and tests (below).
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp, { type Sharp } from 'sharp';
import type { Rect } from '#units/rect.ts';
import { HEIGHT_UM, WIDTH_UM } from './anatomy.ts';
import { type Labels, labelImage } from './label-image.ts';
import { NUCLEUS_CLASSES } from './nucleus.ts';
import { type Plan, UM_PER_PX } from './plan.ts';
import { Random } from './random.ts';
import { Scene } from './scene.ts';
import { shapesTouching, TISSUE_CLASSES, type TruthKind, tissueAt } from './truth.ts';

const USAGE = `npm run phantom -- --seeds A-B --mpp M --out DIR [--size PX] [--count N] [--format png|jpg] [--task nuclei|glands|lumina]
  --seeds A-B   slides; seeds from 1000 on are for training, those below for tests
  --mpp M       µm a pixel of the pictures, 0.25 to 2
  --size PX     side of a picture (default 512)
  --count N     pictures a seed (default 4); half from the slide's middle, half from all of its tissue
  --task KIND   write NAME.jpg and NAME.instances.png only, as npm run evaluate reads them
Writes NAME.png (or jpg), NAME.nuclei.png, NAME.glands.png, NAME.lumina.png (16-bit object numbers), NAME.classes.json
(nucleus number → class), NAME.tissue.png (class index, see tissue.json).`;

const KINDS: readonly TruthKind[] = ['nuclei', 'glands', 'lumina'];
const MIDDLE_UM = 2560;

function number(text: string | undefined, name: string, low: number, high: number): number {
  const value = Number(text);
  if (text === undefined || !(value >= low && value <= high))
    throw new Error(`--${name} must be ${low} to ${high}.\n${USAGE}`);
  return value;
}

/** Draws a picture's rectangle (level-0 px) with its middle on tissue. */
function regionOf(plan: Plan, random: Random, side: number, middle: boolean): Rect {
  const half = (side * UM_PER_PX) / 2;
  for (let attempt = 0; ; attempt++) {
    const spreadX = middle ? MIDDLE_UM / 2 - Math.min(half, MIDDLE_UM / 2) : WIDTH_UM / 2 - half;
    const spreadY = middle ? MIDDLE_UM / 2 - Math.min(half, MIDDLE_UM / 2) : HEIGHT_UM / 2 - half;
    const x = WIDTH_UM / 2 + random.between(-1, 1) * spreadX;
    const y = HEIGHT_UM / 2 + random.between(-1, 1) * spreadY;
    const onTissue = tissueAt(plan, x / UM_PER_PX, y / UM_PER_PX) !== TISSUE_CLASSES.length - 1;
    if (onTissue || attempt > 500)
      return {
        x: Math.round((x - half) / UM_PER_PX),
        y: Math.round((y - half) / UM_PER_PX),
        width: side,
        height: side,
      };
  }
}

/** The region at `mpp`: painted at the next finer level, then averaged down. */
async function picture(scene: Scene, region: Rect, mpp: number, size: number): Promise<Sharp> {
  const level = Math.max(0, Math.floor(Math.log2(mpp / UM_PER_PX) + 1e-6));
  const f = 2 ** level;
  const [width, height] = [Math.round(region.width / f), Math.round(region.height / f)];
  const pixels = scene.render(level, { x: Math.round(region.x / f), y: Math.round(region.y / f), width, height });
  const image = sharp(Buffer.from(pixels.rgba.buffer), { raw: { width, height, channels: 4 } }).removeAlpha();
  return width === size ? image : image.resize(size, size, { kernel: 'linear', fit: 'fill' });
}

async function writeLabels(path: string, { ids, width, height }: Labels): Promise<void> {
  await sharp(ids, { raw: { width, height, channels: 1 } })
    .toColourspace('grey16')
    .png()
    .toFile(path);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      mpp: { type: 'string' },
      out: { type: 'string' },
      size: { type: 'string', default: '512' },
      count: { type: 'string', default: '4' },
      format: { type: 'string', default: 'png' },
      task: { type: 'string' },
    },
  });
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(values.seeds ?? '') ?? [];
  if (first === undefined || !values.out) throw new Error(USAGE);
  const mpp = number(values.mpp, 'mpp', UM_PER_PX, 2);
  const size = number(values.size, 'size', 32, 4096);
  const count = number(values.count, 'count', 1, 10_000);
  const task = KINDS.find((kind) => kind === values.task);
  if (values.task !== undefined && !task) throw new Error(`--task must be one of ${KINDS.join(', ')}.\n${USAGE}`);
  const format = values.format === 'jpg' || task ? 'jpg' : 'png';
  await mkdir(values.out, { recursive: true });
  await writeFile(join(values.out, 'tissue.json'), JSON.stringify(TISSUE_CLASSES.map(({ name }) => name)));

  const step = 4 * Math.round((size * mpp) / UM_PER_PX / 4); // level-0 px, whole at the levels in use
  const downsample = step / size;
  for (let seed = Number(first); seed <= Number(last ?? first); seed++) {
    const scene = new Scene(seed);
    const random = new Random(seed * 7919 + 13);
    for (let n = 0; n < count; n++) {
      const drawn = regionOf(scene.plan, random, step, n % 2 === 0);
      const region = { ...drawn, x: 8 * Math.round(drawn.x / 8), y: 8 * Math.round(drawn.y / 8) };
      const base = join(values.out, `phantom-${seed}-${n}`);
      const image = await picture(scene, region, mpp, size);
      await (format === 'jpg' ? image.jpeg({ quality: 92, chromaSubsampling: '4:4:4' }) : image.png()).toFile(
        `${base}.${format}`,
      );
      for (const kind of task ? [task] : KINDS) {
        const shapes = shapesTouching(scene.plan, kind, region);
        const labels = labelImage(
          shapes.map(({ ring }) => ring),
          region,
          downsample,
          size,
          size,
        );
        await writeLabels(`${base}.${task ? 'instances' : kind}.png`, labels);
        if (kind !== 'nuclei' || task) continue;
        const classes = Object.fromEntries(
          labels.from.map((ring, i) => [i + 1, NUCLEUS_CLASSES[shapes[ring]?.classIndex ?? 0]?.name]),
        );
        await writeFile(`${base}.classes.json`, JSON.stringify(classes));
      }
      if (!task) {
        const tissue = Buffer.alloc(size * size);
        for (let i = 0; i < tissue.length; i++) {
          const x = region.x + ((i % size) + 0.5) * downsample;
          const y = region.y + (Math.floor(i / size) + 0.5) * downsample;
          tissue[i] = tissueAt(scene.plan, x, y);
        }
        await sharp(tissue, { raw: { width: size, height: size, channels: 1 } })
          .toColourspace('b-w')
          .png()
          .toFile(`${base}.tissue.png`);
      }
    }
    console.log(`phantom:${seed}: ${count} pictures`);
  }
}

main().catch((thrown: unknown) => {
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exitCode = 1;
});

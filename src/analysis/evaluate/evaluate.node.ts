// npm run evaluate: a model's figures on a folder of images, by the workbench's own path.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { EosinError } from '#errors/failure.ts';
import type { Views } from '#inference/model.ts';
import { mpp as mppOf } from '#units/units.ts';
import { inlinePostprocessor } from '../postprocess/postprocessor.ts';
import { detectionOf, evaluateImage, type Task } from './evaluate.ts';
import { evaluateClasses } from './evaluate-classes.node.ts';
import {
  type Asked,
  isImage,
  LABELS,
  modelFolder,
  nameOf,
  openModel,
  pixelsOf,
  refuse,
} from './evaluate-parts.node.ts';
import { type Intervals, intervals, type Metrics, type Score, summary } from './metrics.ts';

const USAGE = `npm run evaluate -- --model ID --images DIR [--labels DIR] [--list FILE] --mpp N --task nuclei|glands|lumina|tiles|bags [--views 4] [--json FILE]
  --model   a folder of public/models, or the path of a model's folder
  --images  folder with NAME.jpg, .png, .webp or .tif; for tiles CLASS/NAME.jpg; for bags CLASS/BAG/NAME.jpg, or CLASS/NAME.jpg
            where each picture is a bag
  --labels  folder with NAME.instances.png (0 background, 1 … N objects); the images' folder where left out
  --list    names of the images to use, one a line; all that have labels where left out
  --mpp     µm a pixel of the images; they are resampled to the model's
  --views   4: each patch mirrored too and the maps averaged, of nuclei, glands and lumina; four times as long
  --json    file to write { model, task, images, metrics, ci } to; of tiles and bags { cases, classes, confusion, metrics }`;
const TASKS: readonly Task[] = ['nuclei', 'glands', 'lumina'];
const VIEWS: readonly Views[] = [1, 4];
const SEED = 1; // of the bootstrap

type OfClasses = 'tiles' | 'bags';
const OF_CLASSES: readonly OfClasses[] = ['tiles', 'bags'];

interface AskedObjects extends Asked {
  readonly labels: string;
  readonly list: string | undefined;
  readonly task: Task;
  readonly views: Views;
}

function asked(): AskedObjects | (Asked & { readonly task: OfClasses }) {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { model: text, images: text, labels: text, list: text, mpp: text, task: text, views: text, json: text },
  });
  const { model, images, labels, list, json } = values;
  const task = [...TASKS, ...OF_CLASSES].find((name) => name === values.task);
  if (model === undefined) throw refuse('--model', 'it is missing', 'Name a folder of public/models.');
  if (images === undefined) throw refuse('--images', 'it is missing', 'Name the folder with the images.');
  if (!task)
    throw refuse('--task', values.task ?? 'it is missing', `Choose one of ${[...TASKS, ...OF_CLASSES].join(', ')}.`);
  const size = Number(values.mpp);
  if (!(size > 0.05 && size < 20)) {
    throw refuse('--mpp', values.mpp ?? 'it is missing', 'Give the µm a pixel of the images, such as 0.25.');
  }
  for (const folder of [images, labels ?? images]) {
    if (!existsSync(folder)) throw refuse(folder, 'there is no such folder', 'Check the path.');
  }
  const views = VIEWS.find((count) => count === Number(values.views ?? 1));
  if (!views) throw refuse('--views', values.views ?? '', 'Give 1 or 4.');
  const shared = { model, images, mpp: { x: mppOf(size), y: mppOf(size) }, json };
  if (task === 'tiles' || task === 'bags') return { ...shared, task };
  return { ...shared, labels: labels ?? images, list, task, views };
}

async function labelsOf(file: string): Promise<Int32Array> {
  const { data } = await sharp(file)
    .toColourspace('grey16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  return Int32Array.from(new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2));
}

/** Name → image file. */
function imagesOf({ images, labels, list }: AskedObjects): [name: string, file: string][] {
  const files = new Map<string, string>();
  for (const file of readdirSync(images).sort()) {
    if (isImage(file)) files.set(nameOf(file), join(images, file));
  }
  if (list === undefined) {
    const found = [...files].filter(([name]) => existsSync(join(labels, name + LABELS)));
    if (found.length === 0) throw refuse(images, `no image in it has a NAME${LABELS}`, 'Check --images and --labels.');
    return found;
  }
  if (!existsSync(list)) throw refuse(list, 'there is no such file', 'Check --list.');
  const lines = readFileSync(list, 'utf8')
    .split('\n')
    .map((line) => line.trim());
  const names = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (names.length === 0) throw refuse(list, 'it names no image', 'Write one name a line.');
  return names.map((line) => {
    const name = isImage(line) ? nameOf(line) : line;
    const file = files.get(name);
    if (!file)
      throw refuse(`${line} of ${list}`, `no such image is in ${images}`, 'Correct the list, or add the image.');
    if (!existsSync(join(labels, name + LABELS))) {
      throw refuse(name, `its labels ${name}${LABELS} are not in ${labels}`, 'Add them, or take it off the list.');
    }
    return [name, file];
  });
}

/** The same numbers each time (an LCG of Numerical Recipes, high bits). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const NAMES: Record<keyof Metrics, string> = {
  dice: 'Dice',
  aji: 'AJI',
  pq: 'PQ',
  dq: 'DQ',
  sq: 'SQ',
  f1: 'F1',
  objectDice: 'object Dice',
  objectHausdorff: 'object Hausdorff',
};

function table(metrics: Metrics, ci: Intervals, task: Task): string {
  const rule = task === 'nuclei' ? 'IoU above 0.5, pooled' : 'half of an object covered (GlaS), pooled';
  const row = (name: keyof Metrics): string => {
    const [low, high] = ci[name];
    const note = name === 'f1' ? `  ${rule}` : name === 'objectHausdorff' ? '  px of the images' : '';
    return `  ${NAMES[name].padEnd(16)} ${metrics[name].toFixed(3)}  [${low.toFixed(3)}, ${high.toFixed(3)}]${note}`;
  };
  const shown: (keyof Metrics)[] = [
    'dice',
    'aji',
    'pq',
    'dq',
    'sq',
    'f1',
    ...(task === 'nuclei' ? [] : (['objectDice', 'objectHausdorff'] as const)),
  ];
  return shown.map(row).join('\n');
}

async function evaluateObjects(of: AskedObjects): Promise<void> {
  const folder = modelFolder(of.model);
  const images = imagesOf(of);
  using model = await openModel(folder);
  if (!model.manifest.tasks[of.task])
    throw refuse(model.manifest.name, `it finds no ${of.task}`, 'Choose another task.');
  using postprocess = inlinePostprocessor();
  const { signal } = new AbortController();
  const scores: Score[] = [];
  for (const [name, file] of images) {
    const [pixels, truth] = [await pixelsOf(file), await labelsOf(join(of.labels, name + LABELS))];
    const one = await evaluateImage(
      { name, pixels, truth, mpp: of.mpp, task: of.task, model, views: of.views, postprocess },
      { signal },
    );
    scores.push(one);
    const { dice, aji, pq } = summary([one], detectionOf(of.task));
    console.error(`${name}  Dice ${dice.toFixed(3)}  AJI ${aji.toFixed(3)}  PQ ${pq.toFixed(3)}`);
  }
  const metrics = summary(scores, detectionOf(of.task));
  const ci = intervals(scores, detectionOf(of.task), seeded(SEED));
  console.log(
    `${model.manifest.id} ${model.manifest.version}, ${of.task}, ${scores.length} images, ${of.views === 1 ? '1 view' : '4 views'}; 95 % by bootstrap`,
  );
  console.log(table(metrics, ci, of.task));
  const asMeasured = <T>(values: Readonly<Record<keyof Metrics, T>>) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => of.task !== 'nuclei' || name !== 'objectHausdorff'));
  const report = {
    model: model.manifest.id,
    task: of.task,
    images: scores.length,
    views: of.views,
    metrics: asMeasured(metrics),
    ci: asMeasured(ci),
  };
  if (of.json !== undefined) writeFileSync(of.json, `${JSON.stringify(report, null, 2)}\n`);
}

try {
  const of = asked();
  if ('labels' in of) await evaluateObjects(of);
  else await evaluateClasses(of, of.task === 'bags');
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  if (!(thrown instanceof EosinError) || thrown.failure.tag === 'BadInput') console.error(USAGE);
  process.exitCode = 1;
}

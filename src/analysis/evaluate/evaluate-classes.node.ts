// Tiles, or bags of pictures, in folders named by their classes: accuracy, macro F1, confusion, AUC.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  accuracy,
  auc,
  bootstrap,
  confusionOf,
  type Interval,
  largest,
  linesOf,
  macroF1,
  unitsOf,
} from '#learn/scores.ts';
import type { Slide } from '#slide/slide.ts';
import { pictureSlide } from './evaluate.ts';
import { bagScores, classesOf, tileScores } from './evaluate-classes.ts';
import {
  type Asked,
  isImage,
  modelFolder,
  nameOf,
  openModel,
  openRows,
  pixelsOf,
  refuse,
} from './evaluate-parts.node.ts';

const SEED = 1; // of the bootstrap

interface Case {
  readonly name: string;
  readonly truth: number; // index of its class
  readonly files: readonly string[];
}

/** Names compare by their letters and digits: serrated_adenoma is 'Serrated adenoma'. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

const within = (folder: string): { folders: string[]; images: string[] } => {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    folders: entries.filter((entry) => entry.isDirectory()).map(({ name }) => name),
    images: entries.filter((entry) => entry.isFile() && isImage(entry.name)).map(({ name }) => name),
  };
};

/** DIR/CLASS/picture is a case; for bags DIR/CLASS/FOLDER is one, too, with all pictures in it. */
function casesOf(root: string, classes: readonly string[], bags: boolean): Case[] {
  const wanted = classes.join(', ');
  const cases: Case[] = [];
  for (const folder of within(root).folders) {
    const truth = classes.findIndex((name) => plain(name) === plain(folder));
    if (truth < 0) throw refuse(`The folder ${folder}`, 'the model knows no such class', `Name folders ${wanted}.`);
    const { folders, images } = within(join(root, folder));
    for (const image of images)
      cases.push({ name: `${folder}/${nameOf(image)}`, truth, files: [join(root, folder, image)] });
    for (const bag of bags ? folders : []) {
      const files = within(join(root, folder, bag)).images.map((image) => join(root, folder, bag, image));
      if (files.length > 0) cases.push({ name: `${folder}/${bag}`, truth, files });
    }
  }
  if (cases.length > 0) return cases;
  throw refuse(root, 'no picture lies in a folder of it that is named by a class', `Name folders ${wanted}.`);
}

export async function evaluateClasses(of: Asked, bags: boolean): Promise<void> {
  const folder = modelFolder(of.model);
  using network = await openRows(folder);
  const { manifest } = network;
  const isMeant = manifest.task === (bags ? 'attention' : 'head');
  if (!isMeant) throw refuse(manifest.id, `it is of the task ${manifest.task}`, 'Choose another model, or task.');
  const classes = classesOf(manifest);
  const cases = casesOf(of.images, classes, bags); // what is wrong with the folders is told before an encoder is loaded
  using encoder = await openModel(modelFolder(join(folder, '..', manifest.input.encoder.id)));
  const { signal } = new AbortController();
  const scores = new Float32Array(cases.length * classes.length);
  for (const [index, { name, truth, files }] of cases.entries()) {
    const slides = await Promise.all(
      files.map(async (file): Promise<Slide> => pictureSlide(file, await pixelsOf(file), of.mpp)),
    );
    const read = bags ? bagScores : tileScores;
    const found = await read(slides, { encoder, network }, { signal });
    scores.set(found, index * classes.length);
    console.error(
      `${name}  ${classes[largest(Float32Array.from(found), classes.length)[0] ?? 0]}, is ${classes[truth]}`,
    );
  }
  tell(of, { id: manifest.id, version: manifest.version, classes, cases, scores, bags });
}

interface Told {
  readonly id: string;
  readonly version: string;
  readonly classes: readonly string[];
  readonly cases: readonly Case[];
  readonly scores: Float32Array; // [cases × classes]
  readonly bags: boolean;
}

function tell({ json }: Asked, { id, version, classes, cases, scores, bags }: Told): void {
  const n = classes.length;
  const truth = Uint8Array.from(cases, (one) => one.truth);
  const predicted = largest(scores, n);
  const table = confusionOf(truth, predicted, n);
  const over = (score: (rows: Uint32Array) => number): { value: number; ci: Interval } => ({
    value: score(Uint32Array.from(cases.keys())),
    ci: bootstrap(unitsOf(cases.length, undefined), score, SEED),
  });
  const of = (rows: Uint32Array) =>
    confusionOf(
      [...rows].map((i) => truth[i] ?? 0),
      [...rows].map((i) => predicted[i] ?? 0),
      n,
    );
  const metrics = {
    accuracy: over((rows) => accuracy(of(rows), n)),
    macroF1: over((rows) => macroF1(of(rows), n)),
    // One class against the others, the mean over classes; of two classes both say the same.
    auc: over((rows) => meanAuc(truth, scores, n, rows)),
  };
  console.log(`${id} ${version}, ${cases.length} ${bags ? 'bags' : 'tiles'}; 95 % by bootstrap`);
  for (const [name, { value, ci }] of Object.entries(metrics))
    console.log(`  ${name.padEnd(12)} ${value.toFixed(3)}  [${ci[0].toFixed(3)}, ${ci[1].toFixed(3)}]`);
  console.log('  rows are the truth, columns what was said:');
  for (const [k, line] of linesOf(table, n).entries())
    console.log(`  ${(classes[k] ?? '').padEnd(24)} ${line.map((count) => String(count).padStart(5)).join('')}`);
  const report = {
    model: id,
    task: bags ? 'bags' : 'tiles',
    cases: cases.length,
    classes,
    metrics,
    confusion: linesOf(table, n),
  };
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
}

function meanAuc(truth: Uint8Array, scores: Float32Array, classes: number, rows: Uint32Array): number {
  const values: number[] = [];
  for (let k = 0; k < classes; k++) {
    const found = auc(
      [...rows].map((i) => (truth[i] === k ? 1 : 0)),
      [...rows].map((i) => scores[i * classes + k] ?? 0),
    );
    if (Number.isFinite(found)) values.push(found);
  }
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

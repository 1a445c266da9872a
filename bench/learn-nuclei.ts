// `npx tsx bench/learn-nuclei.ts DIR`: how good a head is on a few labelled nuclei, from what models/learn_nuclei.py wrote into
// DIR. Each picture is left out in turn; a head learns from some nuclei of each type of the others. Prints the rows of the
// table in docs/learn.md.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { predict } from '#learn/head.ts';
import { Random } from '#learn/random.ts';
import { confusionOf, largest, macroF1 } from '#learn/scores.ts';
import { finished } from '#learn/steps.ts';
import { testKernel } from '#learn/testing/made-up.ts';
import { type Labelled, part, trainHead, USUAL_HEAD } from '#learn/train-head.ts';

const FEW = [5, 10, 30, 100]; // labels a type
const DRAWS = 20;
const TYPES = 3; //              epithelial, inflammatory, connective: of the fourth there are too few

const folder = process.argv[2];
if (!folder) throw new Error('Give the folder that models/learn_nuclei.py wrote.');
const bytesOf = (name: string): Uint8Array<ArrayBuffer> => Uint8Array.from(readFileSync(join(folder, name)));
const types = bytesOf('types.bin');
const images = new Uint32Array(bytesOf('images.bin').buffer);
const values = new Float32Array(bytesOf('features.bin').buffer);
const cols = values.length / types.length;
const all: Labelled = {
  features: { values, rows: types.length, cols },
  labels: types,
  classes: TYPES,
  groups: undefined,
};
const rowsWhere = (is: (row: number) => boolean): Uint32Array =>
  Uint32Array.from(types.keys()).filter((row) => (types[row] ?? TYPES) < TYPES && is(row));
const kernel = testKernel(1e9);
const pictures = [...new Set(images)];

/** Macro F1 over all nuclei, each said by the head that had not seen its picture. */
function score(each: number, hidden: number, seed: number): { f1: number; ms: number } {
  const random = new Random(seed);
  const said = new Uint8Array(types.length);
  let ms = 0;
  for (const picture of pictures) {
    const chosen = Array.from({ length: TYPES }, (_, type) => {
      const rows = rowsWhere((row) => images[row] !== picture && types[row] === type);
      random.shuffle(rows);
      return [...rows.subarray(0, each)];
    });
    const began = performance.now();
    const { head } = finished(trainHead(kernel, part(all, Uint32Array.from(chosen.flat())), { ...USUAL_HEAD, hidden }));
    ms += (performance.now() - began) / pictures.length;
    const out = rowsWhere((row) => images[row] === picture);
    const best = largest(predict(kernel, head, part(all, out).features), TYPES);
    for (const [k, row] of out.entries()) said[row] = best[k] ?? 0;
  }
  const rows = rowsWhere(() => true);
  const of = (from: Uint8Array): Uint8Array => Uint8Array.from(rows, (row) => from[row] ?? 0);
  return { f1: macroF1(confusionOf(of(types), of(said), TYPES), TYPES), ms };
}

for (const each of FEW) {
  const cells = [0, 64].map((hidden) => {
    const scores = Array.from({ length: DRAWS }, (_, k) => score(each, hidden, k + 1));
    const f1 = scores.map((one) => one.f1).sort((a, b) => a - b);
    const mean = f1.reduce((sum, value) => sum + value, 0) / DRAWS;
    const ms = scores.reduce((sum, one) => sum + one.ms, 0) / DRAWS;
    return `${mean.toFixed(3)} (${f1[1]?.toFixed(3)}–${f1.at(-2)?.toFixed(3)}) | ${ms.toFixed(0)} ms`;
  });
  console.log(`| ${each} | ${cells.join(' | ')} |`);
}

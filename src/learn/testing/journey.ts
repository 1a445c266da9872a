// What the learn worker is put through, in Node over a port and in a browser over a real worker.
import { ckaMatrix, PLAIN_CKA } from '../cka.ts';
import type { Learn } from '../open-learn.ts';
import { finished, type Progress } from '../steps.ts';
import { type TrainedHead, trainHead, USUAL_HEAD } from '../train-head.ts';
import { clouds, testKernel } from './made-up.ts';

export const SCENE = { rows: 400, cols: 32, classes: 3, apart: 1.2 } as const;
export const allRows = Uint32Array.from({ length: SCENE.rows }, (_, i) => i);

export interface Journey {
  readonly head: TrainedHead;
  readonly expected: TrainedHead; // on the calling thread
  readonly right: number; //         share of rows whose class is said
  readonly progress: readonly Progress[];
  readonly nearest: readonly number[];
  readonly cka: readonly number[];
  readonly expectedCka: readonly number[];
}

export async function learnJourney(learn: Learn, signal: AbortSignal): Promise<Journey> {
  const { features, labels, classes } = clouds(SCENE);
  const other = { ...features, values: features.values.map((value, i) => (i % 3 === 0 ? -value : value)) };
  const own = (): typeof features => ({ ...features, values: features.values.slice() });
  await learn.keep('block3', own(), { signal });
  await learn.keep('block4', { ...other, values: other.values.slice() }, { signal });
  const of = { set: 'block3', rows: allRows, labels, classes, groups: undefined };
  const progress: Progress[] = [];
  const head = await learn.run('trainHead', (tell) => ({ of, plan: USUAL_HEAD, tell }), {
    signal,
    onProgress: (step) => progress.push(step),
  });
  const said = await learn.ask('predict', { head: head.head, set: 'block3' }, { signal });
  const hits = labels.filter((label, i) => {
    const row = said.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row)) === label;
  });
  const nearest = await learn.ask('nearest', { set: 'block3', row: 7, k: 5 }, { signal });
  const sets = ['block3', 'block4'];
  const cka = await learn.run('cka', (tell) => ({ sets, plan: PLAIN_CKA, tell }), { signal });
  const kernel = testKernel();
  const expected = finished(trainHead(kernel, { features, labels, classes, groups: undefined }, USUAL_HEAD));
  const expectedCka = finished(ckaMatrix(kernel, [features, other], PLAIN_CKA));
  return {
    head,
    expected,
    right: hits.length / labels.length,
    progress,
    nearest: [...nearest.rows],
    cka: [...cka],
    expectedCka: [...expectedCka],
  };
}

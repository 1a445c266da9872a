// The learn worker's work, for any port: one long piece after the other, looking for a cancel in between; what is asked for
// with the pointer (similar patches) does not wait for them.

import { moved, type Port, serve } from '#channel/channel.ts';
import { turn } from '#channel/turn.ts';
import { SerialQueue } from '#inference/serial-queue.ts';
import { attentionFolder } from './attention-folder.ts';
import { attend } from './attention-network.ts';
import { ckaMatrix } from './cka.ts';
import { taken } from './features.ts';
import { predict } from './head.ts';
import { headFolder } from './head-folder.ts';
import { KeptSets } from './kept-sets.ts';
import type { Kernel } from './kernel/kernel.ts';
import { compileKernel } from './kernel/wasm-operations.ts';
import type { BagOf, LearnCalls } from './learn-calls.ts';
import { allNearest, voted } from './neighbours.ts';
import { principalComponents } from './pca.ts';
import { findAgain, nextDoor } from './proxy.ts';
import type { Steps } from './steps.ts';
import { type Bag, trainAttention, validateAttention } from './train-attention.ts';
import { trainHead } from './train-head.ts';
import { ablate, crossValidate } from './validate.ts';

const BETWEEN_MS = 50; // how long a cancel, or a query, waits at most

/** @param budgetBytes for all sets and what is computed from them */
export function serveLearn(port: Port, budgetBytes: number): void {
  const sets = new KeptSets(compileKernel(), budgetBytes);
  const queue = new SerialQueue();
  const long = <T>(
    tell: MessagePort | undefined,
    signal: AbortSignal,
    start: (kernel: Kernel) => Steps<T>,
  ): Promise<T> => queue.add(() => driven(start(sets.work()), tell, signal), { signal }).finally(() => tell?.close());

  serve<LearnCalls>(port, {
    keep: ({ set, ...features }) => {
      sets.keep(set, features);
      return { heldBytes: sets.bytes };
    },
    drop: ({ set }) => {
      sets.drop(set);
      return { heldBytes: sets.bytes };
    },
    trainHead: ({ of, plan, tell }, { signal }) =>
      long(tell, signal, (kernel) => trainHead(kernel, sets.labelled(of), plan)),
    validateHead: ({ of, plan, folds, tell }, { signal }) =>
      long(tell, signal, (kernel) => crossValidate(kernel, sets.labelled(of), plan, folds)),
    ablate: ({ of, plan, augmentation, folds, tell }, { signal }) =>
      long(tell, signal, (kernel) => ablate(kernel, sets.labelled(of), plan, augmentation, folds)),
    voteNearest: ({ of, k, tell }, { signal }) =>
      long(tell, signal, function* (kernel) {
        const { features, labels, classes, groups } = sets.labelled(of);
        return voted(yield* allNearest(kernel, features, k, groups), k, labels, classes);
      }),
    predict: ({ head, set }) => {
      const probabilities = predict(sets.work(), head, sets.features(set));
      return moved(probabilities, [probabilities.buffer]);
    },
    headFolder: ({ head, set, classes, named }) => headFolder(sets.work(), head, classes, sets.features(set), named),
    trainAttention: ({ bags, plan, tell }, { signal }) =>
      long(tell, signal, (kernel) => trainAttention(kernel, bagsOf(sets, bags), plan)),
    validateAttention: ({ bags, plan, folds, tell }, { signal }) =>
      long(tell, signal, (kernel) => validateAttention(kernel, bagsOf(sets, bags), plan, folds)),
    attentionFolder: ({ model, set, classes, named }) =>
      attentionFolder(sets.work(), model, classes, sets.features(set), named),
    attend: ({ model, set }) => {
      const attended = attend(sets.work(), model, sets.features(set));
      return moved(attended, [attended.attention.buffer, attended.patch.buffer]);
    },
    cka: ({ sets: names, plan, tell }, { signal }) =>
      long(tell, signal, (kernel) =>
        ckaMatrix(
          kernel,
          names.map((name) => sets.features(name)),
          plan,
        ),
      ),
    components: ({ set, count }) => {
      const found = principalComponents(sets.work(), sets.features(set), count);
      return moved(found, [found.scores.buffer]);
    },
    umap: async ({ set, plan, tell }, { signal }) => {
      const { umapOf } = await import('./umap.ts');
      const points = await long(tell, signal, (kernel) => umapOf(kernel, sets.features(set), plan));
      return moved(points, [points.buffer]);
    },
    nearest: ({ set, row, k }) => sets.resident(set).nearestTo(row, k),
    findAgain: ({ set, copies, rows, seed, tell }, { signal }) =>
      long(tell, signal, (kernel) => findAgain(kernel, sets.features(set), sets.features(copies), rows, seed)),
    nextDoor: ({ set, boxes, seed, tell }, { signal }) =>
      long(tell, signal, () => nextDoor(sets.features(set), boxes, seed)),
  });
}

const bagsOf = (sets: KeptSets, bags: readonly BagOf[]): Bag[] =>
  bags.map(({ set, rows, ...bag }) => {
    const features = sets.features(set);
    return { ...bag, features: rows ? taken(features, rows) : features };
  });

async function driven<T>(steps: Steps<T>, tell: MessagePort | undefined, signal: AbortSignal): Promise<T> {
  for (let last = performance.now(); ; ) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - last < BETWEEN_MS) continue;
    tell?.postMessage(step.value);
    await turn(); // lets messages in
    signal.throwIfAborted();
    last = performance.now();
  }
}

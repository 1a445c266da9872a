// A small classifier on frozen features: logistic, or with one hidden layer.
import { Dense, type Layer, unscaled } from './dense.ts';
import { checkWidth, type Features, type Scaling, standardise } from './features.ts';
import type { Kernel, Matrix } from './kernel/kernel.ts';
import { softmaxRows } from './softmax.ts';

/** Plain data: goes through a worker and into a file. */
export interface Head {
  readonly inputs: number;
  readonly classes: number;
  readonly scaling: Scaling; //                of the patches it learnt from
  readonly layers: readonly Layer[]; //        one, or two with a ReLU between
  readonly temperature: number; //             divides the logits
  /** False where there were too few labels to fit the temperature: then probabilities are the network's own. */
  readonly isCalibrated: boolean;
}

export const layersOf = (kernel: Kernel, layers: readonly Layer[]): Dense[] =>
  layers.map((layer) => new Dense(kernel, layer));

/** What each layer gives, ReLU between them; the last are the logits. */
export function forward(kernel: Kernel, layers: readonly Dense[], x: Matrix): Matrix[] {
  const out: Matrix[] = [];
  for (const [index, layer] of layers.entries()) {
    const y = layer.forward(out.at(-1) ?? x);
    if (index < layers.length - 1) kernel.relu(y);
    out.push(y);
  }
  return out;
}

const AT_ONCE = 4_096; // rows

/** Logits [rows × classes] of standardised features. */
export function logitsOf(
  kernel: Kernel,
  layers: readonly Dense[],
  { values, rows, cols }: Features,
): Float32Array<ArrayBuffer> {
  const classes = layers.at(-1)?.outputs ?? 0;
  const out = new Float32Array(rows * classes);
  for (let from = 0; from < rows; from += AT_ONCE) {
    using _ = kernel.scope();
    const count = Math.min(AT_ONCE, rows - from);
    const x = kernel.from(values.subarray(from * cols, (from + count) * cols), count, cols);
    const logits = forward(kernel, layers, x).at(-1);
    if (logits) out.set(kernel.view(logits), from * classes);
  }
  return out;
}

/**
 * Probabilities [rows × classes], calibrated where the head is.
 * @throws EosinError BadInput for features of another width
 */
export function predict(kernel: Kernel, head: Head, features: Features): Float32Array<ArrayBuffer> {
  checkWidth(features.cols, head.inputs);
  using _ = kernel.scope();
  const layers = layersOf(kernel, head.layers);
  const out = new Float32Array(features.rows * head.classes);
  for (let from = 0; from < features.rows; from += AT_ONCE) {
    const count = Math.min(AT_ONCE, features.rows - from);
    const values = features.values.slice(from * head.inputs, (from + count) * head.inputs);
    standardise(values, head.inputs, head.scaling);
    out.set(logitsOf(kernel, layers, { values, rows: count, cols: head.inputs }), from * head.classes);
  }
  softmaxRows(out, head.classes, head.temperature);
  return out;
}

/** Weights for features as the encoder gives them, logits divided by the temperature: standardisation folded in. */
export function plainLayers({ layers, scaling, temperature }: Head): Layer[] {
  return layers.map((layer, index) => {
    const { inputs, outputs, weight, bias } = index === 0 ? unscaled(layer, scaling) : layer;
    const by = index === layers.length - 1 ? temperature : 1;
    const divided = (values: Float32Array) => Float32Array.from(values, (value) => value / by);
    return { inputs, outputs, weight: divided(weight), bias: bias && divided(bias) };
  });
}

// HistoTransfer's attention pooling (FIELD.md §4b; Ilse et al. 2018), plain or gated, as src/analysis/attention.ts shows it
// and models/eosin_models/attention.py trains it: the same layers under the same names, and gradients by hand.
import { Dense, type Layer, uniformLayer } from './dense.ts';
import { checkWidth, type Features, type Scaling, standardise } from './features.ts';
import type { Kernel, Matrix } from './kernel/kernel.ts';
import { Random } from './random.ts';
import { softmaxRows } from './softmax.ts';

export interface AttentionLayers {
  readonly 'tail.0': Layer; //       features → 256, ReLU
  readonly 'tail.2': Layer; //       256 → 64, ReLU: the patch's hidden h
  readonly 'attention.0': Layer; //  h → 32, tanh
  readonly 'attention.gate': Layer | undefined; // h → 32, sigmoid, multiplies the tanh: gated attention
  readonly 'attention.2': Layer; //  32 → 1, no bias: the softmax takes it out, and Adam would turn its zero gradient into noise
  readonly classifier: Layer; //     h → classes
  /** Stage 2: features + up(relu(down(features))), standardised; undefined: as the encoder gives them. */
  readonly adapter: { readonly down: Layer; readonly up: Layer } | undefined;
}

/** Plain data: goes through a worker and into a file. */
export interface AttentionModel {
  readonly inputs: number;
  readonly classes: number;
  readonly scaling: Scaling; // of the patches it learnt from
  readonly layers: AttentionLayers;
}

/** Of the layers without the adapter, in the order in which they are applied. */
export const NAMES = ['tail.0', 'tail.2', 'attention.0', 'attention.gate', 'attention.2', 'classifier'] as const;

export const [HIDDEN, KEPT, ATTENDING] = [256, 64, 32];

export function firstAttention(inputs: number, classes: number, gated: boolean, seed: number): AttentionLayers {
  const random = new Random(seed);
  return {
    'tail.0': uniformLayer(inputs, HIDDEN, random),
    'tail.2': uniformLayer(HIDDEN, KEPT, random),
    'attention.0': uniformLayer(KEPT, ATTENDING, random),
    'attention.gate': gated ? uniformLayer(KEPT, ATTENDING, random) : undefined,
    'attention.2': uniformLayer(ATTENDING, 1, random, false),
    classifier: uniformLayer(KEPT, classes, random),
    adapter: undefined,
  };
}

/** What a forward pass leaves for the way back, and to pool. */
export interface Attending {
  readonly x: Matrix;
  readonly adapted: { readonly down: Matrix; readonly input: Matrix } | undefined;
  readonly first: Matrix;
  readonly hidden: Matrix;
  readonly tanh: Matrix;
  readonly gate: Matrix | undefined;
  readonly gated: Matrix; //     [n × 32] what the attention reads
  readonly attention: Matrix; // [n × 1] logits
  readonly patch: Matrix; //     [n × classes] logits
}

type Dressed = { readonly [K in Exclude<keyof AttentionLayers, 'adapter' | 'attention.gate'>]: Dense } & {
  readonly gate: Dense | undefined;
  readonly adapter: { readonly down: Dense; readonly up: Dense } | undefined;
};

/** The network in a kernel. Takes memory in its present scope. */
export class AttentionNetwork {
  readonly #kernel: Kernel;
  readonly #layers: Dressed;

  constructor(kernel: Kernel, layers: AttentionLayers) {
    const { 'attention.gate': gate, adapter } = layers;
    const dense = (layer: Layer): Dense => new Dense(kernel, layer);
    this.#kernel = kernel;
    this.#layers = {
      'tail.0': dense(layers['tail.0']),
      'tail.2': dense(layers['tail.2']),
      'attention.0': dense(layers['attention.0']),
      gate: gate && dense(gate),
      'attention.2': dense(layers['attention.2']),
      classifier: dense(layers.classifier),
      adapter: adapter && { down: dense(adapter.down), up: dense(adapter.up) },
    };
  }

  get classes(): number {
    return this.#layers.classifier.outputs;
  }

  /** @param x standardised features [n × inputs]; stays as it is */
  forward(x: Matrix): Attending {
    const [kernel, layers] = [this.#kernel, this.#layers];
    const adapted = this.#adapt(x);
    const first = layers['tail.0'].forward(adapted?.input ?? x);
    kernel.relu(first);
    const hidden = layers['tail.2'].forward(first);
    kernel.relu(hidden);
    const tanh = layers['attention.0'].forward(hidden);
    kernel.tanh(tanh);
    const gate = layers.gate?.forward(hidden);
    let gated = tanh;
    if (gate) {
      kernel.sigmoid(gate);
      gated = kernel.matrix(tanh.rows, tanh.cols);
      kernel.copy(tanh, gated);
      kernel.times(gated, gate);
    }
    const attention = layers['attention.2'].forward(gated);
    return { x, adapted, first, hidden, tanh, gate, gated, attention, patch: layers.classifier.forward(hidden) };
  }

  #adapt(x: Matrix): Attending['adapted'] {
    const { adapter } = this.#layers;
    if (!adapter) return undefined;
    const down = adapter.down.forward(x);
    this.#kernel.relu(down);
    const input = adapter.up.forward(down);
    this.#kernel.addScaled(input, x, 1);
    return { down, input };
  }

  /**
   * One bag, one step of AdamW.
   * @param weight of the bag's class
   * @returns the bag's cross entropy before the step
   */
  learn(x: Matrix, label: number, weight: number, step: { t: number; rate: number; decay: number }): number {
    using _ = this.#kernel.scope();
    const at = this.forward(x);
    const pooled = pool(this.#kernel.view(at.attention), this.#kernel.view(at.patch), this.classes);
    const gradient = Float64Array.from(pooled.probabilities, (p, k) => weight * (p - (k === label ? 1 : 0)));
    this.#backward(at, pooled, gradient);
    for (const layer of this.#all()) layer.step(step.t, step);
    return -Math.log(Math.max(pooled.probabilities[label] ?? 0, 1e-30));
  }

  #backward(at: Attending, { weights, logits }: Pooled, gradient: Float64Array): void {
    const [kernel, layers, classes] = [this.#kernel, this.#layers, this.classes];
    const [byPatch, byAttention] = [kernel.matrix(at.x.rows, classes), kernel.matrix(at.x.rows, 1)];
    const [patch, toPatch, toAttention] = [at.patch, byPatch, byAttention].map((matrix) => kernel.view(matrix));
    if (!patch || !toPatch || !toAttention) return;
    for (let i = 0; i < at.x.rows; i++) {
      const weight = weights[i] ?? 0;
      let above = 0; // how much better than the bag this patch is, along the gradient
      for (let k = 0; k < classes; k++) {
        toPatch[i * classes + k] = weight * (gradient[k] ?? 0);
        above += ((patch[i * classes + k] ?? 0) - (logits[k] ?? 0)) * (gradient[k] ?? 0);
      }
      toAttention[i] = weight * above;
    }
    const hidden = layers.classifier.backward(at.hidden, byPatch);
    const byTanh = layers['attention.2'].backward(at.gated, byAttention);
    if (at.gate && layers.gate) {
      const byGate = kernel.matrix(byTanh.rows, byTanh.cols);
      kernel.copy(byTanh, byGate);
      kernel.times(byGate, at.tanh);
      kernel.sigmoidBack(byGate, at.gate);
      layers.gate.backward(at.hidden, byGate, hidden);
      kernel.times(byTanh, at.gate);
    }
    kernel.tanhBack(byTanh, at.tanh);
    layers['attention.0'].backward(at.hidden, byTanh, hidden);
    kernel.reluBack(hidden, at.hidden);
    const first = layers['tail.2'].backward(at.first, hidden);
    kernel.reluBack(first, at.first);
    if (!at.adapted || !layers.adapter) {
      layers['tail.0'].learn(at.x, first);
      return;
    }
    const input = layers['tail.0'].backward(at.adapted.input, first);
    const down = layers.adapter.up.backward(at.adapted.down, input);
    kernel.reluBack(down, at.adapted.down);
    layers.adapter.down.learn(at.x, down);
  }

  #all(): Dense[] {
    const { gate, adapter, ...always } = this.#layers;
    return [...Object.values(always), ...(gate ? [gate] : []), ...(adapter ? [adapter.down, adapter.up] : [])];
  }

  /** A copy that outlives the kernel. */
  layers(): AttentionLayers {
    const { gate, adapter, ...always } = this.#layers;
    return {
      'tail.0': always['tail.0'].layer(),
      'tail.2': always['tail.2'].layer(),
      'attention.0': always['attention.0'].layer(),
      'attention.gate': gate?.layer(),
      'attention.2': always['attention.2'].layer(),
      classifier: always.classifier.layer(),
      adapter: adapter && { down: adapter.down.layer(), up: adapter.up.layer() },
    };
  }
}

export interface Pooled {
  readonly weights: Float64Array; //       [n] softmax of the attention
  readonly logits: Float64Array; //        [classes]
  readonly probabilities: Float32Array; // [classes]
}

export function pool(attention: Float32Array, patch: Float32Array, classes: number): Pooled {
  const most = attention.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(attention, (logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  const weights = powers.map((power) => power / sum);
  const logits = new Float64Array(classes);
  for (const [i, weight] of weights.entries())
    for (let k = 0; k < classes; k++) logits[k] = (logits[k] ?? 0) + weight * (patch[i * classes + k] ?? 0);
  const probabilities = Float32Array.from(logits);
  softmaxRows(probabilities, classes);
  return { weights, logits, probabilities };
}

/** As src/analysis has it: logits of every patch, from which any part of a slide is pooled. */
export interface Attended {
  readonly attention: Float32Array<ArrayBuffer>; // [rows]
  readonly patch: Float32Array<ArrayBuffer>; //     [rows × classes]
  readonly classes: number;
}

const AT_ONCE = 2_048; // rows

/** @throws EosinError BadInput for features of another width */
export function attend(
  kernel: Kernel,
  { layers, scaling, inputs, classes }: AttentionModel,
  features: Features,
): Attended {
  checkWidth(features.cols, inputs);
  using _ = kernel.scope();
  return attendWith(kernel, new AttentionNetwork(kernel, layers), scaling, features, classes);
}

export function attendWith(
  kernel: Kernel,
  network: AttentionNetwork,
  scaling: Scaling,
  { values, rows, cols }: Features,
  classes: number,
): Attended {
  const [attention, patch] = [new Float32Array(rows), new Float32Array(rows * classes)];
  for (let from = 0; from < rows; from += AT_ONCE) {
    using _ = kernel.scope();
    const count = Math.min(AT_ONCE, rows - from);
    const x = kernel.from(values.subarray(from * cols, (from + count) * cols), count, cols);
    standardise(kernel.view(x), cols, scaling);
    const at = network.forward(x);
    attention.set(kernel.view(at.attention), from);
    patch.set(kernel.view(at.patch), from * classes);
  }
  return { attention, patch, classes };
}

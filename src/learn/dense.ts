// A linear layer that learns: y = x Wᵀ + b, its gradients, and AdamW's memory, in a kernel.
import type { Scaling } from './features.ts';
import { type Kernel, type Matrix, transposed } from './kernel/kernel.ts';
import type { Random } from './random.ts';

/** Weights outside of a kernel, as PyTorch and ONNX's Gemm (transB) have them. */
export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weight: Float32Array<ArrayBuffer>; //         [outputs × inputs]
  readonly bias: Float32Array<ArrayBuffer> | undefined; // [outputs]
}

export interface Rate {
  readonly rate: number;
  readonly decay: number; // AdamW's; 0: Adam
}

/** Uniform within ±1/√inputs, as PyTorch begins a linear layer. */
export function uniformLayer(inputs: number, outputs: number, random: Random, hasBias = true): Layer {
  const bound = 1 / Math.sqrt(inputs);
  const draw = (length: number) => Float32Array.from({ length }, () => (2 * random.next() - 1) * bound);
  return { inputs, outputs, weight: draw(inputs * outputs), bias: hasBias ? draw(outputs) : undefined };
}

export const zeroLayer = (inputs: number, outputs: number): Layer => ({
  inputs,
  outputs,
  weight: new Float32Array(inputs * outputs),
  bias: new Float32Array(outputs),
});

/** The same layer for inputs that were not standardised. */
export function unscaled({ inputs, outputs, weight, bias }: Layer, { mean, deviation }: Scaling): Layer {
  const plain = Float64Array.from(weight, (value, at) => value / (deviation[at % inputs] ?? 1));
  const moved = Float64Array.from(bias ?? new Float32Array(outputs));
  for (let out = 0; out < outputs; out++)
    for (let j = 0; j < inputs; j++) moved[out] = (moved[out] ?? 0) - (plain[out * inputs + j] ?? 0) * (mean[j] ?? 0);
  return { inputs, outputs, weight: Float32Array.from(plain), bias: Float32Array.from(moved) };
}

interface Parameter {
  readonly value: Matrix;
  readonly gradient: Matrix;
  readonly moments: readonly [Matrix, Matrix];
}

export class Dense {
  readonly #kernel: Kernel;
  readonly #weight: Parameter;
  readonly #bias: Parameter | undefined;

  /** Takes memory in the kernel's present scope. */
  constructor(kernel: Kernel, { inputs, outputs, weight, bias }: Layer) {
    const parameter = (values: Float32Array, rows: number, cols: number): Parameter => ({
      value: kernel.from(values, rows, cols),
      gradient: kernel.matrix(rows, cols),
      moments: [kernel.matrix(rows, cols), kernel.matrix(rows, cols)],
    });
    this.#kernel = kernel;
    this.#weight = parameter(weight, outputs, inputs);
    this.#bias = bias && parameter(bias, 1, outputs);
  }

  get outputs(): number {
    return this.#weight.value.rows;
  }

  /** [n × inputs] → a new [n × outputs]. */
  forward(x: Matrix): Matrix {
    const y = this.#kernel.matrix(x.rows, this.outputs);
    this.#kernel.product(x, transposed(this.#weight.value), y);
    if (this.#bias) this.#kernel.addRow(y, this.#bias.value);
    return y;
  }

  /** Keeps the gradients of the parameters. @returns that of x, in a new matrix; or added to `to` */
  backward(x: Matrix, gradient: Matrix, to?: Matrix): Matrix {
    this.learn(x, gradient);
    const back = to ?? this.#kernel.matrix(x.rows, x.cols);
    this.#kernel.product(gradient, this.#weight.value, back, to !== undefined);
    return back;
  }

  /** The first layer's way back: nobody asks for the gradient of x. */
  learn(x: Matrix, gradient: Matrix): void {
    this.#kernel.product(transposed(gradient), x, this.#weight.gradient);
    if (!this.#bias) return;
    this.#kernel.view(this.#bias.gradient).fill(0);
    this.#kernel.addColumnSums(this.#bias.gradient, gradient);
  }

  /** Step `t`, from 1, of AdamW; the bias decays too, as in PyTorch. */
  step(t: number, { rate, decay }: Rate): void {
    for (const parameter of [this.#weight, this.#bias])
      if (parameter) this.#kernel.adam(parameter.value, parameter.gradient, ...parameter.moments, t, rate, decay);
  }

  /** A copy that outlives the kernel. */
  layer(): Layer {
    const { value } = this.#weight;
    const copy = (matrix: Matrix) => Float32Array.from(this.#kernel.view(matrix));
    return {
      inputs: value.cols,
      outputs: value.rows,
      weight: copy(value),
      bias: this.#bias && copy(this.#bias.value),
    };
  }
}

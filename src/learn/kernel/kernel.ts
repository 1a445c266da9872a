// Matrices in one flat memory of their own, given out in order and taken back in reverse, and the few operations that
// training and linear algebra need (FACTS.md §10). A kernel belongs to one thread and to one owner.
import { EosinError } from '#errors/failure.ts';
import { BETA1, BETA2, type Operations, PANEL } from './operations.ts';
import { plainOperations } from './plain-operations.ts';
import { wasmOperations } from './wasm-operations.ts';

/** float32, in a kernel's memory; `down` and `across` are the bytes from one row, and one column, to the next. */
export interface Matrix {
  readonly at: number;
  readonly rows: number;
  readonly cols: number;
  readonly down: number;
  readonly across: number;
}

/** A view of the same numbers. */
export const transposed = ({ at, rows, cols, down, across }: Matrix): Matrix => ({
  at,
  rows: cols,
  cols: rows,
  down: across,
  across: down,
});

/** A view of `count` rows. */
export const rowsOf = (matrix: Matrix, from: number, count: number): Matrix => ({
  ...matrix,
  at: matrix.at + from * matrix.down,
  rows: count,
});

/** A view of `count` columns. */
export const colsOf = (matrix: Matrix, from: number, count: number): Matrix => ({
  ...matrix,
  at: matrix.at + from * matrix.across,
  cols: count,
});

const PAGE = 65_536;
const START = 1_024;
const SPILL = 64; //             where the edges of products spill to: 32 bytes
const DEEP = 256; //             rows of a panel: 8 kB, so that it stays in the first cache
const ROWS = 128; //             of the left side at once: 128 kB, so that they stay in the second
const STRIP = 64; //            columns of a Gram matrix at once
const SPARE = 1024 ** 2; //     more than asked for, so that small matrices do not grow it one by one
const MOST = 4 * 1024 ** 3 - PAGE; // that 32-bit addresses reach
const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

export interface KernelOptions {
  /** From compileKernel(); undefined: plain TypeScript, the slow oracle. */
  readonly module: WebAssembly.Module | undefined;
  readonly limitBytes: number;
}

export class Kernel {
  readonly #memory: WebAssembly.Memory;
  readonly #do: Operations;
  readonly #limit: number;
  #top = START;
  #all: Float32Array<ArrayBuffer>;

  constructor({ module, limitBytes }: KernelOptions) {
    this.#limit = Math.min(MOST, limitBytes);
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum: Math.ceil(MOST / PAGE) });
    this.#do = module ? wasmOperations(module, this.#memory) : plainOperations(this.#memory);
    this.#all = new Float32Array(this.#memory.buffer);
  }

  /** Bytes of memory held; never fewer than before. */
  get bytes(): number {
    return this.#all.byteLength;
  }

  /** Zeros. @throws EosinError BadInput where memory would go beyond the limit, or there is no more */
  matrix(rows: number, cols: number): Matrix {
    const at = this.#top;
    const bytes = aligned(rows * cols * 4);
    this.#reserve(at + bytes);
    this.#top = at + bytes;
    this.#all.fill(0, at / 4, this.#top / 4);
    return { at, rows, cols, down: cols * 4, across: 4 };
  }

  /** A copy. */
  from(values: ArrayLike<number>, rows: number, cols: number): Matrix {
    const matrix = this.matrix(rows, cols);
    this.view(matrix).set(values);
    return matrix;
  }

  /** A matrix's numbers, row-major, to read and write: good until the next matrix is made. */
  view({ at, rows, cols }: Matrix): Float32Array<ArrayBuffer> {
    return this.#all.subarray(at / 4, at / 4 + rows * cols);
  }

  /** Every matrix made from here until disposal is gone then; scopes nest. */
  scope(): Disposable {
    const top = this.#top;
    return {
      [Symbol.dispose]: () => {
        this.#top = top;
      },
    };
  }

  /** c [m × n] = a [m × k] · b [k × n], or += with `add`. c is no transposed view. */
  product(a: Matrix, b: Matrix, c: Matrix, add = false): void {
    if (a.cols !== b.rows || c.rows !== a.rows || c.cols !== b.cols || c.across !== 4)
      throw new EosinError({ tag: 'Unexpected', reason: 'Matrices of these sizes have no product.' });
    if (!add) this.#clear(c);
    using _ = this.scope();
    const panels = Math.ceil(c.cols / PANEL);
    const packed = this.matrix(panels, Math.min(DEEP, a.cols) * PANEL);
    for (let deep = 0; deep < a.cols; deep += DEEP) {
      const k = Math.min(DEEP, a.cols - deep);
      const width = (panel: number): number => Math.min(PANEL, c.cols - panel * PANEL);
      for (let panel = 0; panel < panels; panel++) {
        const from = b.at + deep * b.down + panel * PANEL * b.across;
        this.#do.pack(from, b.down, b.across, k, width(panel), packed.at + panel * packed.down);
      }
      for (let row = 0; row < c.rows; row += ROWS) {
        const m = Math.min(ROWS, c.rows - row);
        const from = a.at + row * a.down + deep * a.across;
        for (let panel = 0; panel < panels; panel++) {
          const to = c.at + row * c.down + panel * PANEL * 4;
          const at = packed.at + panel * packed.down;
          this.#do.multiply(from, a.down, a.across, at, to, c.down, m, k, width(panel), SPILL);
        }
      }
    }
  }

  /** gram [cols × cols] += xᵀ · x; only what lies on and above the diagonal is computed, and then mirrored. */
  addGram(x: Matrix, gram: Matrix): void {
    for (let from = 0; from < x.cols; from += STRIP) {
      const count = Math.min(STRIP, x.cols - from);
      const right = colsOf(rowsOf(gram, from, count), from, x.cols - from);
      this.product(transposed(colsOf(x, from, count)), colsOf(x, from, x.cols - from), right, true);
    }
    const all = this.view(gram);
    for (let i = 0; i < x.cols; i++) for (let j = 0; j < i; j++) all[i * x.cols + j] = all[j * x.cols + i] ?? 0;
  }

  /** out [n × 1] = rows [n × d] · query [1 × d]: as `product`, without packing. */
  dots(query: Matrix, rows: Matrix, out: Matrix): void {
    this.#do.dots(query.at, rows.at, rows.rows, rows.cols, out.at);
  }
  addRow(x: Matrix, bias: Matrix): void {
    this.#do.addRow(x.at, bias.at, x.rows, x.cols);
  }
  /** out [1 × cols] += the sum of x's rows. */
  addColumnSums(out: Matrix, x: Matrix): void {
    this.#do.columnSums(out.at, x.at, x.rows, x.cols);
  }

  // What follows reads and writes whole matrices, never views of rows or columns.

  addScaled(y: Matrix, x: Matrix, factor: number): void {
    this.#do.addScaled(y.at, x.at, whole(y), factor);
  }
  times(x: Matrix, y: Matrix): void {
    this.#do.times(x.at, y.at, whole(x));
  }
  copy(from: Matrix, to: Matrix): void {
    this.view(to).set(this.view(from));
  }
  relu(x: Matrix): void {
    this.#do.relu(x.at, whole(x));
  }
  tanh(x: Matrix): void {
    this.#do.tanh(x.at, whole(x));
  }
  sigmoid(x: Matrix): void {
    this.#do.sigmoid(x.at, whole(x));
  }
  /** Turns a gradient by y into one by what the function was given; y as the function left it. */
  reluBack(gradient: Matrix, y: Matrix): void {
    this.#do.reluBack(gradient.at, y.at, whole(y));
  }
  tanhBack(gradient: Matrix, y: Matrix): void {
    this.#do.tanhBack(gradient.at, y.at, whole(y));
  }
  sigmoidBack(gradient: Matrix, y: Matrix): void {
    this.#do.sigmoidBack(gradient.at, y.at, whole(y));
  }
  /** Step `t` (from 1) of AdamW on p; m and v are its memory. @param decay 0 is Adam */
  adam(p: Matrix, gradient: Matrix, m: Matrix, v: Matrix, t: number, rate: number, decay: number): void {
    const unbias = 1 / Math.sqrt(1 - BETA2 ** t);
    this.#do.adam(p.at, gradient.at, m.at, v.at, whole(p), rate / (1 - BETA1 ** t), unbias, 1 - rate * decay);
  }

  #clear(c: Matrix): void {
    for (let row = 0; row < c.rows; row++) {
      const at = (c.at + row * c.down) / 4;
      this.#all.fill(0, at, at + c.cols);
    }
  }

  /** Memory up to `end`; views made before are of no use after it grew. */
  #reserve(end: number): void {
    if (end <= this.bytes) return;
    if (end > this.#limit) throw tooLarge(end, this.#limit);
    const wanted = Math.min(this.#limit, end + SPARE);
    try {
      this.#memory.grow(Math.ceil((wanted - this.bytes) / PAGE));
    } catch (cause) {
      throw tooLarge(end, this.bytes, cause);
    }
    this.#all = new Float32Array(this.#memory.buffer);
  }
}

/** Floats of a whole matrix, up to a full vector: what lies behind it up to there is its own. */
const whole = ({ rows, cols }: Matrix): number => Math.ceil((rows * cols) / 4) * 4;

const tooLarge = (needed: number, limit: number, cause?: unknown): EosinError =>
  new EosinError(
    {
      tag: 'BadInput',
      what: 'Learning',
      seen: `it needs ${Math.ceil(needed / 1e6)} MB of memory, and may use ${Math.floor(limit / 1e6)} MB`,
      todo: 'Take fewer patches or an earlier block, or allow more memory in the settings.',
    },
    { cause },
  );

// The kernel's operations as WebAssembly with 128-bit vectors.
import {
  advance,
  assembled,
  type Code,
  code,
  f32,
  get,
  i32,
  type Local,
  set,
  stepWhile,
  type ValueType,
  v128,
  type WasmFunction,
  wasmFunction,
  when,
} from '#wasm/assembler.ts';
import { exponential } from '#wasm/exponential.ts';
import { BETA1, BETA2, EPSILON, type Operations } from './operations.ts';

const ROWS_AT_ONCE = 4; // × two vectors of columns: eight sums stay in registers
const address = (at: Local, step: Local): Code => advance(at, get(step));
const bytes = (floats: Local): Code => i32.mul(get(floats), i32.const(4));

const pack = wasmFunction('pack', Array<ValueType>(6).fill('i32'), ([b, down, across, k, width, panel], local) => {
  const [row, end, from, to, last] = [local('i32'), local('i32'), local('i32'), local('i32'), local('i32')];
  if (!b || !down || !across || !k || !width || !panel) return [];
  const whole = code(v128.store(get(panel), v128.load(get(b))), v128.store(get(panel), v128.load(get(b), 16), 16));
  const isWhole = i32.mul(i32.isEqual(get(width), i32.const(8)), i32.isEqual(get(across), i32.const(4)));
  const zero = code(v128.store(get(panel), v128.const(0)), v128.store(get(panel), v128.const(0), 16));
  const singly = code(
    zero,
    set(from, get(b)),
    set(to, get(panel)),
    set(last, i32.add(get(panel), bytes(width))),
    stepWhile(to, last, 4, code(f32.store(get(to), f32.load(get(from))), address(from, across))),
  );
  const next = code(address(b, down), set(panel, i32.add(get(panel), i32.const(32))));
  return code(set(end, get(k)), stepWhile(row, end, 1, code(when(isWhole, whole, singly), next)));
});

const multiply = wasmFunction(
  'multiply',
  Array<ValueType>(10).fill('i32'),
  ([a, down, across, panel, c, cDown, m, k, width, spill], local) => {
    if (!a || !down || !across || !panel || !c || !cDown || !m || !k || !width || !spill) return [];
    const [row, at, end, to, from, last] = Array.from({ length: 6 }, () => local('i32'));
    const [b0, b1, value] = Array.from({ length: 3 }, () => local('v128'));
    if (!row || !at || !end || !to || !from || !last || !b0 || !b1 || !value) return [];
    const lines = Array.from({ length: ROWS_AT_ONCE }, () => ({
      a: local('i32'),
      left: local('v128'),
      right: local('v128'),
    }));
    const whole = (sum: Local, offset: number): Code =>
      v128.store(get(to), v128.add(v128.load(get(to), offset), get(sum)), offset);
    const partly = (left: Local, right: Local): Code =>
      code(
        v128.store(get(spill), get(left)),
        v128.store(get(spill), get(right), 16),
        set(from, get(spill)),
        set(last, i32.add(get(spill), bytes(width))),
        set(at, get(to)),
        stepWhile(
          from,
          last,
          4,
          code(
            f32.store(get(at), f32.add(f32.load(get(at)), f32.load(get(from)))),
            set(at, i32.add(get(at), i32.const(4))),
          ),
        ),
      );
    /** c's next `count` rows; leaves `a` and `c` behind them. */
    const rows = (count: number): Code => {
      const mine = lines.slice(0, count);
      return code(
        ...mine.map(({ a: line, left, right }) =>
          code(set(line, get(a)), address(a, down), set(left, v128.const(0)), set(right, v128.const(0))),
        ),
        set(at, get(panel)),
        set(end, i32.add(get(panel), i32.mul(get(k), i32.const(32)))),
        stepWhile(
          at,
          end,
          32,
          code(
            set(b0, v128.load(get(at))),
            set(b1, v128.load(get(at), 16)),
            ...mine.map(({ a: line, left, right }) =>
              code(
                set(value, v128.loadSplat(get(line))),
                set(left, v128.add(get(left), v128.mul(get(value), get(b0)))),
                set(right, v128.add(get(right), v128.mul(get(value), get(b1)))),
                address(line, across),
              ),
            ),
          ),
        ),
        ...mine.map(({ left, right }) =>
          code(
            set(to, get(c)),
            when(i32.isEqual(get(width), i32.const(8)), code(whole(left, 0), whole(right, 16)), partly(left, right)),
            address(c, cDown),
          ),
        ),
      );
    };
    return code(stepWhile(row, m, ROWS_AT_ONCE, rows(ROWS_AT_ONCE)), stepWhile(row, m, 1, rows(1)));
  },
);

const dots = wasmFunction('dots', Array<ValueType>(5).fill('i32'), ([query, rows, n, d, out], local) => {
  const [row, at, end] = [local('i32'), local('i32'), local('i32')];
  const [s0, s1, single] = [local('v128'), local('v128'), local('f32')];
  if (!query || !rows || !n || !d || !out) return [];
  const product = (offset: number): Code => v128.mul(v128.load(get(at), offset), v128.load(get(rows), offset));
  const rest = f32.mul(f32.load(get(at)), f32.load(get(rows)));
  const onward = (step: number): Code => set(rows, i32.add(get(rows), i32.const(step)));
  const sum = code(
    set(s0, v128.add(get(s0), get(s1))),
    f32.store(get(out), [0, 1, 2, 3].map((lane) => v128.lane(get(s0), lane)).reduce(f32.add, get(single))),
  );
  const ofRow = code(
    set(at, get(query)),
    set(end, i32.add(get(query), bytes(d))),
    ...[s0, s1].map((s) => set(s, v128.const(0))),
    set(single, v128.lane(get(s0), 0)),
    stepWhile(
      at,
      end,
      32,
      code(set(s0, v128.add(get(s0), product(0))), set(s1, v128.add(get(s1), product(16))), onward(32)),
    ),
    stepWhile(at, end, 4, code(set(single, f32.add(get(single), rest)), onward(4))),
    sum,
    set(out, i32.add(get(out), i32.const(4))),
  );
  return stepWhile(row, n, 1, ofRow);
});

/** For rows of any width: `four` and `single` on the next columns at `x` and `y`; `y` starts anew each row. */
const byRows = (name: string, four: (x: Local, y: Local) => Code, single: (x: Local, y: Local) => Code): WasmFunction =>
  wasmFunction(name, Array<ValueType>(4).fill('i32'), ([x, y, rows, cols], local) => {
    const [row, at, end] = [local('i32'), local('i32'), local('i32')];
    if (!x || !y || !rows || !cols) return [];
    const onward = (step: number): Code => set(x, i32.add(get(x), i32.const(step)));
    return stepWhile(
      row,
      rows,
      1,
      code(
        set(at, get(y)),
        set(end, i32.add(get(y), bytes(cols))),
        stepWhile(at, end, 16, code(four(x, at), onward(16))),
        stepWhile(at, end, 4, code(single(x, at), onward(4))),
      ),
    );
  });

const addRow = byRows(
  'addRow',
  (x, y) => v128.store(get(x), v128.add(v128.load(get(x)), v128.load(get(y)))),
  (x, y) => f32.store(get(x), f32.add(f32.load(get(x)), f32.load(get(y)))),
);
const columnSums = byRows(
  'sumOfRows', // (x, out): the order that byRows has
  (x, y) => v128.store(get(y), v128.add(v128.load(get(y)), v128.load(get(x)))),
  (x, y) => f32.store(get(y), f32.add(f32.load(get(y)), f32.load(get(x)))),
);

/** One vector after the other of arrays of n floats; `write` gives what is done at their addresses. */
const each = (
  name: string,
  arrays: number,
  factors: number,
  write: (at: readonly Local[], factors: readonly Code[], local: (type: ValueType) => Local) => Code,
): WasmFunction => {
  const parameters: ValueType[] = [
    ...Array<ValueType>(arrays + 1).fill('i32'),
    ...Array<ValueType>(factors).fill('f32'),
  ];
  return wasmFunction(name, parameters, (given, local) => {
    const [at, n, by] = [given.slice(0, arrays), given[arrays], given.slice(arrays + 1)];
    const row = local('i32');
    if (!n) return [];
    const splat = by.map((factor) => v128.splat(get(factor)));
    const onward = at.map((array) => set(array, i32.add(get(array), i32.const(16))));
    return stepWhile(row, n, 4, code(write(at, splat, local), ...onward));
  });
};

const sigmoid = each('sigmoid', 1, 0, ([x], _, local) => {
  const [t, r, k] = [local('v128'), local('v128'), local('v128')];
  if (!x) return [];
  const negative = set(t, v128.sub(v128.const(0), v128.load(get(x))));
  return code(
    negative,
    exponential(t, r, k),
    v128.store(get(x), v128.div(v128.const(1), v128.add(v128.const(1), get(t)))),
  );
});

const tanh = each('tanh', 1, 0, ([x], _, local) => {
  const [t, r, k] = [local('v128'), local('v128'), local('v128')];
  if (!x) return [];
  const sign = v128.and(v128.load(get(x)), v128.const(-0));
  const size = v128.div(v128.sub(v128.const(1), get(t)), v128.add(v128.const(1), get(t)));
  return code(
    set(t, v128.mul(v128.abs(v128.load(get(x))), v128.const(-2))),
    exponential(t, r, k),
    v128.store(get(x), v128.or(size, sign)),
  );
});

/** A function of the vectors at one or two addresses, stored at the first. */
const map = (name: string, arrays: number, f: (x: Code, y: Code) => Code): WasmFunction =>
  each(name, arrays, 0, ([x, y]) => (x ? v128.store(get(x), f(v128.load(get(x)), y ? v128.load(get(y)) : [])) : []));

const addScaled = each('addScaled', 2, 1, ([y, x], [factor]) =>
  x && y && factor ? v128.store(get(y), v128.add(v128.load(get(y)), v128.mul(v128.load(get(x)), factor))) : [],
);

const adam = each('adam', 4, 3, ([p, g, m, v], [rate, unbias, keep]) => {
  if (!p || !g || !m || !v || !rate || !unbias || !keep) return [];
  const faded = (old: Local, beta: number, by: Code): Code =>
    v128.add(v128.mul(v128.load(get(old)), v128.const(beta)), v128.mul(by, v128.const(1 - beta)));
  const gradient = v128.load(get(g));
  const scale = v128.add(v128.mul(v128.sqrt(v128.load(get(v))), unbias), v128.const(EPSILON));
  const step = v128.div(v128.mul(v128.load(get(m)), rate), scale);
  return code(
    v128.store(get(m), faded(m, BETA1, gradient)),
    v128.store(get(v), faded(v, BETA2, v128.mul(gradient, gradient))),
    v128.store(get(p), v128.sub(v128.mul(v128.load(get(p)), keep), step)),
  );
});

const one = v128.const(1);
const FUNCTIONS = [
  pack,
  multiply,
  dots,
  addRow,
  columnSums,
  addScaled,
  map('times', 2, v128.mul),
  map('relu', 1, (x) => v128.max(x, v128.const(0))),
  tanh,
  sigmoid,
  map('reluBack', 2, (gradient, y) => v128.and(gradient, v128.isAbove(y, v128.const(0)))),
  map('tanhBack', 2, (gradient, y) => v128.mul(gradient, v128.sub(one, v128.mul(y, y)))),
  map('sigmoidBack', 2, (gradient, y) => v128.mul(gradient, v128.mul(y, v128.sub(one, y)))),
  adam,
];

/** Compiled once; as many kernels as wanted share it. Not for the main thread, which may not compile at once. */
export const compileKernel = (): WebAssembly.Module => new WebAssembly.Module(assembled(FUNCTIONS));

export function wasmOperations(module: WebAssembly.Module, memory: WebAssembly.Memory): Operations {
  const { exports } = new WebAssembly.Instance(module, { parts: { memory } });
  const named = (name: string) => {
    const found = exports[name];
    if (typeof found !== 'function') throw new TypeError(`the kernel has no function ${name}`);
    return (...numbers: number[]): void => void Reflect.apply(found, undefined, numbers);
  };
  const summed = named('sumOfRows');
  return {
    pack: named('pack'),
    multiply: named('multiply'),
    dots: named('dots'),
    addRow: named('addRow'),
    columnSums: (out, x, rows, cols) => summed(x, out, rows, cols),
    addScaled: named('addScaled'),
    times: named('times'),
    relu: named('relu'),
    tanh: named('tanh'),
    sigmoid: named('sigmoid'),
    reluBack: named('reluBack'),
    tanhBack: named('tanhBack'),
    sigmoidBack: named('sigmoidBack'),
    adam: named('adam'),
  };
}

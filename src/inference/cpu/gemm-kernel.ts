// Products of matrices as WebAssembly: the left side row by row as it lies, the right side packed in panels of eight columns.
import {
  advance,
  type Code,
  code,
  get,
  i32,
  type Local,
  repeatWhile,
  set,
  stepWhile,
  v128,
  type WasmFunction,
  when,
  written,
} from '#wasm/assembler.ts';

/** Columns of a packed panel: two vectors. */
export const PANEL = 8;
/** Rows whose sums stay in registers together: with two vectors of columns each, 12 of the 16 that x86 has. */
export const ROWS = 6;
/** Terms of a sum in one turn of the loop: what the length of a row is a multiple of. */
export const DEPTH = 4;

/** a · b + c in one instruction, or in two where the engine has no relaxed vectors. */
export type MulAdd = (a: Code, b: Code, c: Code) => Code;
export const inTwo: MulAdd = (a, b, c) => v128.add(c, v128.mul(a, b));

/**
 * gemm(a, aRow, k, b, panels, c, cRow, m, bias, add, floor): c [m × 8 panels] = max(floor, a [m × k] · b + bias + add), where
 * `add` is the distance in bytes from c to a matrix laid out alike, or 0 for none. Addresses and rows are in bytes. A sum
 * has the same order wherever its row and column lie.
 */
export const gemmKernel = (mulAdd: MulAdd): WasmFunction =>
  written('gemm', ({ parameter, local }) => {
    const [a, aRow, k, b] = [parameter(), parameter(), parameter(), parameter()];
    const [panels, c, cRow, m] = [parameter(), parameter(), parameter(), parameter()];
    const [bias, add, floor] = [parameter(), parameter(), parameter('f32')];
    const [panel, row, at, to, end, left] = [local(), local(), local(), local(), local(), local()];
    const [low, b0, b1, value] = [local('v128'), local('v128'), local('v128'), local('v128')];
    const lines = Array.from({ length: ROWS }, () => ({ a: local(), sums: [local('v128'), local('v128')] }));

    const term = (mine: typeof lines, step: number): Code =>
      code(
        set(b0, v128.load(get(at), step * 32)),
        set(b1, v128.load(get(at), step * 32 + 16)),
        ...mine.map(({ a: line, sums: [s0, s1] }) =>
          s0 && s1
            ? code(
                set(value, v128.loadSplat(get(line), step * 4)),
                set(s0, mulAdd(get(value), get(b0), get(s0))),
                set(s1, mulAdd(get(value), get(b1), get(s1))),
              )
            : [],
        ),
      );
    const finished = (sum: Local, offset: number): Code =>
      code(
        when(get(add), set(sum, v128.add(get(sum), v128.load(i32.add(get(to), get(add)), offset)))),
        v128.store(get(to), v128.above(get(sum), get(low)), offset),
      );
    /** The next `count` rows of a panel; leaves `row` and `to` behind them. */
    const rows = (count: number): Code => {
      const mine = lines.slice(0, count);
      return code(
        ...mine.map(({ a: line, sums }) =>
          code(
            set(line, get(row)),
            advance(row, get(aRow)),
            ...sums.map((sum, half) => set(sum, v128.load(get(bias), half * 16))),
          ),
        ),
        set(at, get(b)),
        repeatWhile(
          i32.isBelow(get(at), get(end)),
          code(
            ...Array.from({ length: DEPTH }, (_, step) => term(mine, step)),
            ...mine.map(({ a: line }) => advance(line, i32.const(DEPTH * 4))),
            advance(at, i32.const(DEPTH * 32)),
          ),
        ),
        ...mine.map(({ sums }) => code(...sums.map((sum, half) => finished(sum, half * 16)), advance(to, get(cRow)))),
      );
    };
    return code(
      set(low, v128.splat(get(floor))),
      stepWhile(
        panel,
        panels,
        1,
        code(
          set(row, get(a)),
          set(to, get(c)),
          set(end, i32.add(get(b), i32.mul(get(k), i32.const(32)))),
          set(left, i32.const(0)),
          stepWhile(left, m, ROWS, rows(ROWS)),
          stepWhile(left, m, 1, rows(1)),
          set(b, get(end)),
          advance(c, i32.const(32)),
          advance(bias, i32.const(32)),
        ),
      ),
    );
  });

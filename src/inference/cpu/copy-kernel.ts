// Squares of a picture, zero where they reach beyond it, as WebAssembly.
import {
  advance,
  type Code,
  code,
  get,
  i32,
  repeatWhile,
  set,
  stepWhile,
  v128,
  type WasmFunction,
  when,
  written,
} from '#wasm/assembler.ts';

/**
 * squares(from, width, height, px, x, y, wide, high, to, count, stride, toPx, toStep): `count` times the `wide` × `high` px at
 * (x, y), each `stride` px further to the right, pixels of `px` bytes (a multiple of 16), line by line, one behind the other
 * `toPx` bytes apart (at most `px`; where it is less, the pixel after it covers what is too much), each square `toStep` bytes
 * behind the one before.
 */
export const squaresKernel: WasmFunction = written('squares', ({ parameter, local }) => {
  const [from, width, height, px] = [parameter(), parameter(), parameter(), parameter()];
  const [x, y, wide, high] = [parameter(), parameter(), parameter(), parameter()];
  const [to, count, stride, toPx, toStep] = [parameter(), parameter(), parameter(), parameter(), parameter()];
  const [n, i, j, at, out, byte] = [local(), local(), local(), local(), local(), local()];
  const inside = i32.and(
    i32.isBelow(i32.add(get(x), get(j)), get(width)),
    i32.isBelow(i32.add(get(y), get(i)), get(height)),
  );
  const whole = (value: Code): Code =>
    code(
      set(byte, i32.const(0)),
      repeatWhile(
        i32.isBelow(get(byte), get(px)),
        code(v128.store(i32.add(get(out), get(byte)), value), advance(byte, i32.const(16))),
      ),
    );
  const pixel = code(
    set(
      at,
      i32.add(
        get(from),
        i32.mul(get(px), i32.add(i32.mul(i32.add(get(y), get(i)), get(width)), i32.add(get(x), get(j)))),
      ),
    ),
    when(inside, whole(v128.load(i32.add(get(at), get(byte)))), whole(v128.const(0))),
    advance(out, get(toPx)),
  );
  return stepWhile(
    n,
    count,
    1,
    code(
      set(out, get(to)),
      set(i, i32.const(0)),
      stepWhile(i, high, 1, code(set(j, i32.const(0)), stepWhile(j, wide, 1, pixel))),
      advance(x, get(stride)),
      advance(to, get(toStep)),
    ),
  );
});

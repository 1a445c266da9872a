// What is done to maps beside convolutions, as WebAssembly: pooling, blending two lines, numbers from one stride to another.
import {
  advance,
  type Code,
  code,
  f32,
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

/**
 * NAME(from, width, height, px, x, y, wide, high, to, count, stride, factor): `count` pixels side by side at `to`, each `factor`
 * times the largest (most) or the sum (mean) of what lies of `wide` × `high` px in the picture; the first square is at (x, y),
 * each further one `stride` px to the right. `px`: bytes of a pixel.
 */
const pool = (name: string, start: number, joined: (a: Code, b: Code) => Code): WasmFunction =>
  written(name, ({ parameter, local }) => {
    const [from, width, height, px] = [parameter(), parameter(), parameter(), parameter()];
    const [x, y, wide, high] = [parameter(), parameter(), parameter(), parameter()];
    const [to, count, stride, factor] = [parameter(), parameter(), parameter(), parameter('f32')];
    const [n, i, j, at, out, end] = [local(), local(), local(), local(), local(), local()];
    const inside = i32.and(
      i32.isBelow(i32.add(get(x), get(j)), get(width)),
      i32.isBelow(i32.add(get(y), get(i)), get(height)),
    );
    const everyVector = (body: Code): Code =>
      code(
        set(out, get(to)),
        set(end, i32.add(get(to), get(px))),
        repeatWhile(i32.isBelow(get(out), get(end)), code(body, advance(out, i32.const(16)))),
      );
    const pixel = code(
      set(
        at,
        i32.add(
          get(from),
          i32.mul(get(px), i32.add(i32.mul(i32.add(get(y), get(i)), get(width)), i32.add(get(x), get(j)))),
        ),
      ),
      everyVector(
        code(v128.store(get(out), joined(v128.load(get(out)), v128.load(get(at)))), advance(at, i32.const(16))),
      ),
    );
    return stepWhile(
      n,
      count,
      1,
      code(
        everyVector(v128.store(get(out), v128.const(start))),
        set(i, i32.const(0)),
        stepWhile(i, high, 1, code(set(j, i32.const(0)), stepWhile(j, wide, 1, when(inside, pixel)))),
        everyVector(v128.store(get(out), v128.mul(v128.load(get(out)), v128.splat(get(factor))))),
        advance(x, get(stride)),
        advance(to, get(px)),
      ),
    );
  });

export const mostKernel = pool('most', -Infinity, v128.above);
export const meanKernel = pool('mean', 0, v128.add);

/**
 * blend(a, b, weight, to, bytes, step, toStep, count, add, floor): `count` times max(floor, a + weight · (b - a) + add) over
 * `bytes`; a and b go on by `step`, `to` by `toStep`. `add` is the distance from `to` to what is added, or 0.
 */
export const blendKernel: WasmFunction = written('blend', ({ parameter, local }) => {
  const [a, b, weight, to] = [parameter(), parameter(), parameter('f32'), parameter()];
  const [bytes, step, toStep, count] = [parameter(), parameter(), parameter(), parameter()];
  const [add, floor] = [parameter(), parameter('f32')];
  const [n, byte, at] = [local(), local(), local()];
  const [low, share, value] = [local('v128'), local('v128'), local('v128')];
  const at4 = (of: Local): Code => v128.load(i32.add(get(of), get(byte)));
  return code(
    set(low, v128.splat(get(floor))),
    set(share, v128.splat(get(weight))),
    stepWhile(
      n,
      count,
      1,
      code(
        set(byte, i32.const(0)),
        repeatWhile(
          i32.isBelow(get(byte), get(bytes)),
          code(
            set(at, i32.add(get(to), get(byte))),
            set(value, v128.add(at4(a), v128.mul(get(share), v128.sub(at4(b), at4(a))))),
            when(get(add), set(value, v128.add(get(value), v128.load(i32.add(get(at), get(add)))))),
            v128.store(get(at), v128.above(get(value), get(low))),
            advance(byte, i32.const(16)),
          ),
        ),
        advance(a, get(step)),
        advance(b, get(step)),
        advance(to, get(toStep)),
      ),
    ),
  );
});

/** stride(from, step, to, toStep, count): so many numbers, from one distance to another. */
export const strideKernel: WasmFunction = written('stride', ({ parameter, local }) => {
  const [from, step, to, toStep, count] = [parameter(), parameter(), parameter(), parameter(), parameter()];
  const n = local();
  const next = code(advance(from, get(step)), advance(to, get(toStep)));
  return stepWhile(n, count, 1, code(f32.store(get(to), f32.load(get(from))), next));
});

// Softmax over a few classes of four neighbouring pixels at once, as WebAssembly, and its packing into bytes.
import {
  advance,
  type Code,
  code,
  get,
  i32,
  type Local,
  set,
  stepWhile,
  v128,
  type WasmFunction,
  written,
} from '#wasm/assembler.ts';
import { exponential } from '#wasm/exponential.ts';

const VECTOR = 16; // bytes

interface Shared {
  readonly to: Local;
  readonly toApart: Local;
  readonly temp: Local; // a vector a class: e^(x - most)
  readonly sum: Local; //  of them
  everyClass(body: (at: Local, temp: Local) => Code): Code;
}

/**
 * NAME(from, classes, apart, step, to, toApart, count, temp): `count` vectors at `to`, of vectors `step` behind one another, those
 * of further classes `apart` from the first's. `temp` takes a vector a class.
 */
const softmax = (name: string, put: (shared: Shared) => Code): WasmFunction =>
  written(name, ({ parameter, local }) => {
    const [from, classes, apart, step] = [parameter(), parameter(), parameter(), parameter()];
    const [to, toApart, count, temp] = [parameter(), parameter(), parameter(), parameter()];
    const [n, i, at, out] = [local(), local(), local(), local()];
    const [most, sum, x, r, k] = [local('v128'), local('v128'), local('v128'), local('v128'), local('v128')];
    const everyClass = (first: Local, apart: Code, body: (at: Local, temp: Local) => Code): Code =>
      code(
        set(i, i32.const(0)),
        set(at, get(first)),
        set(out, get(temp)),
        stepWhile(i, classes, 1, code(body(at, out), advance(at, apart), advance(out, i32.const(VECTOR)))),
      );
    const read = (body: (at: Local, temp: Local) => Code): Code => everyClass(from, get(apart), body);
    return stepWhile(
      n,
      count,
      1,
      code(
        set(most, v128.load(get(from))),
        read((value) => set(most, v128.max(get(most), v128.load(get(value))))),
        set(sum, v128.const(0)),
        read((value, kept) =>
          code(
            set(x, v128.sub(v128.load(get(value)), get(most))),
            exponential(x, r, k),
            v128.store(get(kept), get(x)),
            set(sum, v128.add(get(sum), get(x))),
          ),
        ),
        put({ to, toApart, temp, sum, everyClass: (body) => everyClass(to, get(toApart), body) }),
        advance(from, get(step)),
        advance(to, i32.const(VECTOR)),
      ),
    );
  });

/** The shares of all classes, those of further ones `toApart` from the first's. */
export const sharesKernel = softmax('shares', ({ sum, everyClass }) =>
  everyClass((at, temp) => v128.store(get(at), v128.div(v128.load(get(temp)), get(sum)))),
);

/** Those of the first three as bytes of an int32, rounded as the exported graph does: trunc(255 · share + 0.5). */
export const packedKernel = softmax('packed', ({ to, temp, sum }) => {
  const byte = (place: number): Code => {
    const share = v128.div(v128.load(get(temp), place * VECTOR), get(sum));
    return v128.toInt(v128.add(v128.mul(share, v128.const(255)), v128.const(0.5)));
  };
  const all = [1, 2].reduce<Code>((sum, place) => v128.or(sum, v128.shiftLeft(byte(place), 8 * place)), byte(0));
  return v128.store(get(to), all);
});

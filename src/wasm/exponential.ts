import { type Code, code, get, type Local, set, v128 } from './assembler.ts';

/** e^x, within 1e-7 of it: Cephes' expf (Moshier), a polynomial after taking out powers of two. `x`, `r`, `k` are used up. */
export function exponential(x: Local, r: Local, k: Local): Code {
  const polynomial = [1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1].reduce<Code>(
    (sum, next) => v128.add(v128.mul(sum, get(r)), v128.const(next)),
    v128.const(1.98756915e-4),
  );
  const power = v128.shiftLeft(v128.addInt(v128.toInt(get(k)), v128.constInt(127)), 23);
  return code(
    set(x, v128.max(v128.min(get(x), v128.const(88)), v128.const(-87))),
    set(k, v128.nearest(v128.mul(get(x), v128.const(Math.LOG2E)))),
    set(r, v128.sub(get(x), v128.mul(get(k), v128.const(0.693359375)))),
    set(r, v128.sub(get(r), v128.mul(get(k), v128.const(-2.1219444e-4)))),
    set(x, v128.mul(v128.add(v128.add(v128.mul(v128.mul(polynomial, get(r)), get(r)), get(r)), v128.const(1)), power)),
  );
}

// The transforms of Winograd's F(4×4, 3×3) for pictures whose channels lie together: four channels at once. Lavin & Gray,
// Fast algorithms for convolutional neural networks, CVPR 2016 (arXiv:1509.09308): 36 products instead of 144.
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
import type { MulAdd } from './gemm-kernel.ts';

export const TILE = 4; //           px of the output
export const REACH = 6; //          px of the input that they are made of
export const POINTS = REACH ** 2; // products a tile

const c = v128.const;

/** Bᵀ · d: six values in place; t are four more locals. */
function spread(mulAdd: MulAdd, d: readonly Local[], t: readonly Local[]): Code {
  const [d0, d1, d2, d3, d4, d5] = d;
  const [t1, t2, t3, t4] = t;
  if (!d0 || !d1 || !d2 || !d3 || !d4 || !d5 || !t1 || !t2 || !t3 || !t4) return [];
  return code(
    set(t1, mulAdd(get(d2), c(-4), get(d4))),
    set(t2, mulAdd(get(d1), c(-4), get(d3))),
    set(t3, v128.sub(get(d4), get(d2))),
    set(t4, v128.sub(get(d3), get(d1))),
    set(d0, mulAdd(get(d0), c(4), mulAdd(get(d2), c(-5), get(d4)))),
    set(d5, mulAdd(get(d1), c(4), mulAdd(get(d3), c(-5), get(d5)))),
    set(d1, v128.add(get(t1), get(t2))),
    set(d2, v128.sub(get(t1), get(t2))),
    set(d3, mulAdd(get(t4), c(2), get(t3))),
    set(d4, mulAdd(get(t4), c(-2), get(t3))),
  );
}

/** Aᵀ · m: of six values the first four places hold the result. */
function gathered(mulAdd: MulAdd, m: readonly Local[], t: readonly Local[]): Code {
  const [m0, m1, m2, m3, m4, m5] = m;
  const [s1, d1, s2, d2] = t;
  if (!m0 || !m1 || !m2 || !m3 || !m4 || !m5 || !s1 || !d1 || !s2 || !d2) return [];
  return code(
    set(s1, v128.add(get(m1), get(m2))),
    set(d1, v128.sub(get(m1), get(m2))),
    set(s2, v128.add(get(m3), get(m4))),
    set(d2, v128.sub(get(m3), get(m4))),
    set(m0, v128.add(v128.add(get(m0), get(s1)), get(s2))),
    set(m1, mulAdd(get(d2), c(2), get(d1))),
    set(m2, mulAdd(get(s2), c(4), get(s1))),
    set(m3, v128.add(mulAdd(get(d2), c(8), get(d1)), get(m5))),
  );
}

/**
 * spread(from, px, row, tiles, channels, to, point, temp): Bᵀ d B of `tiles` squares of 6 × 6 px side by side, 4 px apart.
 * `px`, `row` and `point` are the bytes from one pixel, line and product to the next; `channels` the bytes of a pixel, which
 * are read and written one behind the other; a tile's products lie `channels` behind those of the tile before it.
 */
export const spreadKernel = (mulAdd: MulAdd): WasmFunction =>
  written('spread', ({ parameter, local }) => {
    const [from, px, row, tiles] = [parameter(), parameter(), parameter(), parameter()];
    const [channels, to, point, temp] = [parameter(), parameter(), parameter(), parameter()];
    const [tile, channel, corner, at, line] = [local(), local(), local(), local(), local()];
    const d = Array.from({ length: REACH }, () => local('v128'));
    const t = Array.from({ length: 4 }, () => local('v128'));
    const loadLine = d.flatMap((each, j) => [set(each, v128.load(get(at))), j < REACH - 1 ? advance(at, get(px)) : []]);
    const across = Array.from({ length: REACH }, (_, i) =>
      code(
        set(at, get(line)),
        ...loadLine,
        spread(mulAdd, d, t),
        ...d.map((each, j) => v128.store(get(temp), get(each), (i * REACH + j) * 16)),
        advance(line, get(row)),
      ),
    );
    // Products are ordered down each column, so that one address goes on.
    const down = Array.from({ length: REACH }, (_, j) =>
      code(
        ...d.map((each, i) => set(each, v128.load(get(temp), (i * REACH + j) * 16))),
        spread(mulAdd, d, t),
        ...d.map((each) => code(v128.store(get(at), get(each)), advance(at, get(point)))),
      ),
    );
    return code(
      stepWhile(
        tile,
        tiles,
        1,
        code(
          set(corner, get(from)),
          set(channel, i32.const(0)),
          repeatWhile(
            i32.isBelow(get(channel), get(channels)),
            code(
              set(line, get(corner)),
              ...across,
              set(at, get(to)),
              ...down,
              advance(to, i32.const(16)),
              advance(corner, i32.const(16)),
              advance(channel, i32.const(16)),
            ),
          ),
          advance(from, i32.mul(get(px), i32.const(TILE))),
        ),
      ),
    );
  });

/**
 * gather(from, point, channels, bias, to, px, row, across, down, add, floor, temp): max(floor, Aᵀ m A + bias + add) of one
 * tile, of which `across` × `down` px lie in the picture; the rest as in spread and in gemm.
 */
export const gatherKernel = (mulAdd: MulAdd): WasmFunction =>
  written('gather', ({ parameter, local }) => {
    const [from, point, channels, bias] = [parameter(), parameter(), parameter(), parameter()];
    const [to, px, row, wide] = [parameter(), parameter(), parameter(), parameter()];
    const [high, add, floor, temp] = [parameter(), parameter(), parameter('f32'), parameter()];
    const [end, at, line] = [local(), local(), local()];
    const low = local('v128');
    const offset = local('v128');
    const m = Array.from({ length: REACH }, () => local('v128'));
    const t = Array.from({ length: 4 }, () => local('v128'));
    const columns = Array.from({ length: REACH }, (_, j) =>
      code(
        ...m.map((each) => code(set(each, v128.load(get(at))), advance(at, get(point)))),
        gathered(mulAdd, m, t),
        ...m.slice(0, TILE).map((each, i) => v128.store(get(temp), get(each), (i * REACH + j) * 16)),
      ),
    );
    const finished = (each: Local): Code =>
      code(
        set(each, v128.add(get(each), get(offset))),
        when(get(add), set(each, v128.add(get(each), v128.load(i32.add(get(at), get(add)))))),
        v128.store(get(at), v128.above(get(each), get(low))),
      );
    const lines = Array.from({ length: TILE }, (_, i) =>
      when(
        i32.isAbove(get(high), i32.const(i)),
        code(
          ...m.map((each, j) => set(each, v128.load(get(temp), (i * REACH + j) * 16))),
          gathered(mulAdd, m, t),
          set(at, get(line)),
          ...m
            .slice(0, TILE)
            .map((each, j) => when(i32.isAbove(get(wide), i32.const(j)), code(finished(each), advance(at, get(px))))),
          advance(line, get(row)),
        ),
      ),
    );
    return code(
      set(low, v128.splat(get(floor))),
      set(end, i32.add(get(from), get(channels))),
      repeatWhile(
        i32.isBelow(get(from), get(end)),
        code(
          set(at, get(from)),
          ...columns,
          set(line, get(to)),
          set(offset, v128.load(get(bias))),
          ...lines,
          advance(from, i32.const(16)),
          advance(to, i32.const(16)),
          advance(bias, i32.const(16)),
        ),
      ),
    );
  });

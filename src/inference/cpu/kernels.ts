// All kernels in one WebAssembly module over one memory, and what they are called with.
import { assembled, v128, written } from '#wasm/assembler.ts';
import { squaresKernel } from './copy-kernel.ts';
import { gemmKernel, inTwo } from './gemm-kernel.ts';
import { blendKernel, meanKernel, mostKernel, strideKernel } from './map-kernels.ts';
import { packedKernel, sharesKernel } from './share-kernels.ts';
import { gatherKernel, spreadKernel } from './winograd-kernel.ts';

const NAMES = ['gemm', 'spread', 'gather', 'squares', 'most', 'mean', 'blend', 'stride', 'shares', 'packed'] as const;

/** The parameters of each are said where it is written. Of one memory; any number of threads call theirs at once. */
export type Kernels = Readonly<Record<(typeof NAMES)[number], (...numbers: number[]) => void>>;

/** What 32-bit addresses reach stays far above what a window needs; a shared memory must say it beforehand. */
export const MOST_PAGES = 32_768;

/** True where a product and a sum can be one instruction (relaxed vectors: Chrome 114 and later, Firefox 145, not Safari 18). */
export function hasMulAdd(): boolean {
  const one = v128.const(1);
  const probe = written('probe', ({ local }) => {
    const value = local('v128');
    return [...v128.mulAdd(one, one, one), 0x21, value.index];
  });
  return WebAssembly.validate(assembled([probe]));
}

/** Compiled once; every thread makes its own instance of it. Not for the main thread, which may not compile at once. */
export function compileKernels({
  shared,
  relaxed = hasMulAdd(),
}: {
  shared: boolean;
  relaxed?: boolean;
}): WebAssembly.Module {
  const mulAdd = relaxed ? v128.mulAdd : inTwo;
  const functions = [
    gemmKernel(mulAdd),
    spreadKernel(mulAdd),
    gatherKernel(mulAdd),
    squaresKernel,
    mostKernel,
    meanKernel,
    blendKernel,
    strideKernel,
    sharesKernel,
    packedKernel,
  ];
  return new WebAssembly.Module(assembled(functions, shared ? MOST_PAGES : undefined));
}

export function kernelsOf(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const { exports } = new WebAssembly.Instance(module, { parts: { memory } });
  const named = (name: (typeof NAMES)[number]) => {
    const found = exports[name];
    if (typeof found !== 'function') throw new TypeError(`there is no kernel ${name}`);
    return (...numbers: number[]): void => void Reflect.apply(found, undefined, numbers);
  };
  return {
    gemm: named('gemm'),
    spread: named('spread'),
    gather: named('gather'),
    squares: named('squares'),
    most: named('most'),
    mean: named('mean'),
    blend: named('blend'),
    stride: named('stride'),
    shares: named('shares'),
    packed: named('packed'),
  };
}

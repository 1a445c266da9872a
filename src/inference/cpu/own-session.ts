// A session like the runtime's, computed by Eosin's own kernels.
import type { PatchManifest } from '../manifest.ts';
import type { Ort, Session } from '../session.ts';
import { Engine } from './engine.ts';
import type { KernelSpace } from './kernel-space.ts';
import { readNetwork } from './read-network.ts';

/** Counted up with every change of what the kernels compute: what a golden patch said of others says nothing of them. */
export const KERNELS_VERSION = 1;

export interface OwnSource {
  readonly ort: Pick<Ort, 'Tensor'>;
  readonly manifest: Pick<PatchManifest, 'input' | 'outputs'>;
  readonly onnx: Uint8Array<ArrayBuffer>;
  readonly space: KernelSpace; // lent
}

export interface OwnSession extends Session {
  readonly threads: number;
}

/**
 * All threads compute from the first run on, so that the golden patch is seen of all of them.
 * @returns undefined for a graph that they do not know, or bytes that are none: what is wrong with these the runtime says
 */
export async function openOwnSession({ ort, manifest, onnx, space }: OwnSource): Promise<OwnSession | undefined> {
  const { input, outputs } = manifest;
  const network = readNetwork(
    onnx,
    input.name,
    outputs.map(({ name }) => name),
  );
  if (!network) return undefined;
  const engine = new Engine(network, space);
  await space.started;
  let lent: ArrayBufferLike | undefined;
  return {
    threads: space.threads,
    lend(memory) {
      lent = memory;
    },
    async run(feeds, fetches) {
      const into = lent;
      lent = undefined;
      const picture = feeds[input.name];
      const [, , height = 0, width = 0] = picture?.dims ?? [];
      if (!(picture?.data instanceof Float32Array)) throw new TypeError(`${input.name} is no float32 picture`);
      const made = engine.run(picture.data, { width, height }, fetches, into);
      return Object.fromEntries([...made].map(([name, { dims, data }]) => [name, tensorOf(ort, data, dims)]));
    },
    async release() {
      engine[Symbol.dispose]();
    },
  };
}

const tensorOf = ({ Tensor }: Pick<Ort, 'Tensor'>, data: Int32Array | Float32Array, dims: readonly number[]) =>
  data instanceof Int32Array ? new Tensor('int32', data, dims) : new Tensor('float32', data, dims);

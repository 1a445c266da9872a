// One ONNX session on one provider: patch in, outputs out. The same code in the tab's worker and in Node; how a patch
// becomes the network's input comes in as an argument.
import type * as OrtWeb from 'onnxruntime-web/webgpu';
import { EosinError, type Failure } from '#errors/failure.ts';
import type { PatchManifest } from './manifest.ts';
import type { OutputTensor, Patch, PatchIn, PatchOutputs, Views } from './model.ts';
import {
  apart,
  checkedRequest,
  goldenOutputs,
  maxDifference,
  patchShapes,
  type Shaped,
  usualOutputs,
  whatIsWrong,
} from './outputs.ts';
import type { Verdict } from './protocol.ts';
import { averagedOf, flipped, flipsOf, MeanOfViews } from './views.ts';

export interface Session {
  run(
    feeds: OrtWeb.InferenceSession.FeedsType,
    fetches: readonly string[],
  ): Promise<OrtWeb.InferenceSession.ReturnType>;
  /** Of Eosin's own kernels: where the next run, and no other, writes its outputs, one after the other, if it is large enough. */
  lend?(memory: ArrayBufferLike): void;
  release(): Promise<void>;
}

/** The runtime's module, whichever build was imported. */
export interface Ort extends Pick<typeof OrtWeb, 'Tensor' | 'env'> {
  readonly InferenceSession: {
    create(onnx: Uint8Array<ArrayBuffer>, options: OrtWeb.InferenceSession.SessionOptions): Promise<Session>;
  };
}

export type Results = Awaited<ReturnType<Session['run']>>;

/** The network's input: [n × 3 × size × size]. Disposed once the run that reads it is over. */
export interface ComposedInput extends Disposable {
  readonly tensor: OrtWeb.Tensor;
}

/** How patches become the network's input and its outputs plain arrays. Owned by the session. */
export interface PatchWays extends Disposable {
  /** @param patches at least one, of one size */
  compose(patches: readonly PatchIn[], manifest: PatchManifest): Promise<ComposedInput> | ComposedInput;
  /** Takes the results over. @throws EosinError ModelInvalid, Unexpected for an output that is not there */
  collect(
    results: Results,
    names: readonly string[],
    manifest: PatchManifest,
    lent?: ArrayBufferLike,
  ): Promise<PatchOutputs> | PatchOutputs;
}

export interface SessionSource {
  readonly ort: Ort;
  readonly manifest: PatchManifest;
  readonly onnx: Uint8Array<ArrayBuffer>;
  readonly ways: PatchWays; // taken over
  /** Where it computes: this device and nothing else, or WASM. */
  readonly gpu: GPUDevice | undefined;
  readonly deviceName: string;
}

// An operator that the provider lacks would silently compute on the CPU, and what ran would not be known.
const GPU_ONLY = { disable_cpu_ep_fallback: '1' };
// The runtime's threads spin between operators by default, each on a core of its own. While a run lasts, decoding, painting
// and post-processing need these cores, so the threads sleep instead; waking them costs a little at every operator.
const YIELDING = { intra_op: { allow_spinning: '0' } };

/**
 * @throws EosinError Unreachable or WorkerDied where the runtime itself does not start: the realm is then of no use;
 *   ModelInvalid with what the runtime says where it takes not the whole graph
 */
export async function openSession({ manifest, ways, ...source }: SessionSource): Promise<ModelSession> {
  try {
    return new ModelSession(await startSession({ ...source, id: manifest.id }), manifest, ways, source.deviceName);
  } catch (thrown) {
    ways[Symbol.dispose]();
    throw thrown;
  }
}

/** The runtime's session alone, of the model `id`. @throws as openSession */
export async function startSession({
  ort,
  id,
  onnx,
  gpu,
  deviceName,
}: Omit<SessionSource, 'manifest' | 'ways'> & { readonly id: string }): Promise<Session> {
  try {
    return await ort.InferenceSession.create(onnx, {
      executionProviders: [gpu ? { name: 'webgpu', device: gpu } : 'wasm'],
      graphOptimizationLevel: 'all',
      extra: { session: gpu ? GPU_ONLY : YIELDING },
      ...(gpu && { preferredOutputLocation: 'gpu-buffer' }),
    });
  } catch (thrown) {
    const said = thrown instanceof Error ? thrown.message : String(thrown);
    if (said.startsWith(NO_BACKEND)) throw new EosinError(notStarted(ort, said), { cause: thrown });
    const seen = `the runtime does not take its graph on ${deviceName} (${said})`;
    throw new EosinError({ tag: 'ModelInvalid', model: id, seen, todo: 'Export it again.' }, { cause: thrown });
  }
}

// How the runtime's messages begin when its own files did not load or start, whatever the model. It remembers that and
// says it again for the rest of its realm.
const NO_BACKEND = 'no available backend found';
const NOT_LOADED = /fetch|import|load/i; // browsers' words: Failed to fetch, error loading, Importing a module script failed

function notStarted({ env }: Pick<Ort, 'env'>, said: string): Failure {
  const { wasmPaths } = env.wasm;
  const url = typeof wasmPaths === 'object' ? String(wasmPaths.wasm) : 'The runtime';
  return NOT_LOADED.test(said)
    ? { tag: 'Unreachable', url, reason: said }
    : { tag: 'WorkerDied', label: 'The inference worker', reason: `its runtime does not start (${said})` };
}

export class ModelSession {
  readonly manifest: PatchManifest;
  readonly #session: Session;
  readonly #ways: PatchWays;
  readonly #deviceName: string;

  constructor(session: Session, manifest: PatchManifest, ways: PatchWays, deviceName: string) {
    this.manifest = manifest;
    this.#session = session;
    this.#ways = ways;
    this.#deviceName = deviceName;
  }

  /**
   * Runs must not overlap (FACTS.md §2.3): the caller's queue sees to it. A run that has begun cannot be stopped.
   * @param patches of one size, computed in one run
   * @param into where outputs may be written, see Session
   * @returns outputs a patch, each of one patch alone
   * @throws EosinError ModelWrong, BadInput
   */
  async run(
    patches: readonly PatchIn[],
    outputs: readonly string[],
    { into, views = 1 }: { into?: ArrayBufferLike | undefined; views?: Views | undefined } = {},
  ): Promise<PatchOutputs[]> {
    checkedRequest(this.manifest, patches[0]?.size ?? 0, outputs);
    const found = await this.#seen(patches, outputs, into);
    const averaged = averagedOf(this.manifest, outputs);
    if (views === 1 || averaged.length === 0) return found;
    const means = found.map((first) => new MeanOfViews(this.manifest, first));
    for (const flip of flipsOf(views)) {
      const seen = await this.#seen(
        patches.map((patch) => flipped(patch, flip)),
        averaged,
      );
      for (const [k, each] of seen.entries()) means[k]?.add(each, flip);
    }
    for (const mean of means) mean.finish();
    return found;
  }

  /** @throws EosinError ModelWrong */
  async #seen(
    patches: readonly PatchIn[],
    outputs: readonly string[],
    into?: ArrayBufferLike,
  ): Promise<PatchOutputs[]> {
    const shapes = patchShapes(this.manifest, patches[0]?.size ?? 0);
    const found = apart(await this.#infer(patches, outputs, into), patches.length);
    for (const each of found) {
      const seen = whatIsWrong(shapes, each);
      if (seen) throw new EosinError({ tag: 'ModelWrong', model: this.manifest.id, device: this.#deviceName, seen });
    }
    return found;
  }

  /** The golden patch through the same path as every other. `image` is lent. */
  async judge(image: Patch['tiles'][number]['image'], golden: ArrayBuffer): Promise<Verdict> {
    const { id, golden: files, input } = this.manifest;
    const size = image.width;
    if (image.height !== size || size % input.multiple !== 0) {
      const seen = `${files.image} is ${size} × ${image.height} px`;
      throw new EosinError({
        tag: 'ModelInvalid',
        model: id,
        seen,
        todo: `It must be a square, a multiple of ${input.multiple} px.`,
      });
    }
    const shapes = patchShapes(this.manifest, size);
    const expected = goldenOutputs(golden, this.manifest, shapes, `its ${size} px picture`);
    const patch = { tiles: [{ image, x: 0, y: 0 }], x: 0, y: 0, scaleX: 1, scaleY: 1, size };
    const seen = await this.#infer([patch], usualOutputs(this.manifest));
    return verdictOn(shapes, expected, seen, files.tolerance);
  }

  /**
   * The time of a run of so many windows of glass, from the pictures to the outputs in memory: the shorter of two, after
   * one that warms up.
   * @param now milliseconds
   */
  async seconds({ window, batch }: { window: number; batch: number }, now: () => number): Promise<number> {
    const patch = { tiles: [], x: 0, y: 0, scaleX: 1, scaleY: 1, size: window };
    const patches = new Array<Patch>(batch).fill(patch);
    let least = Infinity;
    for (const counts of [false, true, true]) {
      const began = now();
      await this.#infer(patches, usualOutputs(this.manifest));
      if (counts) least = Math.min(least, now() - began);
    }
    return least / 1000;
  }

  async release(): Promise<void> {
    await this.#session.release();
    this.#ways[Symbol.dispose]();
  }

  async #infer(patches: readonly PatchIn[], outputs: readonly string[], into?: ArrayBufferLike): Promise<PatchOutputs> {
    using input = await this.#ways.compose(patches, this.manifest);
    if (into) this.#session.lend?.(into);
    const results = await this.#session.run({ [this.manifest.input.name]: input.tensor }, outputs);
    return await this.#ways.collect(results, outputs, this.manifest, into);
  }
}

/** Golden outputs against what a device made of the golden input. */
export function verdictOn(
  shapes: readonly Shaped[],
  expected: PatchOutputs,
  seen: PatchOutputs,
  tolerance: number,
): Verdict {
  const wrong = whatIsWrong(shapes, seen);
  if (wrong) return { maxDifference: Infinity, wrong };
  const difference = maxDifference(expected, seen);
  if (difference <= tolerance) return { maxDifference: difference, wrong: undefined };
  const drift = `the golden patch differs by ${difference.toPrecision(2)}, ${tolerance} is allowed`;
  return { maxDifference: difference, wrong: drift };
}

/** Outputs that the runtime itself brought to memory. */
export const plainOutputs: PatchWays['collect'] = (results, names, manifest, lent) =>
  Object.fromEntries(names.map((name) => [name, tensorOf(results[name], name, manifest, lent)]));

/**
 * @param lent memory that outputs may lie in; else they have arrays of their own, which can be transferred, and are no windows
 *   into the runtime's memory
 * @throws EosinError ModelInvalid where the graph does not give it, or gives it in a type that no output has
 */
export function tensorOf(
  tensor: OrtWeb.Tensor | undefined,
  name: string,
  { id }: Pick<PatchManifest, 'id'>,
  lent?: ArrayBufferLike,
): OutputTensor {
  const data = tensor?.data;
  const isOfNumbers = data instanceof Int32Array || data instanceof Float32Array;
  if (tensor && isOfNumbers && (data.buffer instanceof ArrayBuffer || data.buffer === lent))
    return { dims: tensor.dims, data };
  const seen = tensor ? `its output ${name} is ${tensor.type}` : `its graph has no output ${name}`;
  throw new EosinError({ tag: 'ModelInvalid', model: id, seen, todo: 'Export it again.' });
}

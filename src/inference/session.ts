// One ONNX session on one provider: patch in, outputs out. The same code in the tab's worker and in Node; how a patch
// becomes the network's input comes in as an argument.
import type * as OrtWeb from 'onnxruntime-web/webgpu';
import type { Waits } from '#channel/waits.ts';
import { EosinError, type Failure } from '#errors/failure.ts';
import type { PatchManifest } from './manifest.ts';
import type { OutputTensor, Patch, PatchOutputs } from './model.ts';
import {
  checkedRequest,
  goldenOutputs,
  maxDifference,
  patchShapes,
  type Shaped,
  usualOutputs,
  whatIsWrong,
} from './outputs.ts';
import type { Loaded } from './protocol.ts';

export interface Session {
  run(
    feeds: OrtWeb.InferenceSession.FeedsType,
    fetches: readonly string[],
  ): Promise<OrtWeb.InferenceSession.ReturnType>;
  release(): Promise<void>;
}

/** The runtime's module, whichever build was imported. */
export interface Ort extends Pick<typeof OrtWeb, 'Tensor' | 'env'> {
  readonly InferenceSession: {
    create(onnx: Uint8Array<ArrayBuffer>, options: OrtWeb.InferenceSession.SessionOptions): Promise<Session>;
  };
}

/** The network's input for one patch: float32 [1 × 3 × size × size]. Disposed once the run that reads it is over. */
export interface ComposedInput extends Disposable {
  readonly tensor: OrtWeb.Tensor;
}

export type Compose = (patch: Patch, manifest: PatchManifest) => Promise<ComposedInput> | ComposedInput;

export interface SessionSource {
  readonly ort: Ort;
  readonly manifest: PatchManifest;
  readonly onnx: Uint8Array<ArrayBuffer>;
  readonly compose: Compose;
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
export async function openSession({ manifest, compose, ...source }: SessionSource): Promise<ModelSession> {
  return new ModelSession(await startSession({ ...source, id: manifest.id }), manifest, compose, source.deviceName);
}

/** The runtime's session alone, of the model `id`. @throws as openSession */
export async function startSession({
  ort,
  id,
  onnx,
  gpu,
  deviceName,
}: Omit<SessionSource, 'manifest' | 'compose'> & { readonly id: string }): Promise<Session> {
  try {
    return await ort.InferenceSession.create(onnx, {
      executionProviders: [gpu ? { name: 'webgpu', device: gpu } : 'wasm'],
      graphOptimizationLevel: 'all',
      extra: { session: gpu ? GPU_ONLY : YIELDING },
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
  readonly #compose: Compose;
  readonly #deviceName: string;

  constructor(session: Session, manifest: PatchManifest, compose: Compose, deviceName: string) {
    this.manifest = manifest;
    this.#session = session;
    this.#compose = compose;
    this.#deviceName = deviceName;
  }

  /**
   * Runs must not overlap (FACTS.md §2.3): the caller's queue sees to it. A run that has begun cannot be stopped.
   * @throws EosinError ModelWrong, BadInput
   */
  async run(patch: Patch, outputs: readonly string[], { signal }: Waits): Promise<PatchOutputs> {
    signal.throwIfAborted();
    checkedRequest(this.manifest, patch.size, outputs);
    const found = await this.#infer(patch, outputs);
    const seen = whatIsWrong(patchShapes(this.manifest, patch.size), found);
    if (seen) throw new EosinError({ tag: 'ModelWrong', model: this.manifest.id, device: this.#deviceName, seen });
    return found;
  }

  /** The golden patch through the same path as every other. Takes `image` over. */
  async judge(
    image: Patch['tiles'][number]['image'],
    golden: ArrayBuffer,
  ): Promise<Pick<Loaded, 'maxDifference' | 'wrong'>> {
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
    const seen = await this.#infer(patch, usualOutputs(this.manifest));
    return verdictOn(shapes, expected, seen, files.tolerance);
  }

  release(): Promise<void> {
    return this.#session.release();
  }

  async #infer(patch: Patch, outputs: readonly string[]): Promise<PatchOutputs> {
    using input = await this.#compose(patch, this.manifest);
    const results = await this.#session.run({ [this.manifest.input.name]: input.tensor }, outputs);
    return Object.fromEntries(outputs.map((name) => [name, tensorOf(results[name], name, this.manifest)]));
  }
}

/** Golden outputs against what a device made of the golden input. */
export function verdictOn(
  shapes: readonly Shaped[],
  expected: PatchOutputs,
  seen: PatchOutputs,
  tolerance: number,
): Pick<Loaded, 'maxDifference' | 'wrong'> {
  const wrong = whatIsWrong(shapes, seen);
  if (wrong) return { maxDifference: Infinity, wrong };
  const difference = maxDifference(expected, seen);
  if (difference <= tolerance) return { maxDifference: difference, wrong: undefined };
  const drift = `the golden patch differs by ${difference.toPrecision(2)}, ${tolerance} is allowed`;
  return { maxDifference: difference, wrong: drift };
}

/** @throws EosinError ModelInvalid where the graph does not give it, or gives it in a type that no output has */
export function tensorOf(
  tensor: OrtWeb.Tensor | undefined,
  name: string,
  { id }: Pick<PatchManifest, 'id'>,
): OutputTensor {
  const data = tensor?.data;
  if (tensor && (isInts(data) || isFloats(data))) return { dims: tensor.dims, data };
  const seen = tensor ? `its output ${name} is ${tensor.type}` : `its graph has no output ${name}`;
  throw new EosinError({ tag: 'ModelInvalid', model: id, seen, todo: 'Export it again.' });
}

// Arrays of their own, not windows into the runtime's (shared) memory: these can be transferred.
const isInts = (data: unknown): data is Int32Array<ArrayBuffer> =>
  data instanceof Int32Array && data.buffer instanceof ArrayBuffer;
const isFloats = (data: unknown): data is Float32Array<ArrayBuffer> =>
  data instanceof Float32Array && data.buffer instanceof ArrayBuffer;

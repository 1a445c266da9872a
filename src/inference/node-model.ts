// A LoadedModel without a browser: Eosin's own kernels on one thread, or the runtime's WASM, in Node; pictures as plain
// pixels, the same twin composes.

import * as ort from 'onnxruntime-web';
import { unhurried } from '#channel/waits.ts';
import { EosinError, failureOf } from '#errors/failure.ts';
import { KernelSpace } from './cpu/kernel-space.ts';
import { openOwnSession } from './cpu/own-session.ts';
import { assemble, composed, type RgbaTile, regionOf } from './kernels/compose.ts';
import type { ModelManifest, PatchManifest, RowsManifest } from './manifest.ts';
import type { DeviceReport, LoadedModel, LoadedRows, Patch, PatchOutputs, RunOptions, Views } from './model.ts';
import { usualOutputs } from './outputs.ts';
import type { Verdict } from './protocol.ts';
import { openRowsSession } from './rows-session.ts';
import { SerialQueue } from './serial-queue.ts';
import { ModelSession, openSession, type PatchWays, plainOutputs } from './session.ts';
import { wasmReport } from './wasm-report.ts';

export interface NodeModelParts {
  readonly manifest: PatchManifest;
  readonly onnx: Uint8Array<ArrayBuffer>;
  /** golden.png decoded and golden.bin as it is. */
  readonly golden: { readonly image: RgbaTile['image']; readonly outputs: ArrayBuffer };
  readonly threads: number; // of the runtime's
}

/** A session whose golden patch was seen. */
interface Seat {
  readonly session: ModelSession;
  readonly report: DeviceReport;
  readonly own: boolean; // Eosin's own kernels compute
}

/** @throws EosinError ModelInvalid, ModelWrong where the golden patch comes out otherwise */
export async function openNodeModel(parts: NodeModelParts): Promise<LoadedModel> {
  ort.env.logLevel = 'error';
  ort.env.wasm.numThreads = parts.threads;
  const own = await sitOnOwn(parts);
  const seat = typeof own === 'object' ? own : await sitOnRuntime(parts, own);
  return new NodeModel(seat, (whyNotOwn) => sitOnRuntime(parts, whyNotOwn));
}

/** The sentence why own kernels do not compute though they know the graph; undefined where they do not know it. */
async function sitOnOwn({ manifest, onnx, golden }: NodeModelParts): Promise<Seat | string | undefined> {
  let session: ModelSession | undefined;
  try {
    const own = await openOwnSession({ ort, manifest, onnx, space: new KernelSpace() });
    if (!own) return undefined;
    const deviceName = 'WebAssembly in Node, 1 thread, Eosin’s own kernels';
    session = new ModelSession(own, manifest, ways, deviceName);
    const said = await session.judge(golden.image, golden.outputs);
    if (!said.wrong) return { session, report: onNode(manifest, deviceName, said), own: true };
    await session.release();
    return `Eosin’s own kernels gave wrong numbers (${said.wrong}), so the runtime’s compute instead.`;
  } catch (thrown) {
    await session?.release();
    if (failureOf(thrown).tag !== 'Unexpected') throw thrown;
    return failedOver(thrown);
  }
}

async function sitOnRuntime(parts: NodeModelParts, whyNotOwn: string | undefined): Promise<Seat> {
  const { manifest, onnx, golden, threads } = parts;
  const deviceName = `WebAssembly in Node, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  const session = await openSession({ ort, manifest, onnx, ways, gpu: undefined, deviceName });
  const said = await session.judge(golden.image, golden.outputs);
  return { session, report: onNode(manifest, deviceName, said, whyNotOwn), own: false };
}

const failedOver = (thrown: unknown): string =>
  `Eosin’s own kernels failed (${thrown instanceof Error ? thrown.message : String(thrown)}), so the runtime’s compute instead.`;

export interface NodeRowsParts {
  readonly manifest: RowsManifest;
  readonly onnx: Uint8Array<ArrayBuffer>;
  /** Both golden files as they are. */
  readonly golden: { readonly features: ArrayBuffer; readonly outputs: ArrayBuffer };
}

/** An attention network or a head, one thread. @throws EosinError ModelInvalid, ModelWrong */
export async function openNodeRows({ manifest, onnx, golden }: NodeRowsParts): Promise<LoadedRows> {
  ort.env.logLevel = 'error';
  const deviceName = 'WebAssembly in Node';
  const session = await openRowsSession({ ort, manifest, onnx, deviceName });
  const report = onNode(manifest, deviceName, await session.judge(golden.features, golden.outputs));
  const queue = new SerialQueue();
  let disposed = false;
  return {
    manifest,
    report,
    async run(features, { signal, outputs = manifest.outputs.map(({ name }) => name) }) {
      if (disposed) throw new EosinError({ tag: 'UseAfterDispose', label: `The model ${manifest.name}` });
      return queue.add(() => session.run(Float32Array.from(features), outputs, { signal }), { signal });
    },
    [Symbol.dispose]() {
      if (disposed) return;
      disposed = true;
      void queue.add(() => session.release(), unhurried());
    },
  };
}

const onNode = (manifest: ModelManifest, deviceName: string, said: Verdict, whyNotOwn?: string): DeviceReport => {
  const verdict = { ...said, since: Date.now() };
  return wasmReport(manifest, { deviceName, whyNotGpu: 'Node has no WebGPU here.', verdict, whyNotOwn });
};

class NodeModel implements LoadedModel {
  readonly ahead = 2;
  readonly #queue = new SerialQueue();
  readonly #instead: (whyNotOwn: string) => Promise<Seat>;
  #seat: Seat;
  #disposed = false;

  constructor(seat: Seat, instead: (whyNotOwn: string) => Promise<Seat>) {
    this.#seat = seat;
    this.#instead = instead;
  }

  get report(): DeviceReport {
    return this.#seat.report;
  }

  get manifest(): PatchManifest {
    return this.#seat.session.manifest;
  }

  get window(): number {
    return this.manifest.input.window;
  }

  async run(patch: Patch, { signal, outputs = usualOutputs(this.manifest), views }: RunOptions): Promise<PatchOutputs> {
    if (this.#disposed) throw new EosinError({ tag: 'UseAfterDispose', label: `The model ${this.manifest.name}` });
    const [found] = await this.#queue.add(() => this.#run(patch, outputs, views), { signal });
    return found ?? {};
  }

  /** A patch over which own kernels fail, or that they get wrong, is computed by the runtime, and so is what comes after. */
  async #run(patch: Patch, outputs: readonly string[], views: Views = 1): Promise<PatchOutputs[]> {
    const { session, own } = this.#seat;
    try {
      return await session.run([patch], outputs, { views });
    } catch (thrown) {
      if (!own || !['Unexpected', 'ModelWrong'].includes(failureOf(thrown).tag)) throw thrown;
      this.#seat = await this.#instead(failedOver(thrown));
      await session.release();
      return this.#seat.session.run([patch], outputs, { views });
    }
  }

  giveBack(): void {} // it lends nothing

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    void this.#queue.add(() => this.#seat.session.release(), unhurried());
  }
}

const ways: PatchWays = {
  compose(patches, { input }) {
    const [patch] = patches; // the runtime's WASM gains nothing from more
    if (!patch || patches.length > 1 || 'values' in patch)
      throw new EosinError({ tag: 'Unexpected', reason: 'Node takes one patch a run, as pictures.' });
    const region = regionOf(patch);
    const values = composed(assemble(plainTiles(patch), region), region, input);
    const tensor = new ort.Tensor('float32', values, [1, 3, patch.size, patch.size]);
    return { tensor, [Symbol.dispose]: () => tensor.dispose() };
  },
  collect: plainOutputs,
  [Symbol.dispose]: () => undefined,
};

const plainTiles = ({ tiles }: Patch): RgbaTile[] =>
  tiles.map(({ image, x, y }) => {
    if ('rgba' in image) return { image, x, y };
    throw new EosinError({
      tag: 'BadInput',
      what: 'A tile',
      seen: 'it is a bitmap',
      todo: 'In Node, pass plain pixels.',
    });
  });

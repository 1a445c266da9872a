// A LoadedModel without a browser: Eosin's own kernels on one thread, or the runtime's WASM, in Node; pictures as plain
// pixels, the same twin composes.

import * as ort from 'onnxruntime-web';
import { unhurried } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { openOwnSession } from './cpu/own-session.ts';
import { assemble, composed, type RgbaTile, regionOf } from './kernels/compose.ts';
import type { ModelManifest, PatchManifest, RowsManifest } from './manifest.ts';
import type { DeviceReport, LoadedModel, LoadedRows, Patch, PatchOutputs, RunOptions } from './model.ts';
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

/** @throws EosinError ModelInvalid, ModelWrong where the golden patch comes out otherwise */
export async function openNodeModel({ manifest, onnx, golden, threads }: NodeModelParts): Promise<LoadedModel> {
  ort.env.logLevel = 'error';
  ort.env.wasm.numThreads = threads;
  const own = openOwnSession({ ort, manifest, onnx, helpers: undefined });
  let whyNotOwn: string | undefined;
  if (own) {
    const deviceName = 'WebAssembly in Node, 1 thread, Eosin’s own kernels';
    const session = new ModelSession(own, manifest, ways, deviceName);
    const said = await session.judge(golden.image, golden.outputs);
    if (!said.wrong) return new NodeModel(session, onNode(manifest, deviceName, said));
    await session.release();
    whyNotOwn = `Eosin’s own kernels gave wrong numbers (${said.wrong}), so the runtime’s compute instead.`;
  }
  const deviceName = `WebAssembly in Node, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  const session = await openSession({ ort, manifest, onnx, ways, gpu: undefined, deviceName });
  return new NodeModel(
    session,
    onNode(manifest, deviceName, await session.judge(golden.image, golden.outputs), whyNotOwn),
  );
}

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
  readonly report: DeviceReport;
  readonly ahead = 2;
  readonly #queue = new SerialQueue();
  readonly #session: ModelSession;
  #disposed = false;

  constructor(session: ModelSession, report: DeviceReport) {
    this.#session = session;
    this.report = report;
  }

  get manifest(): PatchManifest {
    return this.#session.manifest;
  }

  get window(): number {
    return this.manifest.input.window;
  }

  async run(patch: Patch, { signal, outputs = usualOutputs(this.manifest) }: RunOptions): Promise<PatchOutputs> {
    if (this.#disposed) throw new EosinError({ tag: 'UseAfterDispose', label: `The model ${this.manifest.name}` });
    const [found] = await this.#queue.add(() => this.#session.run([patch], outputs), { signal });
    return found ?? {};
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    void this.#queue.add(() => this.#session.release(), unhurried());
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

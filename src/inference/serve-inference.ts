// The worker's side: one queue for all that touches the runtime; the GPU device; the sessions. Runtime and GPU come in
// as arguments, so that tests put faults there.

import { moved, type Port, serve } from '#channel/channel.ts';
import { movable } from '#channel/movable.ts';
import { EosinError, failureOf } from '#errors/failure.ts';
import type { Gpu, GpuWanted } from '#gpu/gpu.ts';
import { largestActivation } from './activations.ts';
import { Batches } from './batches.ts';
import type { KernelSpace } from './cpu/kernel-space.ts';
import { KERNELS_VERSION, openOwnSession } from './cpu/own-session.ts';
import { inHalf } from './half-graph.ts';
import { CanvasComposer } from './kernels/compose-canvas.ts';
import type { PatchManifest } from './manifest.ts';
import type { PatchOutputs } from './model.ts';
import { whyNotOnWebGpu } from './onnx-graph.ts';
import { closeImages } from './patch-images.ts';
import { onCanvas, onGpu } from './patch-ways.ts';
import type { GpuFound, InferenceCalls, LoadCall, LoadedOn, Verdict } from './protocol.ts';
import { openRowsSession, type RowsSession } from './rows-session.ts';
import { SerialQueue } from './serial-queue.ts';
import { ModelSession, type Ort, openSession } from './session.ts';

export interface InferenceRuntime {
  readonly ort: Ort;
  openGpu(wanted: GpuWanted): Promise<Gpu>;
  /** Where Eosin's own kernels compute; without it the runtime computes all. */
  readonly own?: KernelSpace;
}

interface Seat {
  readonly session: ModelSession;
  readonly gpu: Gpu | undefined;
  readonly own: boolean;
  batch: number;
}

const EXACT: ImageBitmapOptions = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' };

/** Answers until the worker is terminated. After a lost device or a failed run it should be: the runtime does not recover. */
export function serveInference(port: Port, { ort, openGpu, own }: InferenceRuntime): void {
  const queue = new SerialQueue();
  const seats = new Map<number, Seat>();
  const rowsSessions = new Map<number, RowsSession>();
  const canvas = new CanvasComposer();
  const losses: ((gone: { reason: string }) => void)[] = [];
  let opened: Gpu | undefined;

  const gpuFor = async (wanted: GpuWanted): Promise<Gpu> => {
    if (opened) return opened;
    opened = await openGpu(wanted);
    void opened.lost.then((reason) => {
      for (const tell of losses) tell({ reason });
    });
    return opened;
  };

  const seatOf = (key: number): Seat => {
    const seat = seats.get(key);
    if (!seat) throw new EosinError({ tag: 'UseAfterDispose', label: 'A model' });
    return seat;
  };

  const release = async (key: number): Promise<void> => {
    const session = seats.get(key)?.session ?? rowsSessions.get(key);
    seats.delete(key);
    rowsSessions.delete(key);
    await session?.release();
  };

  const load = async ({ key, source, device, software, precision }: LoadCall): Promise<LoadedOn> => {
    const { manifest, model } = source;
    await release(key);
    const stored = new Uint8Array(await model.arrayBuffer());
    let whyNotOwn: string | undefined;
    if (device === 'own' && own) {
      try {
        const loaded = await loadOwn(key, manifest, stored, own);
        if (loaded) return loaded;
      } catch (thrown) {
        // Memory that is shared reserves much of the address space, and there may be no room or no more workers.
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        whyNotOwn = `Eosin’s own kernels did not start (${reason}), so the runtime’s compute instead.`;
      }
    }
    const gpu = device === 'webgpu' ? await gpuFor({ software }) : undefined;
    const deviceName = gpu ? gpu.name : wasmName(ort.env.wasm.numThreads);
    const reason = gpu && whyNotOnWebGpu(stored);
    if (reason) throw new EosinError({ tag: 'NoGpu', reason });
    const onnx = precision === 'fp16' ? inHalf(stored) : stored;
    const ways = gpu ? onGpu(ort, gpu, precision) : onCanvas(ort, canvas);
    const session = await openSession({ ort, manifest, onnx, ways, gpu: gpu?.device, deviceName });
    seats.set(key, { session, gpu, own: false, batch: 1 });
    const adapter = gpu ? foundOf(gpu, ort).adapter : adapterOf(deviceName, ort);
    const elementsPerPx = largestActivation(stored, manifest.input.name);
    return { name: deviceName, adapter, elementsPerPx, ...(whyNotOwn && { whyNotOwn }) };
  };

  const loadOwn = async (
    key: number,
    manifest: PatchManifest,
    onnx: Uint8Array<ArrayBuffer>,
    space: KernelSpace,
  ): Promise<LoadedOn | undefined> => {
    const opened = await openOwnSession({ ort, manifest, onnx, space });
    if (!opened) return undefined;
    const name = `${wasmName(opened.threads)}, Eosin’s own kernels`;
    const session = new ModelSession(opened, manifest, onCanvas(ort, canvas), name);
    seats.set(key, { session, gpu: undefined, own: true, batch: 1 });
    return {
      name,
      adapter: adapterOf(`${name} ${KERNELS_VERSION}`, ort),
      own: true,
      elementsPerPx: largestActivation(onnx, manifest.input.name),
    };
  };

  const judge = async ({ key, golden }: InferenceCalls['judge']['in']): Promise<Verdict> => {
    const { session, gpu, own } = seatOf(key);
    const image = await createImageBitmap(golden.input, EXACT);
    const outputs = await golden.outputs.arrayBuffer();
    try {
      return await untilLost(gpu, session.judge(image, outputs));
    } catch (thrown) {
      // Own kernels that fail are wrong: there is the runtime still.
      if (!own || failureOf(thrown).tag !== 'Unexpected') throw thrown;
      return { maxDifference: Infinity, wrong: thrown instanceof Error ? thrown.message : String(thrown) };
    } finally {
      image.close();
    }
  };

  const loadRows = async ({ key, source }: InferenceCalls['loadRows']['in']) => {
    const { manifest, model, golden } = source;
    const onnx = new Uint8Array(await model.arrayBuffer());
    const name = wasmName(ort.env.wasm.numThreads);
    const session = await openRowsSession({ ort, manifest, onnx, deviceName: name });
    const verdict = await session.judge(await golden.input.arrayBuffer(), await golden.outputs.arrayBuffer());
    if (verdict.wrong) await session.release();
    else rowsSessions.set(key, session);
    return { name, ...verdict };
  };

  const patches = new Batches<InferenceCalls['run']['in'], PatchOutputs>(queue, {
    most: ({ key }) => seats.get(key)?.batch ?? 1,
    alike: (a, b) =>
      a.key === b.key && a.patch.size === b.patch.size && a.outputs.join() === b.outputs.join() && a.views === b.views,
    run: async (jobs) => {
      const [first] = jobs;
      if (!first) return [];
      const { session, gpu } = seatOf(first.key);
      return untilLost(
        gpu,
        session.run(
          jobs.map(({ patch }) => patch),
          first.outputs,
          first,
        ),
      );
    },
  });

  serve<InferenceCalls>(port, {
    gpu: (wanted, waits) => queue.add(async () => foundOf(await gpuFor(wanted), ort), waits),
    load: (input, waits) => queue.add(() => load(input), waits),
    judge: (input, waits) => queue.add(() => judge(input), waits),
    time: ({ key, ...window }, waits) =>
      queue.add(async () => {
        const { session, gpu } = seatOf(key);
        return {
          seconds: await untilLost(
            gpu,
            session.seconds(window, () => performance.now()),
          ),
        };
      }, waits),
    batch: ({ key, batch }, waits) =>
      queue.add(async () => {
        seatOf(key).batch = batch;
        return undefined;
      }, waits),
    loadRows: (input, waits) => queue.add(() => loadRows(input), waits),
    runRows: async ({ key, features, outputs }, waits) => {
      const found = await queue.add(() => {
        const session = rowsSessions.get(key);
        if (!session) throw new EosinError({ tag: 'UseAfterDispose', label: 'A model' });
        return session.run(features, outputs, waits);
      }, waits);
      return moved(found, buffersOf(found));
    },
    run: async (input, waits) => {
      try {
        const outputs = await patches.add(input, waits);
        const values = 'values' in input.patch ? input.patch.values : undefined;
        return moved({ outputs, values }, [...buffersOf(outputs), ...(values ? movable([values.buffer]) : [])]);
      } finally {
        if ('tiles' in input.patch) closeImages(input.patch);
      }
    },
    release: ({ key }, waits) =>
      queue.add(async () => {
        await release(key);
        return undefined;
      }, waits),
    settle: (_, waits) => queue.add(async () => undefined, waits),
    lost: () => new Promise((resolve) => void losses.push(resolve)),
  });
}

const buffersOf = (outputs: PatchOutputs): ArrayBuffer[] =>
  movable(Object.values(outputs).map(({ data: { buffer } }) => buffer));

const wasmName = (threads = 1): string => `WebAssembly, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;

const adapterOf = (deviceName: string, ort: Pick<Ort, 'env'>): string =>
  `${deviceName}, ${browser()}, runtime ${versionOf(ort)}`;

const versionOf = ({ env }: Pick<Ort, 'env'>): string => env.versions.web ?? env.versions.common;

/** Another runtime may compute otherwise on the same adapter, so that its version is part of the key. */
function foundOf({ name, adapter, software, half, device }: Gpu, ort: Pick<Ort, 'env'>): GpuFound {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  return {
    name,
    adapter: adapterOf(adapter, ort),
    software,
    half,
    limits: { maxBufferSize, maxStorageBufferBindingSize },
  };
}

/** Another version of it may bring other shaders, or another compiler. */
const browser = (): string => /(?:Chrome|Firefox|Version)\/\d+/.exec(navigator.userAgent)?.[0] ?? 'browser';

/** A run on a device that is lost may fail in any way, or never end: the loss is what is told. */
async function untilLost<T>(gpu: Gpu | undefined, work: Promise<T>): Promise<T> {
  if (!gpu) return work;
  const gone = gpu.lost.then((reason): never => {
    throw new EosinError({ tag: 'DeviceLost', label: gpu.name, reason });
  });
  try {
    return await Promise.race([work, gone]);
  } catch (thrown) {
    // The error of a run that the loss broke often comes a moment before the loss itself.
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 200))]);
    throw thrown;
  }
}

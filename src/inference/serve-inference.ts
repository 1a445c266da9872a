// The worker's side: one queue for create, run and release; the GPU device; the sessions. Runtime and GPU come in as
// arguments, so that tests put faults there.
import { moved, type Port, serve } from '#channel/channel.ts';
import { EosinError } from '#errors/failure.ts';
import type { Gpu, GpuWanted } from '#gpu/gpu.ts';
import { CanvasComposer } from './kernels/compose-canvas.ts';
import { composeOnGpu } from './kernels/compose-gpu.ts';
import type { Patch, PatchOutputs } from './model.ts';
import { whyNotOnWebGpu } from './onnx-graph.ts';
import type { InferenceCalls, Loaded } from './protocol.ts';
import { openRowsSession, type RowsSession } from './rows-session.ts';
import { SerialQueue } from './serial-queue.ts';
import { type Compose, type ModelSession, type Ort, openSession } from './session.ts';

export interface InferenceRuntime {
  readonly ort: Ort;
  openGpu(wanted: GpuWanted): Promise<Gpu>;
}

const EXACT: ImageBitmapOptions = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' };

/** Answers until the worker is terminated. After a lost device or a failed run it should be: the runtime does not recover. */
export function serveInference(port: Port, { ort, openGpu }: InferenceRuntime): void {
  const queue = new SerialQueue();
  const sessions = new Map<number, { session: ModelSession; gpu: Gpu | undefined }>();
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

  const load = async ({ key, source, device, software }: InferenceCalls['load']['in']): Promise<Loaded> => {
    const { manifest, model, golden } = source;
    const onnx = new Uint8Array(await model.arrayBuffer());
    if (device === 'webgpu') {
      const reason = whyNotOnWebGpu(onnx);
      if (reason) throw new EosinError({ tag: 'NoGpu', reason });
    }
    const gpu = device === 'webgpu' ? await gpuFor({ software }) : undefined;
    const deviceName = gpu ? gpu.name : wasmName(ort);
    const compose = gpu ? onGpu(ort, gpu) : onCanvas(ort, canvas);
    const session = await openSession({ ort, manifest, onnx, compose, gpu: gpu?.device, deviceName });
    const image = await createImageBitmap(golden.input, EXACT);
    try {
      const verdict = await untilLost(gpu, session.judge(image, await golden.outputs.arrayBuffer()));
      if (verdict.wrong) await session.release();
      else sessions.set(key, { session, gpu });
      return { deviceName, software: gpu?.software ?? false, ...verdict };
    } finally {
      image.close();
    }
  };

  const loadRows = async ({ key, source }: InferenceCalls['loadRows']['in']): Promise<Loaded> => {
    const { manifest, model, golden } = source;
    const onnx = new Uint8Array(await model.arrayBuffer());
    const deviceName = wasmName(ort);
    const session = await openRowsSession({ ort, manifest, onnx, deviceName });
    const verdict = await session.judge(await golden.input.arrayBuffer(), await golden.outputs.arrayBuffer());
    if (verdict.wrong) await session.release();
    else rowsSessions.set(key, session);
    return { deviceName, software: false, ...verdict };
  };

  serve<InferenceCalls>(port, {
    load: (input, waits) => queue.add(() => load(input), waits),
    loadRows: (input, waits) => queue.add(() => loadRows(input), waits),
    runRows: async ({ key, features, outputs }, waits) => {
      const found = await queue.add(() => {
        const session = rowsSessions.get(key);
        if (!session) throw new EosinError({ tag: 'UseAfterDispose', label: 'A model' });
        return session.run(features, outputs, waits);
      }, waits);
      return moved(found, buffersOf(found));
    },
    run: async ({ key, patch, outputs }, waits) => {
      try {
        const found = await queue.add(() => {
          const model = sessions.get(key);
          if (!model) throw new EosinError({ tag: 'UseAfterDispose', label: 'A model' });
          return untilLost(model.gpu, model.session.run(patch, outputs, waits));
        }, waits);
        return moved(found, buffersOf(found));
      } finally {
        closeImages(patch);
      }
    },
    release: ({ key }, waits) =>
      queue.add(async () => {
        const session = sessions.get(key)?.session ?? rowsSessions.get(key);
        sessions.delete(key);
        rowsSessions.delete(key);
        await session?.release();
        return undefined;
      }, waits),
    settle: (_, waits) => queue.add(async () => undefined, waits),
    lost: () => new Promise((resolve) => void losses.push(resolve)),
  });
}

const buffersOf = (outputs: PatchOutputs): ArrayBuffer[] => Object.values(outputs).map(({ data }) => data.buffer);

function wasmName({ env }: Pick<Ort, 'env'>): string {
  const threads = env.wasm.numThreads ?? 1;
  return `WebAssembly, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

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

const onCanvas =
  (ort: Ort, canvas: CanvasComposer): Compose =>
  (patch, { input }) => {
    const tensor = new ort.Tensor('float32', canvas.compose(patch, input), [1, 3, patch.size, patch.size]);
    return { tensor, [Symbol.dispose]: () => tensor.dispose() };
  };

const onGpu =
  (ort: Ort, gpu: Gpu): Compose =>
  async (patch, { input }) => {
    const buffer = await composeOnGpu(gpu, patch, input);
    const tensor = ort.Tensor.fromGpuBuffer(buffer, { dataType: 'float32', dims: [1, 3, patch.size, patch.size] });
    return { tensor, [Symbol.dispose]: () => buffer.destroy() };
  };

function closeImages({ tiles }: Patch): void {
  for (const { image } of tiles) if ('close' in image) image.close();
}

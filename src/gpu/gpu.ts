// One GPU device for one realm: who it is, when it was lost, what it has compiled. Owned by the worker that opened it.
import { EosinError } from '#errors/failure.ts';
import { PipelineCache } from './pipelines.ts';

export interface Gpu {
  readonly device: GPUDevice;
  readonly name: string; //       'Intel Xe', or what the browser says of it
  readonly adapter: string; //    tells it from others; not for people
  readonly software: boolean; //  computes on the CPU
  readonly half: boolean; //      has shader-f16
  readonly pipelines: PipelineCache;
  /** Resolves, once, with why the device is gone. Nothing that was submitted before can be trusted to have run. */
  readonly lost: Promise<string>;
}

export interface GpuWanted {
  /** Take an adapter that computes on the CPU too: for tests and for who asks for it by name. */
  readonly software: boolean;
}

// Limits we ask for as far as the adapter has them: the default of 128 MiB a binding is less than one feature map.
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBuffersPerShaderStage',
  'maxTextureDimension2D',
] as const;

// What the runtime's own kernels use where they are there.
const FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render|warp/i;

/** True where the adapter computes on the CPU. Browsers say it in `isFallbackAdapter`, or only by its name. */
const isSoftware = (info: GPUAdapterInfo): boolean =>
  info.isFallbackAdapter || SOFTWARE.test(`${info.vendor} ${info.architecture} ${info.device} ${info.description}`);

/** How a person knows the adapter: its description where the browser tells one, else vendor and architecture. */
function adapterName(info: GPUAdapterInfo): string {
  if (info.description) return info.description;
  const words = [info.vendor, info.architecture, info.device].filter(Boolean);
  return words.length > 0 ? words.join(' ') : 'a GPU without a name';
}

/** Tells it from other hardware, and from other drivers as far as browsers say. */
const adapterKey = ({ vendor, architecture, device, description }: GPUAdapterInfo): string =>
  [vendor, architecture, device, description].filter(Boolean).join(' ');

/** @throws EosinError NoGpu, with the reason as part of a sentence */
export async function openGpu({ software }: GpuWanted): Promise<Gpu> {
  const noGpu = (reason: string): never => {
    throw new EosinError({ tag: 'NoGpu', reason });
  };
  if (!('gpu' in navigator)) return noGpu('this browser has no WebGPU');
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return noGpu('the browser offers no GPU adapter here');
  const { info } = adapter;
  if (isSoftware(info) && !software) return noGpu(`the only adapter, ${adapterName(info)}, computes on the CPU`);
  try {
    const device = await adapter.requestDevice({
      label: 'Eosin',
      requiredLimits: Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]])),
      requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
    });
    const lost = device.lost.then(({ message, reason }) => message || reason);
    return {
      device,
      name: adapterName(info),
      adapter: adapterKey(info),
      software: isSoftware(info),
      half: device.features.has('shader-f16'),
      pipelines: new PipelineCache(device),
      lost,
    };
  } catch (thrown) {
    return noGpu(`${adapterName(info)} gave no device (${thrown instanceof Error ? thrown.message : String(thrown)})`);
  }
}

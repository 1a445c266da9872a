// Tiles → texture → compose.wgsl → the network's input, which never leaves the GPU.
import type { Gpu } from '#gpu/gpu.ts';
import type { ImageInput } from '../manifest.ts';
import type { Patch, PatchImage } from '../model.ts';
import { type Region, regionOf } from './compose.ts';
import code from './compose.wgsl?raw';

const TILE_USAGE =
  'GPUTextureUsage' in globalThis
    ? GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST | GPUTextureUsage.RENDER_ATTACHMENT
    : 0;

/**
 * Composes one patch on the GPU. Bitmaps are only read: their owner closes them.
 * @returns float32 [3 × size × size]; the caller destroys it, after what reads it has been submitted
 */
export async function composeOnGpu(
  gpu: Gpu,
  patch: Patch,
  input: Pick<ImageInput, 'mean' | 'std'>,
): Promise<GPUBuffer> {
  const { device } = gpu;
  const region = regionOf(patch);
  const pipeline = await gpu.pipelines.compute('compose', code);
  using scope = new DisposableStack();
  const temporary = <T extends { destroy(): void }>(made: T): T => scope.adopt(made, (gone) => gone.destroy());
  const upload = (label: string, usage: number, ...parts: readonly ArrayBufferView<ArrayBuffer>[]): GPUBuffer => {
    const size = parts.reduce((sum, part) => sum + part.byteLength, 0);
    const buffer = temporary(device.createBuffer({ label, size, usage: usage | GPUBufferUsage.COPY_DST }));
    let at = 0;
    for (const part of parts) {
      device.queue.writeBuffer(buffer, at, part);
      at += part.byteLength;
    }
    return buffer;
  };

  const texture = temporary(
    device.createTexture({
      label: 'region',
      format: 'rgba8unorm',
      size: [region.width, region.height],
      usage: TILE_USAGE,
    }),
  );
  const { size, across, down } = region;
  const form = upload('form', GPUBufferUsage.UNIFORM, ...formOf(region, input));
  const sources = upload('sources', GPUBufferUsage.STORAGE, across.sources, down.sources);
  const weights = upload('weights', GPUBufferUsage.STORAGE, across.weights, down.weights);
  const out = device.createBuffer({
    label: 'network input',
    size: 3 * size * size * 4,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });

  clearToWhite(device, texture);
  for (const { image, x, y } of patch.tiles) copyTile(device, texture, region, image, x, y);
  const encoder = device.createCommandEncoder({ label: 'compose' });
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: { buffer: form } },
        { binding: 1, resource: texture.createView() },
        { binding: 2, resource: { buffer: sources } },
        { binding: 3, resource: { buffer: weights } },
        { binding: 4, resource: { buffer: out } },
      ],
    }),
  );
  pass.dispatchWorkgroups(Math.ceil(size / 8), Math.ceil(size / 8));
  pass.end();
  device.queue.submit([encoder.finish()]);
  return out;
}

function formOf({ size, across, down }: Region, { mean, std }: Pick<ImageInput, 'mean' | 'std'>) {
  const sizes = Uint32Array.of(size, across.count, down.count, 0);
  const scales = Float32Array.of(...std.map((each) => 1 / each), 0, ...mean.map((each, c) => -each / (std[c] ?? 1)), 0);
  return [sizes, scales] as const;
}

function clearToWhite(device: GPUDevice, texture: GPUTexture): void {
  const encoder = device.createCommandEncoder({ label: 'white' });
  const view = texture.createView();
  encoder
    .beginRenderPass({ colorAttachments: [{ view, clearValue: [1, 1, 1, 1], loadOp: 'clear', storeOp: 'store' }] })
    .end();
  device.queue.submit([encoder.finish()]);
}

function copyTile(
  device: GPUDevice,
  texture: GPUTexture,
  region: Region,
  image: PatchImage,
  x: number,
  y: number,
): void {
  const left = Math.max(x, region.x);
  const top = Math.max(y, region.y);
  const width = Math.min(x + image.width, region.x + region.width) - left;
  const height = Math.min(y + image.height, region.y + region.height) - top;
  if (width <= 0 || height <= 0) return;
  const destination = { texture, origin: [left - region.x, top - region.y] };
  if ('rgba' in image) {
    const offset = ((top - y) * image.width + (left - x)) * 4;
    device.queue.writeTexture(destination, image.rgba, { offset, bytesPerRow: image.width * 4 }, [width, height]);
  } else {
    device.queue.copyExternalImageToTexture({ source: image, origin: [left - x, top - y] }, destination, [
      width,
      height,
    ]);
  }
}

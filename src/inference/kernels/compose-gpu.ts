// Tiles → texture → compose.wgsl → the network's input, which never leaves the GPU.
import { BufferPool } from '#gpu/buffer-pool.ts';
import type { Gpu } from '#gpu/gpu.ts';
import type { ImageInput } from '../manifest.ts';
import type { Patch, PatchImage, Precision } from '../model.ts';
import { type Region, regionOf } from './compose.ts';
import head from './compose.wgsl?raw';
import toHalves from './compose-f16.wgsl?raw';
import toFloats from './compose-f32.wgsl?raw';

/** The network's input of some patches, on the GPU. Disposed once what reads it has been submitted. */
export interface GpuInput extends Disposable {
  readonly buffer: GPUBuffer; // float32 or halves [n × 3 × size × size]
  readonly dims: readonly [number, number, number, number];
}

type Normalisation = Pick<ImageInput, 'mean' | 'std'>;

/** What one dispatch needs: where its tiles go, how they are resampled, and where in the input it writes. */
interface Drawing {
  readonly tiles: Patch['tiles'];
  readonly region: Region;
  readonly form: readonly ArrayBufferView<ArrayBuffer>[];
  readonly groups: readonly [number, number];
}

/**
 * Composes patches on one GPU and owns what that takes: one texture, as large as the largest region so far, and buffers
 * that are used again. The GPU's queue runs in order, so the next patch may be written while the last is still drawn.
 */
export class GpuComposer implements Disposable {
  readonly #device: GPUDevice;
  readonly #pipelines: Gpu['pipelines'];
  readonly #pool: BufferPool;
  #texture: GPUTexture | undefined;

  constructor({ device, pipelines }: Pick<Gpu, 'device' | 'pipelines'>) {
    this.#device = device;
    this.#pipelines = pipelines;
    this.#pool = new BufferPool(device, 8);
  }

  /**
   * Bitmaps are only read: their owner closes them.
   * @param patches at least one, of one size, which is even for fp16
   * @throws EosinError BadInput where a patch would read too much of its level
   */
  async compose(patches: readonly Patch[], input: Normalisation, precision: Precision): Promise<GpuInput> {
    const size = patches[0]?.size ?? 0;
    const values = 3 * size * size; // a patch
    const half = precision === 'fp16';
    const groups = [Math.ceil(size / (half ? 16 : 8)), Math.ceil(size / 8)] as const;
    const drawings = patches.map((patch, k): Drawing => {
      const region = regionOf(patch);
      return { tiles: patch.tiles, region, form: formOf(region, input, k * values), groups };
    });
    const code = `${head}\n${half ? toHalves : toFloats}`;
    const pipeline = await this.#pipelines.compute(`compose, ${precision}`, code);
    const buffer = this.#pool.take('network input', patches.length * values * (half ? 2 : 4), outputUsage());
    for (const drawing of drawings) this.#draw(pipeline, drawing, buffer);
    return { buffer, dims: [patches.length, 3, size, size], [Symbol.dispose]: () => this.#pool.give(buffer) };
  }

  [Symbol.dispose](): void {
    this.#pool[Symbol.dispose]();
    this.#texture?.destroy();
    this.#texture = undefined;
  }

  #draw(pipeline: GPUComputePipeline, { tiles, region, form, groups }: Drawing, out: GPUBuffer): void {
    using scope = new DisposableStack();
    const upload = (label: string, usage: number, ...parts: readonly ArrayBufferView<ArrayBuffer>[]): GPUBuffer => {
      const size = parts.reduce((sum, part) => sum + part.byteLength, 0);
      const buffer = this.#pool.take(label, size, usage | GPUBufferUsage.COPY_DST);
      scope.defer(() => this.#pool.give(buffer)); // submitted by then
      let at = 0;
      for (const part of parts) {
        this.#device.queue.writeBuffer(buffer, at, part);
        at += part.byteLength;
      }
      return buffer;
    };
    const { across, down } = region;
    const buffers = [
      upload('sources', GPUBufferUsage.STORAGE, across.sources, down.sources),
      upload('weights', GPUBufferUsage.STORAGE, across.weights, down.weights),
      out,
    ];
    const uniform = upload('form', GPUBufferUsage.UNIFORM, ...form);
    const texture = this.#textureFor(region);
    clearToWhite(this.#device, texture);
    for (const { image, x, y } of tiles) copyTile(this.#device, texture, region, image, x, y);
    const entries = [
      { binding: 0, resource: { buffer: uniform } },
      { binding: 1, resource: texture.createView() },
      ...buffers.map((buffer, k) => ({ binding: k + 2, resource: { buffer } })),
    ];
    const encoder = this.#device.createCommandEncoder({ label: 'compose' });
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, this.#device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(...groups);
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  #textureFor({ width, height }: Region): GPUTexture {
    const known = this.#texture;
    if (known && known.width >= width && known.height >= height) return known;
    const size = [Math.max(width, known?.width ?? 0), Math.max(height, known?.height ?? 0)];
    known?.destroy();
    const usage = GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST | GPUTextureUsage.RENDER_ATTACHMENT;
    this.#texture = this.#device.createTexture({ label: 'region', format: 'rgba8unorm', size, usage });
    return this.#texture;
  }
}

const outputUsage = (): number => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

/** @param offset values of the input before this patch's */
function formOf({ size, across, down }: Region, { mean, std }: Normalisation, offset: number) {
  const sizes = Uint32Array.of(size, across.count, down.count, offset);
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

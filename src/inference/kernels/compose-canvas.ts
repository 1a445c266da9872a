// Where there is no GPU: the browser's bitmaps are drawn 1:1 on one canvas and read back once, then the twin goes on.
import { EosinError } from '#errors/failure.ts';
import type { ImageInput } from '../manifest.ts';
import type { Patch } from '../model.ts';
import { composeInto, type Region, type Rgba, regionOf } from './compose.ts';

/** One canvas for all patches, as large as the largest region so far. */
export class CanvasComposer {
  #context: OffscreenCanvasRenderingContext2D | undefined;

  /** Bitmaps are only read: their owner closes them. @returns float32 [3 × size × size] */
  compose(patch: Patch, input: Pick<ImageInput, 'mean' | 'std'>): Float32Array<ArrayBuffer> {
    const values = new Float32Array(3 * patch.size ** 2);
    this.composeInto(values, patch, input);
    return values;
  }

  /** @param out float32 [3 × size × size] */
  composeInto(out: Float32Array, patch: Patch, input: Pick<ImageInput, 'mean' | 'std'>): void {
    const region = regionOf(patch);
    composeInto(out, this.#pixels(patch, region), region, input);
  }

  #pixels(patch: Patch, region: Region): Rgba {
    const context = this.#canvasFor(region);
    context.fillStyle = '#fff';
    context.fillRect(0, 0, region.width, region.height);
    for (const { image, x, y } of patch.tiles) {
      if ('rgba' in image) {
        context.putImageData(new ImageData(image.rgba, image.width, image.height), x - region.x, y - region.y);
      } else context.drawImage(image, x - region.x, y - region.y);
    }
    const { data } = context.getImageData(0, 0, region.width, region.height);
    if (!(data instanceof Uint8ClampedArray))
      throw new EosinError({ tag: 'Unexpected', reason: 'The canvas holds floats.' });
    return data;
  }

  #canvasFor({ width, height }: Region): OffscreenCanvasRenderingContext2D {
    const known = this.#context;
    if (known && known.canvas.width >= width && known.canvas.height >= height) return known;
    const canvas = new OffscreenCanvas(
      Math.max(width, known?.canvas.width ?? 0),
      Math.max(height, known?.canvas.height ?? 0),
    );
    const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true });
    if (!context) throw new EosinError({ tag: 'Unexpected', reason: 'The browser gave no canvas to compose on.' });
    context.imageSmoothingEnabled = false;
    this.#context = context;
    return context;
  }
}

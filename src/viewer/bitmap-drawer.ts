// OpenSeadragon 6.1.1's WebGL drawer with two corrections, both pinned by drawer.browser.ts. Delete each when a newer
// OpenSeadragon passes that test without it.
import OpenSeadragon from 'openseadragon';

/** The drawer's own, undocumented holder of its context and of the first pass's buffers. */
interface Contexts {
  getContext(): WebGL2RenderingContext | null;
  getFirstPass(): { readonly bufferIndex: WebGLBuffer } | null;
}

const isContexts = (value: unknown): value is Contexts =>
  typeof value === 'object' && value !== null && 'getContext' in value && 'getFirstPass' in value;

export class BitmapDrawer extends OpenSeadragon.WebGLDrawer {
  readonly #settled = new WeakSet<WebGLBuffer>();

  /**
   * First: bitmaps are uploaded as they are. The stock drawer names only canvases and images as its formats and so has
   * every bitmap drawn into a 2-D canvas first; its upload takes bitmaps all the same.
   */
  override getSupportedDataFormats(): string[] {
    return ['imageBitmap', 'context2d', 'image'];
  }

  override draw(tiledImages: unknown[]): void {
    this.#settleIndices();
    super.draw(tiledImages);
  }

  /**
   * Second: a fragment picks its tile's texture by the integer part of an interpolated index. Where interpolation falls
   * a hair below the integer (turned views; seen on SwiftShader) it takes the tile before. A quarter more on every
   * vertex leaves the integer part certain. A new context has a new buffer.
   */
  #settleIndices(): void {
    const contexts: unknown = Reflect.get(this, '_glContext');
    if (!isContexts(contexts)) return;
    const gl = contexts.getContext();
    const buffer = contexts.getFirstPass()?.bufferIndex;
    if (!gl || !buffer || this.#settled.has(buffer)) return;
    const textures: number = gl.getParameter(gl.MAX_TEXTURE_IMAGE_UNITS);
    const indices = Float32Array.from({ length: 6 * textures }, (_, vertex) => Math.floor(vertex / 6) + 0.25);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, indices, gl.STATIC_DRAW);
    this.#settled.add(buffer);
  }
}

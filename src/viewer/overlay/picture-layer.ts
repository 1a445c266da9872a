// A layer over the slide that is painted on the page or shows a picture painted elsewhere. A picture is handed over, not copied:
// that takes a canvas of its own, and one of the two is on the page at a time.
import type { Frame } from '../frame.ts';
import { contextOf, layerCanvas, place } from './layer-canvas.ts';

export class PictureLayer implements Disposable {
  readonly #painted: HTMLCanvasElement;
  readonly #handed: HTMLCanvasElement;
  #now: HTMLCanvasElement;

  constructor(parent: HTMLElement, name: string, style: Partial<CSSStyleDeclaration> = {}) {
    this.#painted = layerCanvas(parent, name);
    this.#handed = layerCanvas(parent, name);
    this.#now = this.#painted;
    this.#handed.remove();
    for (const canvas of [this.#painted, this.#handed]) Object.assign(canvas.style, style);
  }

  /** The one on the page. */
  get canvas(): HTMLCanvasElement {
    return this.#now;
  }

  /** To be painted on. @param frame of the canvas */
  paint(frame: Frame, margin: number, pixelRatio: number): CanvasRenderingContext2D {
    this.#take(this.#painted);
    place(this.#painted, frame, margin, pixelRatio);
    return contextOf(this.#painted);
  }

  /** Takes the picture over; undefined: nothing is to be seen. @param frame of the canvas */
  show(picture: ImageBitmap | undefined, frame: Frame, margin: number, pixelRatio: number): void {
    if (!picture) {
      this.clear();
      return;
    }
    this.#take(this.#handed);
    place(this.#handed, frame, margin, pixelRatio);
    this.#handed.getContext('bitmaprenderer')?.transferFromImageBitmap(picture);
  }

  /** A CSS transform; '' takes it off. */
  carry(transform: string): void {
    this.#now.style.transform = transform;
  }

  /** Both canvases shrink to a pixel: to take a picture from one of a screen's size costs 10 ms, as it fills an empty one. */
  clear(): void {
    this.#take(this.#painted);
    for (const canvas of [this.#painted, this.#handed]) if (canvas.width > 1) canvas.width = canvas.height = 1;
    this.#painted.style.transform = '';
  }

  #take(canvas: HTMLCanvasElement): void {
    if (canvas === this.#now) return;
    this.#now.replaceWith(canvas);
    this.#now = canvas;
  }

  [Symbol.dispose](): void {
    this.#now.remove();
  }
}

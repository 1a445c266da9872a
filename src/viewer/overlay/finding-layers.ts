// The canvases that findings show on: one picture over the whole view, or one on either side of a divider, which stays where
// it is while the pictures are carried along with the slide.
import type { Frame } from '../frame.ts';
import { PictureLayer } from './picture-layer.ts';

/** One side's canvases, cut off at the divider. Its elements make no stacking context: grey blends with the slide. */
export class FindingLayers implements Disposable {
  readonly #window = document.createElement('div');
  readonly #within = document.createElement('div');
  /** Takes the colour from the tissue beneath maps: a grey layer whose blend keeps the backdrop's brightness. */
  readonly grey: PictureLayer;
  readonly findings: PictureLayer;
  #from = 0;
  #to = Number.POSITIVE_INFINITY;

  /** @param before the element that it comes beneath; null: above all others */
  constructor(parent: HTMLElement, before: Node | null = null) {
    this.#window.style.cssText = 'position:absolute;top:0;height:100%;overflow:hidden;pointer-events:none';
    this.#within.style.cssText = 'position:absolute;top:0;height:100%';
    this.#window.append(this.#within);
    parent.insertBefore(this.#window, before);
    this.grey = new PictureLayer(this.#within, 'grey', { mixBlendMode: 'saturation' });
    this.findings = new PictureLayer(this.#within, 'findings');
  }

  /** What of the view's width is to be seen, CSS px. */
  get span(): readonly [from: number, to: number] {
    return [this.#from, this.#to];
  }

  /** Whole CSS px, that nothing is blurred. @param width of the view */
  cut(from: number, to: number, width: number): void {
    if (from === this.#from && to === this.#to && this.#within.style.width === `${width}px`) return;
    [this.#from, this.#to] = [from, to];
    Object.assign(this.#window.style, { left: `${from}px`, width: `${to - from}px` });
    Object.assign(this.#within.style, { left: `${-from}px`, width: `${width}px` });
  }

  clear(): void {
    for (const layer of [this.grey, this.findings]) layer.clear();
  }

  /** The next element above it. */
  get after(): Node | null {
    return this.#window.nextSibling;
  }

  carry(transform: string): void {
    for (const layer of [this.grey, this.findings]) layer.carry(transform);
  }

  /** Takes the pictures over. @param frame of the canvases */
  show(
    picture: { readonly findings: ImageBitmap; readonly grey: ImageBitmap | undefined },
    frame: Frame,
    margin: number,
    pixelRatio: number,
  ): void {
    this.findings.show(picture.findings, frame, margin, pixelRatio);
    this.grey.show(picture.grey, frame, margin, pixelRatio);
  }

  [Symbol.dispose](): void {
    for (const layer of [this.grey, this.findings]) layer[Symbol.dispose]();
    this.#window.remove();
  }
}

// How the slide's own canvas is seen: its opacity, a CSS filter, and the colours that its profile means. Layers over it,
// and what is read from the slide, stay as they are.
import type { ColourTransform } from '#slide/icc/colour-transform.ts';
import type { ColourPass } from './colour-pass.ts';

export class SlideLook implements Disposable {
  readonly #parent: HTMLElement;
  readonly #onChange: () => void;
  #style = { shown: true, opacity: 1 };
  #filter = ''; // CSS
  #pass: ColourPass | undefined;
  #transform: ColourTransform | undefined;

  constructor(parent: HTMLElement, onChange: () => void) {
    this.#parent = parent;
    this.#onChange = onChange;
  }

  setStyle(style: { readonly shown: boolean; readonly opacity: number }): void {
    this.#style = style;
    this.#onChange();
  }

  setFilter(filter: string): void {
    this.#filter = filter;
    this.#onChange();
  }

  /** @throws EosinError BadInput where the browser gives no WebGL 2 */
  async setColours(transform: ColourTransform | undefined): Promise<void> {
    this.#transform = transform;
    const made = transform && (await import('./colour-pass.ts')).ColourPass;
    if (this.#transform !== transform) return; // asked for something else meanwhile
    this.#pass?.[Symbol.dispose]();
    this.#pass = undefined;
    if (made && transform) this.#pass = new made(this.#parent, transform, this.#onChange);
    this.#onChange();
  }

  get filter(): string {
    return this.#filter;
  }

  get transform(): ColourTransform | undefined {
    return this.#transform;
  }

  /** What the legend says of the colours; undefined while they are those that are stored. */
  get colours(): string | undefined {
    return this.#pass && `Colours by the slide's profile${this.#transform?.name ? `, ${this.#transform.name}` : ''}`;
  }

  /** Shows what was drawn of the slide, all of it at once. */
  show(slide: HTMLCanvasElement): void {
    const { canvas, opacity, filter } = this.seen(slide);
    slide.style.opacity = canvas === slide ? String(opacity) : '0';
    if (this.#pass) this.#pass.canvas.style.opacity = canvas === slide ? '0' : String(opacity);
    slide.style.filter = canvas === slide ? filter : '';
    if (canvas !== slide) canvas.style.filter = filter;
  }

  /** The same for a picture of it. The canvas holds its pixels until the next frame. */
  seen(slide: HTMLCanvasElement): {
    readonly canvas: HTMLCanvasElement;
    readonly opacity: number;
    readonly filter: string;
  } {
    const canvas = this.#pass?.draw(slide) ? this.#pass.canvas : slide;
    return { canvas, opacity: this.#style.shown ? this.#style.opacity : 0, filter: this.#filter };
  }

  [Symbol.dispose](): void {
    this.#transform = undefined;
    this.#pass?.[Symbol.dispose]();
    this.#pass = undefined;
  }
}

// What a viewer is made with. Apart from the rest of its interface, which workers read as well.

export interface ViewerOptions {
  /** Filled by the viewer; must have a size. It becomes the focusable region (role=application). */
  readonly element: HTMLElement;
  /** The overview is drawn into it; the app hides it while `showsAll()`. */
  readonly navigatorElement?: HTMLElement;
  /** 'auto' (default): WebGL where a GPU runs it, else a 2-D canvas. 'webgl' takes an emulated one as well. */
  readonly drawer?: 'auto' | 'webgl' | 'canvas';
  /** Spoken name of the region; default 'Slide'. */
  readonly label?: string;
}

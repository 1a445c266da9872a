// OpenSeadragon 6.1.1's canvas drawer, with smaller versions of tiles where they are drawn smaller than they are. Slides whose
// levels are four times apart show up to a hundred tiles at a third of their size: whole, they alias, and there is more of them
// to read than caches hold. Chromium 156 also paints a canvas at once, in the page's scripts, that holds on to more than 32 MiB
// of pictures: 33 tiles of 512 px.
import OpenSeadragon from 'openseadragon';

/** Parts of a tile's side that versions of it have. */
type Share = 0.5 | 0.75 | 1;

const HALF_UP_TO = 0.55; // of a tile's own size on screen: halves are enlarged by a tenth at most
const MADE_A_FRAME = 2; //  versions, while the zoom changes: half a millisecond each at 512 px

interface Version {
  readonly share: Share;
  readonly context: CanvasRenderingContext2D;
}

const shareFor = (onScreen: number): Share => (onScreen <= HALF_UP_TO ? 0.5 : onScreen <= 0.75 ? 0.75 : 1);

export class TileDrawer extends OpenSeadragon.CanvasDrawer {
  readonly #versions = new WeakMap<CanvasRenderingContext2D, Version>(); // by whole tile, the last that was made
  #zoom = Number.NaN; //          of the last frame
  #left = MADE_A_FRAME; // versions that a frame with another zoom may still make
  #waits = false; //       some tile of this frame has another version than it should

  constructor(options: OpenSeadragon.DrawerConstructorParameters) {
    super(options);
    this.viewer.addHandler('update-viewport', () => this.#wasDrawn());
  }

  override getDataToDraw(tile: OpenSeadragon.Tile): CanvasRenderingContext2D | undefined {
    const whole: unknown = super.getDataToDraw(tile);
    if (!(whole instanceof CanvasRenderingContext2D)) return undefined;
    const onScreen = (tile.size?.x ?? Number.POSITIVE_INFINITY) * OpenSeadragon.pixelDensityRatio;
    const share = shareFor(onScreen / whole.canvas.width);
    if (share === 1) return whole;
    const made = this.#versions.get(whole);
    if (made?.share === share) return made.context;
    const standIn = made?.context ?? (share === 0.5 ? undefined : whole); // whole tiles so small are too many
    const isDue = this.#left > 0 || this.viewport.getZoom(true) === this.#zoom;
    if (isDue || !standIn) return this.#made(whole, share);
    this.#waits = true;
    return standIn;
  }

  /** The next frame makes what this one left, and all of it once the zoom stays. */
  #wasDrawn(): void {
    this.#zoom = this.viewport.getZoom(true);
    this.#left = MADE_A_FRAME;
    if (this.#waits) queueMicrotask(() => this.viewer.forceRedraw()); // within the frame it would be forgotten
    this.#waits = false;
  }

  /** Of a half, each pixel is the mean of four. */
  #made(whole: CanvasRenderingContext2D, share: Share): CanvasRenderingContext2D {
    this.#left--;
    const { canvas } = whole;
    const [width, height] = [Math.ceil(canvas.width * share), Math.ceil(canvas.height * share)];
    const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d');
    if (!context) return whole;
    context.drawImage(canvas, 0, 0, width, height);
    this.#versions.set(whole, { share, context });
    return context;
  }
}

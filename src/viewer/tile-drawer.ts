// OpenSeadragon 6.1.1's canvas drawer, with smaller versions of tiles where they are drawn smaller than they are. Slides whose
// levels are four times apart show up to a hundred tiles at a third of their size: whole, they alias, and there is more of them
// to read than caches hold. Chromium 156 also paints a canvas at once, in the page's scripts, that holds on to more than 32 MiB
// of pictures: 33 tiles of 512 px. And bitmaps are drawn as they are: the stock drawer has each drawn into a canvas of its own
// first, half a millisecond of the page's time at 512 px, for all tiles that come in one frame.
import OpenSeadragon from 'openseadragon';

/** Parts of a tile's side that versions of it have. */
type Share = 0.5 | 0.75 | 1;

const HALF_UP_TO = 0.55; // of a tile's own size on screen: halves are enlarged by a tenth at most
const MADE_A_FRAME = 2; //  versions, while the zoom changes: half a millisecond each at 512 px

/** What OpenSeadragon draws of a context is its canvas, and a bitmap will do for one. */
interface Drawn {
  readonly canvas: HTMLCanvasElement | ImageBitmap;
}

interface Version extends Drawn {
  readonly share: Share;
}

const shareFor = (onScreen: number): Share => (onScreen <= HALF_UP_TO ? 0.5 : onScreen <= 0.75 ? 0.75 : 1);

export class TileDrawer extends OpenSeadragon.CanvasDrawer {
  readonly #versions = new WeakMap<ImageBitmap, Version>(); // by whole tile, the last that was made
  #zoom = Number.NaN; //          of the last frame
  #left = MADE_A_FRAME; // versions that a frame with another zoom may still make
  #waits = false; //       some tile of this frame has another version than it should

  constructor(options: OpenSeadragon.DrawerConstructorParameters) {
    super(options);
    this.viewer.addHandler('update-viewport', () => this.#wasDrawn());
  }

  override getSupportedDataFormats(): string[] {
    return ['imageBitmap'];
  }

  override getDataToDraw(tile: OpenSeadragon.Tile): Drawn | undefined {
    const whole: unknown = super.getDataToDraw(tile);
    if (!(whole instanceof ImageBitmap)) return undefined;
    const onScreen = (tile.size?.x ?? Number.POSITIVE_INFINITY) * OpenSeadragon.pixelDensityRatio;
    const share = shareFor(onScreen / whole.width);
    if (share === 1) return { canvas: whole };
    const made = this.#versions.get(whole);
    if (made?.share === share) return made;
    const standIn = made ?? (share === 0.5 ? undefined : { canvas: whole }); // whole tiles so small are too many
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
  #made(whole: ImageBitmap, share: Share): Drawn {
    this.#left--;
    const [width, height] = [Math.ceil(whole.width * share), Math.ceil(whole.height * share)];
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d');
    if (!context) return { canvas: whole };
    context.drawImage(whole, 0, 0, width, height);
    const version = { share, canvas };
    this.#versions.set(whole, version);
    return version;
  }
}

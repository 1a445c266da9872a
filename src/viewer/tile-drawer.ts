// OpenSeadragon 6.1.1's canvas drawer, with smaller versions of tiles where they are drawn smaller than they are. Slides whose
// levels are four times apart show up to a hundred tiles at a third of their size: whole, they alias, and there is more of them
// to read than caches hold. Chromium 156 also paints a canvas at once, in the page's scripts, that holds on to more than 32 MiB
// of pictures: 33 tiles of 512 px. And bitmaps are drawn as they are: the stock drawer has each drawn into a canvas of its own
// first, half a millisecond of the page's time at 512 px, for all tiles that come in one frame.
import OpenSeadragon from 'openseadragon';
import { offscreen } from './overlay/context.ts';

/** Parts of a tile's side that versions of it have. */
type Share = 0.5 | 0.75 | 1;

const HALF_UP_TO = 0.55; // of a tile's own size on screen: halves are enlarged by a tenth at most
const MADE_ZOOMING = 1; //  versions a frame: half a millisecond each at 512 px
const MADE_STILL = 4; //    once the zoom stays

/** What OpenSeadragon draws of a context is its canvas, and a bitmap will do for one. */
interface Drawn {
  readonly canvas: HTMLCanvasElement | ImageBitmap;
}

interface Version extends Drawn {
  readonly share: Share;
  readonly canvas: ImageBitmap;
}

const shareFor = (onScreen: number): Share => (onScreen <= HALF_UP_TO ? 0.5 : onScreen <= 0.75 ? 0.75 : 1);

export class TileDrawer extends OpenSeadragon.CanvasDrawer {
  readonly #versions = new WeakMap<ImageBitmap, Version>(); // by whole tile, the last that was made
  readonly #scratch = offscreen(1, 1); // versions are drawn here: a canvas each costs more than what is drawn
  #zoom = Number.NaN; //   of the last frame
  #made = 0; //            versions, in this frame
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
    const most = this.viewport.getZoom(true) === this.#zoom ? MADE_STILL : MADE_ZOOMING;
    if (this.#made < most || !standIn) return this.#make(whole, share);
    this.#waits = true;
    return standIn;
  }

  /** The next frame makes what this one left. */
  #wasDrawn(): void {
    this.#zoom = this.viewport.getZoom(true);
    this.#made = 0;
    if (this.#waits) queueMicrotask(() => this.viewer.forceRedraw()); // within the frame it would be forgotten
    this.#waits = false;
  }

  /** Of a half, each pixel is the mean of four. */
  #make(whole: ImageBitmap, share: Share): Drawn {
    this.#made++;
    const [width, height] = [Math.ceil(whole.width * share), Math.ceil(whole.height * share)];
    const { canvas, context } = this.#scratch;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context.drawImage(whole, 0, 0, width, height);
    this.#versions.get(whole)?.canvas.close();
    const version = { share, canvas: canvas.transferToImageBitmap() };
    this.#versions.set(whole, version);
    return version;
  }
}

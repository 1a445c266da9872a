// OpenSeadragon 6.1.1's canvas drawer, with tiles of half the size where they are drawn about so small. Slides whose levels are four
// times apart show up to a hundred tiles at a third of their size: whole, they alias, and so many pixels stop the page's
// scripts, for Chromium 156 paints a canvas at once that holds on to more than 40 MB of pictures.
import OpenSeadragon from 'openseadragon';

const SMALL = 0.55; // of a tile's own size: half tiles are enlarged by a tenth at most

export class TileDrawer extends OpenSeadragon.CanvasDrawer {
  readonly #halves = new WeakMap<CanvasRenderingContext2D, CanvasRenderingContext2D>(); // by whole tile

  override getDataToDraw(tile: OpenSeadragon.Tile): CanvasRenderingContext2D | undefined {
    const whole: unknown = super.getDataToDraw(tile);
    if (!(whole instanceof CanvasRenderingContext2D)) return undefined;
    const onScreen = (tile.size?.x ?? Number.POSITIVE_INFINITY) * OpenSeadragon.pixelDensityRatio;
    return onScreen <= SMALL * whole.canvas.width ? (this.#halves.get(whole) ?? this.#halved(whole)) : whole;
  }

  /** Each pixel is the mean of four. */
  #halved(whole: CanvasRenderingContext2D): CanvasRenderingContext2D {
    const { canvas } = whole;
    const [width, height] = [Math.ceil(canvas.width / 2), Math.ceil(canvas.height / 2)];
    const half = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d');
    if (!half) return whole;
    half.drawImage(canvas, 0, 0, width, height);
    this.#halves.set(whole, half);
    return half;
  }
}

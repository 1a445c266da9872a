// Maps with values interpolated between the centres of their cells, px by px: the steps of the colour map stay sharp.
import type { ValueGrid } from '#objects/grid.ts';
import { boxOnSlide, toSlide } from '../frame.ts';
import type { GridStyle, PatchMap, PatchMapStyle } from '../viewer-api.ts';
import { packed, rgbOf, stepBetween, stepOf, stepsOf } from './colormaps.ts';
import { type Context2D, offscreen } from './context.ts';
import { type Lattice, latticesOfBoxes, latticesOfGrid, type Pitch, pitchOf, valueBetween } from './lattice.ts';
import type { Pen } from './pen.ts';

type Steps = Pick<PatchMapStyle, 'colormap' | 'threshold' | 'range'> & Pick<GridStyle, 'edges'>;

export class Interpolated {
  readonly #pitches = new WeakMap<Float32Array, Pitch>();
  #picture: { readonly canvas: OffscreenCanvas; readonly context: Context2D } | undefined;

  /** False where nothing was drawn, for patches are smaller than a px: there is nothing between them. */
  drawPatches(pen: Pen, { boxes, values }: PatchMap, style: PatchMapStyle): boolean {
    const pitch = this.#pitches.get(boxes) ?? pitchOf(boxes);
    this.#pitches.set(boxes, pitch);
    if (isTooSmall(pen, pitch.x)) return false;
    this.#lay(pen, colouredBetween(pen, latticesOfBoxes(boxes, values, pitch, boxOnSlide(pen.frame)), style));
    return true;
  }

  /** False as above, and where the style shows classes. */
  drawGrid(pen: Pen, { patches }: ValueGrid, style: GridStyle): boolean {
    const { channel, colormap, threshold, range = [0, 1], edges } = style;
    if (channel === 'argmax' || colormap === 'classes' || isTooSmall(pen, patches[0]?.cellWidth ?? 0)) return false;
    const lattices = latticesOfGrid(patches, channel, boxOnSlide(pen.frame));
    this.#lay(pen, colouredBetween(pen, lattices, { colormap, threshold, range, ...(edges && { edges }) }));
    return true;
  }

  /** Through a canvas, for the context's clip to hold. */
  #lay({ context }: Pen, image: ImageData): void {
    const { width, height } = image;
    const same = this.#picture?.canvas.width === width && this.#picture.canvas.height === height;
    const picture = same && this.#picture ? this.#picture : offscreen(width, height);
    this.#picture = picture;
    picture.context.putImageData(image, 0, 0);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(picture.canvas, 0, 0);
  }
}

/** @param size level-0 px of a cell */
const isTooSmall = ({ frame, pixelRatio }: Pen, size: number): boolean => size * frame.zoom * pixelRatio < 1;

/** Device px of the pen's whole picture, by the value at each one's middle; clear where there is none or less than the threshold. */
function colouredBetween({ frame, pixelRatio }: Pen, lattices: readonly Lattice[], style: Steps): ImageData {
  const { colormap, threshold, range, edges } = style;
  const isDifference = colormap === 'difference';
  const [width, height] = [Math.round(frame.width * pixelRatio), Math.round(frame.height * pixelRatio)];
  const image = new ImageData(width, height);
  const out = new Uint32Array(image.data.buffer);
  const palette = Uint32Array.from(stepsOf(colormap), (color) => packed(rgbOf(color)));
  const at = (px: number, py: number) => toSlide(frame, (px + 0.5) / pixelRatio, (py + 0.5) / pixelRatio);
  const [origin, across, down] = [at(0, 0), at(1, 0), at(0, 1)];
  for (const lattice of lattices) {
    const { x, y, pitch } = lattice;
    const [col0, row0] = [(origin.x - x) / pitch.x, (origin.y - y) / pitch.y];
    const [colAcross, rowAcross] = [(across.x - origin.x) / pitch.x, (across.y - origin.y) / pitch.y];
    const [colDown, rowDown] = [(down.x - origin.x) / pitch.x, (down.y - origin.y) / pitch.y];
    for (let py = 0; py < height; py++) {
      let [col, row] = [col0 + py * colDown, row0 + py * rowDown];
      for (let px = 0, to = py * width; px < width; px++, to++, col += colAcross, row += rowAcross) {
        const value = valueBetween(lattice, col, row);
        const counts = isDifference ? Math.abs(value) : value;
        if (counts >= threshold) out[to] = palette[edges ? stepBetween(value, edges) : stepOf(value, range)] ?? 0;
      }
    }
  }
  return image;
}

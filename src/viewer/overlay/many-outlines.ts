// Outlines and fills of many small objects, as those of a few look: by rasters that are kept while only their looks change.
import type { LayerStyle, Part } from '../viewer-api.ts';
import { luminanceOf, rgbOf } from './colormaps.ts';
import { HIDDEN } from './groups.ts';
import { Kept } from './kept.ts';
import { colouredLines, coverage, Lines, type Look, type RasterAsked, type Tone } from './line-raster.ts';
import type { NearRows } from './near.ts';
import { BRUSHED, CASING, edgeOf, FILL, LINE, type LinesAsked } from './outlines.ts';
import type { Pen } from './pen.ts';

const BLACK = [0, 0, 0] as const;
const WHITE = [255, 255, 255] as const;

export class ManyOutlines {
  readonly #width: number; // of a line, CSS px
  readonly #kept = new Kept<NearRows, Lines>();

  constructor(part: Part) {
    this.#width = LINE[part].width;
  }

  /** RGBA of the pen's picture, the layer's opacity not counted. @param groups the same array while nothing changed */
  paint(
    pen: Pen,
    near: NearRows,
    groups: Uint8Array,
    palette: readonly string[],
    { style, form, weight }: LinesAsked,
  ): Uint8ClampedArray<ArrayBuffer> {
    const edge = edgeOf(weight) / 2; // CSS px on each side
    const look =
      form === 'fills' ? fillsLook(edge * pen.pixelRatio, palette) : outlinesLook(pen, this.#width, palette, style);
    const fills = form === 'fills' || style.fill;
    const half = form === 'fills' ? edge : this.#width / 2 + CASING;
    const asked = askedBy(pen, half, fills);
    const lines = this.#kept.of(near, JSON.stringify(asked), (over) => new Lines(near, asked, over));
    return colouredLines(lines.raster(groups), palette.length, look);
  }
}

/** RGBA of what was brushed. @param marks [n] 1: brushed */
export function paintBrushed(
  pen: Pen,
  near: NearRows,
  groups: Uint8Array,
  marks: Uint8Array,
): Uint8ClampedArray<ArrayBuffer> {
  const brushed = groups.map((group, k) => (marks[k] === 1 && group !== HIDDEN ? 0 : HIDDEN));
  const half = BRUSHED.width / 2;
  const raster = new Lines(near, askedBy(pen, half + CASING, true)).raster(brushed);
  const { pixelRatio } = pen;
  return colouredLines(raster, 1, (_group, distance) => [
    { rgb: WHITE, alpha: BRUSHED.fill * coverage(0, distance) },
    { rgb: BLACK, alpha: 0.6 * coverage((half + CASING) * pixelRatio, Math.abs(distance)) },
    { rgb: WHITE, alpha: coverage(half * pixelRatio, Math.abs(distance)) },
  ]);
}

/** @param half CSS px from the outline to the outer edge of its casing */
const askedBy = ({ frame, pixelRatio }: Pen, half: number, fills: boolean): RasterAsked => ({
  frame,
  pixelRatio,
  reach: Math.min(7, half * pixelRatio + 0.5),
  fills,
});

function outlinesLook(
  { pixelRatio }: Pen,
  width: number,
  palette: readonly string[],
  { fill, stroke }: LayerStyle,
): Look {
  const core = (width / 2) * pixelRatio;
  const outer = core + CASING * pixelRatio;
  const dark = palette.map((color) => luminanceOf(color) < 0.15);
  return (group, signed): readonly Tone[] => {
    const rgb = rgbOf(palette[group] ?? '#ffffff');
    const distance = Math.abs(signed);
    const tones: Tone[] = fill ? [{ rgb, alpha: FILL * coverage(0, signed) }] : [];
    if (!stroke) return tones;
    const casing = dark[group] ? { rgb: WHITE, alpha: 0.95 } : { rgb: BLACK, alpha: 0.6 };
    tones.push(
      { ...casing, alpha: casing.alpha * coverage(outer, distance) },
      { rgb, alpha: coverage(core, distance) },
    );
    return tones;
  };
}

/** @param half device px of the dark edge on each side */
function fillsLook(half: number, palette: readonly string[]): Look {
  return (group, distance) => [
    { rgb: BLACK, alpha: 0.7 * coverage(half, Math.abs(distance)) },
    { rgb: rgbOf(palette[group] ?? '#ffffff'), alpha: coverage(0, distance) },
  ];
}

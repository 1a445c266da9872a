// What is on screen as a picture, PNG. Loaded with the first one.
import { EosinError } from '#errors/failure.ts';
import type { OverlayLayers } from './overlay/overlay.ts';
import { drawLegend } from './snapshot-legend.ts';
import type { Legend, ScaleBar } from './viewer-api.ts';

const PLATE = '#1e1e1e'; // beneath scale bar and legend

/** What is on screen, which is all drawn before anything is waited for. */
export interface OnScreen {
  readonly slide: { readonly canvas: HTMLCanvasElement; readonly opacity: number; readonly filter: string };
  readonly layers: OverlayLayers;
  readonly background: string; // CSS
  readonly scaleBar: ScaleBar;
  readonly legend: Legend;
  readonly pixelRatio: number;
  /** The picture of a viewer that stands right of this one. */
  beside(): Promise<Blob> | undefined;
}

export async function snapshotOf({
  slide,
  layers,
  background,
  scaleBar,
  legend,
  pixelRatio,
  beside,
}: OnScreen): Promise<Blob> {
  const canvas = composed(slide, layers, background);
  drawScaleBar(canvas, scaleBar, pixelRatio);
  drawLegend(canvas, legend, pixelRatio);
  const right = await beside();
  return pngOf(right ? await joined(canvas, right, pixelRatio) : canvas);
}

function scratch(width: number, height: number): CanvasRenderingContext2D {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) throw new EosinError({ tag: 'Unexpected', reason: 'This browser gives no 2-D canvas.' });
  return context;
}

/** The blend on screen, done once more on a canvas of its own. */
function composed(
  slide: OnScreen['slide'],
  { sides, margin, marks }: OverlayLayers,
  background: string,
): HTMLCanvasElement {
  const { width, height } = marks;
  const context = scratch(width, height);
  context.fillStyle = background;
  context.fillRect(0, 0, width, height);
  context.globalAlpha = slide.opacity;
  context.filter = slide.filter || 'none';
  context.drawImage(slide.canvas, 0, 0, width, height);
  context.filter = 'none';
  context.globalAlpha = 1;
  for (const { grey, findings, span } of sides) {
    const [from, to] = span;
    context.save();
    context.beginPath();
    context.rect(from, 0, to - from, height);
    context.clip();
    context.globalCompositeOperation = 'saturation';
    context.drawImage(grey, -margin, -margin);
    context.globalCompositeOperation = 'source-over';
    context.drawImage(findings, -margin, -margin);
    context.restore();
  }
  context.drawImage(marks, 0, 0);
  return context.canvas;
}

/** The scale bar as on screen, bottom left, on its plate. */
function drawScaleBar(canvas: HTMLCanvasElement, bar: ScaleBar, pixelRatio: number): void {
  const context = canvas.getContext('2d');
  if (!context || bar.lengthPx === 0) return;
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, canvas.height - 40 * pixelRatio);
  context.font = '600 12px "Inter Variable", Inter, sans-serif';
  const width = bar.lengthPx + context.measureText(bar.label).width + 30;
  context.fillStyle = PLATE;
  context.beginPath();
  context.roundRect(12, 0, width, 28, 3);
  context.fill();
  context.strokeStyle = '#ededed';
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(22, 10);
  context.lineTo(22, 18);
  context.lineTo(22 + bar.lengthPx, 18);
  context.lineTo(22 + bar.lengthPx, 10);
  context.stroke();
  context.fillStyle = '#ededed';
  context.textBaseline = 'middle';
  context.fillText(bar.label, 32 + bar.lengthPx, 14.5);
}

const pngOf = (canvas: HTMLCanvasElement): Promise<Blob> =>
  new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob) resolve(blob);
      else reject(new EosinError({ tag: 'Unexpected', reason: 'The picture could not be encoded as PNG.' }));
    }, 'image/png');
  });

const PANE_LINE = 2; // CSS px between two viewers

/** Two pictures as they stand on screen, the second right of the first. */
async function joined(left: HTMLCanvasElement, right: Blob, pixelRatio: number): Promise<HTMLCanvasElement> {
  const picture = await createImageBitmap(right);
  const from = left.width + Math.round(PANE_LINE * pixelRatio);
  const context = scratch(from + picture.width, Math.max(left.height, picture.height));
  context.fillStyle = PLATE;
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.drawImage(left, 0, 0);
  context.drawImage(picture, from, 0);
  picture.close();
  return context.canvas;
}

// The overview: a picture of the whole slide with what a run has done and where the view is. Click or drag to go there.
import type { Waits } from '#channel/waits.ts';
import { columnsOf, levelOf, rowsOf, type Slide, type TileAt } from '#slide/slide.ts';
import type { Point, Rect } from '#units/rect.ts';
import { centreOf, scale } from '#units/rect.ts';
import { boundsOf, cornersOnSlide, type Frame } from './frame.ts';
import { screenBox } from './overlay/marks.ts';
import { toBitmap } from './tile-source.ts';
import type { RunAreas } from './viewer-api.ts';

const SMALLEST = 14; // CSS px: a smaller view gets cross hairs
const TALLEST = 1.25; // of the width
const PICTURE = 640; // px, longest side of a picture that is read
const LARGEST_READ = 2 ** 24; // px of a level

export class Overview implements Disposable {
  readonly #element: HTMLElement;
  readonly #canvas = document.createElement('canvas');
  readonly #goTo: (at: Point) => void;
  #picture: HTMLCanvasElement | undefined;
  #finished: readonly Rect[] | undefined; // as drawn: of one run the same array, which only grows
  #drawn = ''; //                            all else that a drawing was made of
  #slide: Rect = { x: 0, y: 0, width: 1, height: 1 };

  constructor(element: HTMLElement, goTo: (at: Point) => void) {
    this.#element = element;
    this.#goTo = goTo;
    this.#canvas.width = 0; // no picture yet
    this.#canvas.setAttribute('role', 'img');
    this.#canvas.setAttribute('aria-label', 'Overview of the slide');
    this.#canvas.style.cssText = 'display:block;margin:0 auto;cursor:crosshair;touch-action:none';
    this.#canvas.addEventListener('pointerdown', this.#onPress);
    this.#canvas.addEventListener('pointermove', this.#onMove);
    element.append(this.#canvas);
  }

  /**
   * Takes the picture from the screen while that shows the whole slide; else reads the coarsest level. A slide that is
   * closed meanwhile leaves no picture.
   */
  async show(
    slide: Slide,
    shown: { frame: Frame; screen: HTMLCanvasElement } | undefined,
    waits: Waits,
  ): Promise<void> {
    const { widthPx: width, heightPx: height } = levelOf(slide, 0);
    const whole = { x: 0, y: 0, width, height };
    const picture = shown ? cutOut(shown.screen, shown.frame, whole) : await coarsest(slide, waits);
    if (waits.signal.aborted) return;
    this.#slide = whole;
    this.#picture = picture;
    this.#drawn = '';
  }

  forget(): void {
    this.#picture = undefined;
    this.#drawn = '';
    this.#canvas.width = 0;
  }

  /** CSS px of the overview a level-0 px. */
  get #scale(): number {
    const width = this.#element.clientWidth || 208;
    return Math.min(width / this.#slide.width, (TALLEST * width) / this.#slide.height);
  }

  readonly #onPress = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#go(event);
  };

  readonly #onMove = (event: PointerEvent): void => {
    if (this.#canvas.hasPointerCapture(event.pointerId)) this.#go(event);
  };

  #go(event: PointerEvent): void {
    this.#goTo({ x: event.offsetX / this.#scale, y: event.offsetY / this.#scale });
  }

  draw(frame: Frame, run: RunAreas | undefined, pixelRatio: number): void {
    const context = this.#canvas.getContext('2d');
    if (!context || !this.#picture) return;
    const unit = this.#scale;
    const drawn = JSON.stringify([frame, unit, pixelRatio, run?.finished.length, run?.failed.length]);
    if (this.#drawn === drawn && this.#finished === run?.finished) return; // most frames change nothing here
    [this.#drawn, this.#finished] = [drawn, run?.finished];
    const [width, height] = [this.#slide.width * unit, this.#slide.height * unit];
    this.#canvas.width = Math.round(width * pixelRatio);
    this.#canvas.height = Math.round(height * pixelRatio);
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
    context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
    context.imageSmoothingQuality = 'high';
    context.drawImage(this.#picture, 0, 0, width, height);
    if (run) drawRun(context, run, unit);
    drawView(
      context,
      cornersOnSlide(frame).map(({ x, y }) => ({ x: x * unit, y: y * unit })),
      { x: 0, y: 0, width, height },
    );
  }

  [Symbol.dispose](): void {
    this.#canvas.remove();
  }
}

function cutOut(screen: HTMLCanvasElement, frame: Frame, whole: Rect): HTMLCanvasElement {
  const rect = scale(screenBox(frame, whole), screen.width / (frame.width || 1));
  const picture = canvasOf(rect.width, rect.height);
  picture.getContext('2d')?.drawImage(screen, -rect.x, -rect.y);
  return picture;
}

/** The whole coarsest level, small; undefined where it is too large to be read for this alone. Unread tiles stay blank. */
async function coarsest(slide: Slide, waits: Waits): Promise<HTMLCanvasElement | undefined> {
  const index = slide.levels.length - 1;
  const level = levelOf(slide, index);
  if (level.widthPx * level.heightPx > LARGEST_READ) return undefined;
  const unit = Math.min(1, PICTURE / Math.max(level.widthPx, level.heightPx));
  const picture = canvasOf(level.widthPx * unit, level.heightPx * unit);
  const context = picture.getContext('2d');
  for (let row = 0; row < rowsOf(level); row++) {
    for (let col = 0; col < columnsOf(level); col++) {
      const bitmap = await readOrBlank(slide, { level: index, col, row }, waits);
      if (waits.signal.aborted) return undefined;
      if (!bitmap) continue;
      const [x, y] = [col * level.tileWidth * unit, row * level.tileHeight * unit];
      context?.drawImage(bitmap, x, y, bitmap.width * unit, bitmap.height * unit);
      bitmap.close();
    }
  }
  return picture;
}

function canvasOf(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width));
  canvas.height = Math.max(1, Math.round(height));
  return canvas;
}

/** Undefined where the tile cannot be read: the slide itself tells why. */
async function readOrBlank(slide: Slide, at: TileAt, { signal }: Waits): Promise<ImageBitmap | undefined> {
  const bitmap = await slide.readTile(at, { signal }).then(toBitmap, () => undefined);
  if (!signal.aborted) return bitmap;
  bitmap?.close();
  return undefined;
}

/** Computed is dark, failed is hatched. Half a px more on each side closes the seams. */
function drawRun(context: CanvasRenderingContext2D, run: RunAreas, unit: number): void {
  context.fillStyle = 'rgba(17,17,17,0.62)';
  context.beginPath();
  for (const { x, y, width, height } of run.finished) {
    context.rect(x * unit, y * unit, width * unit + 0.3, height * unit + 0.3);
  }
  context.fill();
  context.strokeStyle = '#222222';
  context.lineWidth = 1;
  for (const { x, y, width, height } of run.failed) {
    const box = { x: x * unit, y: y * unit, width: Math.max(3, width * unit), height: Math.max(3, height * unit) };
    context.fillStyle = '#ffffff';
    context.fillRect(box.x, box.y, box.width, box.height);
    context.beginPath();
    for (let k = 0; k < box.width + box.height; k += 3) {
      context.moveTo(box.x + Math.min(k, box.width), box.y + Math.max(0, k - box.width));
      context.lineTo(box.x + Math.max(0, k - box.height), box.y + Math.min(k, box.height));
    }
    context.stroke();
  }
}

/** The view's outline, turned as the view is; cross hairs and a small box where it would be too small to find. */
function drawView(context: CanvasRenderingContext2D, corners: readonly Point[], whole: Rect): void {
  const box = boundsOf(corners);
  const path = new Path2D();
  if (box.width < SMALLEST && box.height < SMALLEST) {
    const { x, y } = centreOf(box);
    const hairs = new Path2D();
    for (const [x0, y0, x1, y1] of [
      [x, 0, x, y - 9],
      [x, y + 9, x, whole.height],
      [0, y, x - 11, y],
      [x + 11, y, whole.width, y],
    ] as const) {
      hairs.moveTo(x0, y0);
      hairs.lineTo(x1, y1);
    }
    context.strokeStyle = 'rgba(0,0,0,0.55)';
    context.lineWidth = 1;
    context.stroke(hairs);
    path.rect(x - 6, y - 4, 12, 8);
  } else {
    for (const [i, { x, y }] of corners.entries()) {
      const [cx, cy] = [clamp(x, 1.5, whole.width - 1.5), clamp(y, 1.5, whole.height - 1.5)];
      if (i === 0) path.moveTo(cx, cy);
      else path.lineTo(cx, cy);
    }
    path.closePath();
  }
  context.strokeStyle = '#ffffff';
  context.lineWidth = 3.5;
  context.stroke(path);
  context.strokeStyle = '#c2185b';
  context.lineWidth = 1.8;
  context.stroke(path);
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

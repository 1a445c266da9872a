// The canvases above the slide. A frame of the overlay is drawn in the same animation frame as the slide's.
import type { ObjectKind } from '#objects/columns.ts';
import type { Rect } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import { type Frame, toScreen } from '../frame.ts';
import { labelOf, measured } from '../measure.ts';
import type { Legend } from '../viewer-api.ts';
import { drawBrackets } from './brackets.ts';
import { drawBrush, drawDrawing, drawMeasure, drawRegion } from './drawings.ts';
import { Findings } from './findings.ts';
import { clear, contextOf, layerCanvas, place } from './layer-canvas.ts';
import { drawEdges, drawHatched, drawInWork, drawMark, drawOutline } from './marks.ts';
import { inScreenPx, type Pen } from './pen.ts';
import { type Edge, edgesOf } from './run-edges.ts';
import type { Scene } from './scene.ts';
import { drawSeams, gridLines } from './seams.ts';
import { boundsOfRow } from './selected.ts';

/** For snapshots, in the order of stacking: grey is blended with 'saturation'. `margin` in device px. */
export interface OverlayLayers {
  readonly sides: readonly SideLayers[]; // one, or one on either side of a divider
  readonly margin: number; // by which grey and findings are larger on each side
  readonly marks: HTMLCanvasElement;
}

export interface SideLayers {
  readonly grey: HTMLCanvasElement;
  readonly findings: HTMLCanvasElement;
  readonly span: readonly [from: number, to: number]; // device px of the view's width that it shows on
}

export class Overlay implements Disposable {
  readonly #scene: Scene;
  readonly #findings: Findings;
  readonly #marks: HTMLCanvasElement;
  readonly #edges = new Kept(edgesOf);
  readonly #gridLines = new Kept(gridLines);

  constructor(parent: HTMLElement, scene: Scene, onFrame: () => void) {
    this.#scene = scene;
    parent.style.isolation = 'isolate';
    this.#findings = new Findings(parent, scene, onFrame);
    this.#marks = layerCanvas(parent, 'marks');
  }

  layers(pixelRatio: number): OverlayLayers {
    const { layers, margin } = this.#findings;
    const sides = layers.map(({ grey, findings, span: [from, to] }): SideLayers => {
      const span = [Math.round(from * pixelRatio), Math.round(to * pixelRatio)] as const;
      return { grey: grey.canvas, findings: findings.canvas, span };
    });
    return { sides, margin: Math.round(margin * pixelRatio), marks: this.#marks };
  }

  draw(frame: Frame, mpp: MppXY | undefined, pixelRatio: number): void {
    this.#findings.draw(frame, mpp, pixelRatio);
    place(this.#marks, frame, 0, pixelRatio);
    const pen: Pen = { context: contextOf(this.#marks), frame, pixelRatio, mpp };
    clear(contextOf(this.#marks));
    this.#drawMarks(pen);
  }

  #drawMarks(pen: Pen): void {
    const { run, patchGrid, region, outlines, selected, rulers, drawing, brushAt, gaps, mark } = this.#scene;
    const unread = gaps.map((gap) => gap.rect);
    drawHatched(pen, unread, 'Tile not read');
    for (const outline of outlines.values()) drawOutline(pen, outline);
    if (patchGrid) drawSeams(pen, patchGrid, this.#gridLines.of(patchGrid.cores));
    if (run) {
      drawHatched(pen, run.failed, 'Not computed');
      drawEdges(pen, this.#edges.of(run.finished));
      drawInWork(pen, run.inWork);
    }
    if (region) drawRegion(pen, region);
    for (const { from, to } of rulers) drawMeasure(pen, from, to, labelOf(measured(from, to, pen.mpp)));
    if (mark) drawMark(pen, mark);
    if (selected) this.#drawSelected(pen, selected.kind, selected.row);
    if (drawing) drawDrawing(pen, drawing);
    if (brushAt) drawBrush(pen, brushAt.at, brushAt.radiusPx);
  }

  #drawSelected(pen: Pen, kind: ObjectKind, row: number): void {
    const columns = this.#scene.objects.get(kind)?.columns;
    if (!columns || row >= columns.count) return;
    inScreenPx(pen);
    const bounds = boundsOfRow(columns, row, (x, y) => toScreen(pen.frame, x, y));
    if (bounds) drawBrackets(pen, bounds);
  }

  legend(zoom: number, mpp: MppXY | undefined): Legend {
    return this.#findings.legend(zoom, mpp);
  }

  /** Resolves once everything is drawn exactly as the view is. */
  settled(): Promise<void> {
    return this.#findings.settled();
  }

  /** Objects, maps or their styles changed. */
  outdate(): void {
    this.#findings.outdate();
  }

  /** The slide went. */
  forget(): void {
    this.#findings.forget();
  }

  [Symbol.dispose](): void {
    this.#findings[Symbol.dispose]();
    this.#marks.remove();
  }
}

/** Lines of the rectangles last asked for: they stay the same over many frames. */
class Kept {
  readonly #from: (rects: readonly Rect[]) => readonly Edge[];
  #rects: readonly Rect[] = [];
  #many = 0; // of them: a run's list grows
  #lines: readonly Edge[] = [];

  constructor(from: (rects: readonly Rect[]) => readonly Edge[]) {
    this.#from = from;
  }

  of(rects: readonly Rect[]): readonly Edge[] {
    if (this.#rects !== rects || this.#many !== rects.length) {
      this.#rects = rects;
      this.#many = rects.length;
      this.#lines = this.#from(rects);
    }
    return this.#lines;
  }
}

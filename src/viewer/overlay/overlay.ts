// The canvases above the slide. A frame of the overlay is drawn in the same animation frame as the slide's.
import type { ObjectKind } from '#objects/columns.ts';
import type { Rect } from '#units/rect.ts';
import type { MppXY } from '#units/units.ts';
import { type Frame, toScreen } from '../frame.ts';
import type { Legend } from '../viewer-api.ts';
import { Findings } from './findings.ts';
import { clear, contextOf, layerCanvas, place } from './layer-canvas.ts';
import {
  cornersOf,
  drawEdges,
  drawHatched,
  drawInWork,
  drawLasso,
  drawLine,
  drawMark,
  drawOutline,
  drawRectangle,
} from './marks.ts';
import { drawBrackets } from './outlines.ts';
import { inScreenPx, type Pen } from './pen.ts';
import { type Edge, edgesOf } from './run-edges.ts';
import { type Scene, spanned } from './scene.ts';
import { boundsOfRow } from './selected.ts';

/** For snapshots, in the order of stacking: grey is blended with 'saturation'. `margin` in device px. */
export interface OverlayLayers {
  readonly grey: HTMLCanvasElement;
  readonly findings: HTMLCanvasElement;
  readonly margin: number; // by which grey and findings are larger on each side
  readonly marks: HTMLCanvasElement;
}

export class Overlay implements Disposable {
  readonly #scene: Scene;
  readonly #findings: Findings;
  readonly #marks: HTMLCanvasElement;
  #edges: { readonly of: unknown; readonly edges: readonly Edge[] } = { of: undefined, edges: [] };

  constructor(parent: HTMLElement, scene: Scene, onRest: () => void) {
    this.#scene = scene;
    parent.style.isolation = 'isolate';
    this.#findings = new Findings(parent, scene, onRest);
    this.#marks = layerCanvas(parent, 'marks');
  }

  layers(pixelRatio: number): OverlayLayers {
    const { grey, canvas, margin } = this.#findings;
    return { grey, findings: canvas, margin: Math.round(margin * pixelRatio), marks: this.#marks };
  }

  /** @param exact at rest, even where a moving view would be good enough */
  draw(frame: Frame, mpp: MppXY | undefined, pixelRatio: number, exact: boolean): void {
    this.#findings.draw(frame, mpp, pixelRatio, exact);
    place(this.#marks, frame, 0, pixelRatio);
    const pen: Pen = { context: contextOf(this.#marks), frame, pixelRatio, mpp };
    clear(pen.context);
    this.#drawMarks(pen);
  }

  #drawMarks(pen: Pen): void {
    const { run, region, outlines, selected, drawing, gaps, mark } = this.#scene;
    const unread = gaps.map((gap) => gap.rect);
    drawHatched(pen, unread, 'Tile not read');
    for (const outline of outlines.values()) drawOutline(pen, outline);
    if (run) {
      drawHatched(pen, run.failed, 'Not computed');
      drawEdges(pen, this.#edgesOf(run.finished));
      drawInWork(pen, run.inWork);
    }
    if (region) drawRectangle(pen, cornersOf(region), false);
    if (mark) drawMark(pen, mark);
    if (selected) this.#drawSelected(pen, selected.kind, selected.row);
    if (drawing?.tool === 'rectangle') drawRectangle(pen, cornersOf(spanned(drawing)), true);
    if (drawing?.tool === 'lasso') drawLasso(pen, drawing.points);
    if (drawing?.tool === 'line') drawLine(pen, drawing.from, drawing.to, drawing.label);
  }

  #drawSelected(pen: Pen, kind: ObjectKind, row: number): void {
    const columns = this.#scene.objects.get(kind)?.columns;
    if (!columns || row >= columns.count) return;
    inScreenPx(pen);
    const bounds = boundsOfRow(columns, row, (x, y) => toScreen(pen.frame, x, y));
    if (bounds) drawBrackets(pen, bounds);
  }

  #edgesOf(finished: readonly Rect[]): readonly Edge[] {
    if (this.#edges.of !== finished) this.#edges = { of: finished, edges: edgesOf(finished) };
    return this.#edges.edges;
  }

  legend(zoom: number, mpp: MppXY | undefined): Legend {
    return this.#findings.legend(zoom, mpp);
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

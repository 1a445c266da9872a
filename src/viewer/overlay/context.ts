// The 2-D contexts that layers are drawn with: a canvas of the page's, or one of a worker's.

/** What both kinds of context have in common. */
export interface Context2D
  extends CanvasCompositing,
    CanvasDrawImage,
    CanvasDrawPath,
    CanvasFillStrokeStyles,
    CanvasImageData,
    CanvasImageSmoothing,
    CanvasPath,
    CanvasPathDrawingStyles,
    CanvasRect,
    CanvasState,
    CanvasText,
    CanvasTextDrawingStyles,
    CanvasTransform {}

/** A canvas that is never on the page, and its context. */
export function offscreen(width: number, height: number): { canvas: OffscreenCanvas; context: Context2D } {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (!context) throw new RangeError('This browser gives no 2-D canvas');
  return { canvas, context };
}

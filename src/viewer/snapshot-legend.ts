// The legend on a picture: top left, on the plate that the scale bar has.
import { type LegendRow, legendRows } from './legend-rows.ts';
import type { Legend } from './viewer-api.ts';

const ROW = 20; //    CSS px
const MARGIN = 12; // from the picture's edge
const PADDING = 10;
const RAMP = 120; //  width of a colour map
const FONT = '12px "Inter Variable", Inter, sans-serif';
const [PLATE, TEXT] = ['#1e1e1e', '#ededed'];

/** Nothing where nothing is drawn over the slide. */
export function drawLegend(canvas: HTMLCanvasElement, legend: Legend, pixelRatio: number): void {
  const context = canvas.getContext('2d');
  const all = legendRows(legend);
  const most = Math.floor((canvas.height / pixelRatio - 2 * MARGIN - 2 * PADDING - 60) / ROW); // the scale bar stays free
  const rows = all.slice(0, Math.max(0, most));
  if (!context || rows.length === 0) return;
  context.setTransform(pixelRatio, 0, 0, pixelRatio, MARGIN * pixelRatio, MARGIN * pixelRatio);
  context.textBaseline = 'middle';
  const width = Math.max(...rows.map((row) => widthOf(context, row))) + 2 * PADDING;
  context.fillStyle = PLATE;
  context.beginPath();
  context.roundRect(0, 0, width, rows.length * ROW + 2 * PADDING - 4, 3);
  context.fill();
  for (const [k, row] of rows.entries()) drawRow(context, row, PADDING + k * ROW + ROW / 2 - 2);
}

const fontOf = (row: LegendRow): string => (row.is === 'head' ? `600 ${FONT}` : FONT);

function widthOf(context: CanvasRenderingContext2D, row: LegendRow): number {
  context.font = fontOf(row);
  if (row.is === 'ramp') return RAMP + 12 + context.measureText(`${row.from}${row.to}`).width + 12;
  return context.measureText(row.text).width + (row.is === 'entry' ? 22 : 0);
}

function drawRow(context: CanvasRenderingContext2D, row: LegendRow, y: number): void {
  context.font = fontOf(row);
  context.fillStyle = TEXT;
  if (row.is === 'head') {
    context.fillText(row.text, PADDING, y);
    return;
  }
  if (row.is === 'entry') {
    drawSwatch(context, row, PADDING, y - 7);
    context.fillStyle = TEXT;
    context.fillText(row.text, PADDING + 22, y);
    return;
  }
  context.fillText(row.from, PADDING, y);
  const left = PADDING + context.measureText(row.from).width + 8;
  const step = RAMP / row.colors.length;
  for (const [k, color] of row.colors.entries()) {
    context.fillStyle = color;
    context.fillRect(left + k * step, y - 6, step, 12);
  }
  context.fillStyle = TEXT;
  context.fillText(row.to, left + RAMP + 8, y);
}

function drawSwatch(
  context: CanvasRenderingContext2D,
  { color, form }: LegendRow & { is: 'entry' },
  x: number,
  y: number,
): void {
  context.beginPath();
  context.roundRect(x + 1, y + 1, 12, 12, 3);
  if (form === 'patch') {
    context.fillStyle = color;
    context.fill();
    return;
  }
  context.setLineDash(form === 'dashed' ? [4, 2] : []);
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.stroke();
  context.setLineDash([]);
}

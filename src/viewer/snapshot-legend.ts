// The legend on a picture: top left, on the plate that the scale bar has.
import { fittingRows, type LegendRow, legendRows } from './legend-rows.ts';
import type { Legend } from './viewer-api.ts';

const ROW = 20; //    CSS px
const MARGIN = 12; // from the picture's edge
const PADDING = 10;
const RAMP = 120; //  width of a colour map
const SWATCH = 22; // of a class, with the space behind it
const FONT = '12px "Inter Variable", Inter, sans-serif';
const [PLATE, TEXT] = ['#1e1e1e', '#ededed'];

/** Nothing where nothing is drawn over the slide. */
export function drawLegend(canvas: HTMLCanvasElement, legend: Legend, pixelRatio: number): void {
  const context = canvas.getContext('2d');
  const most = Math.floor((canvas.height / pixelRatio - 2 * MARGIN - 2 * PADDING - 60) / ROW); // the scale bar stays free
  const rows = fittingRows(legendRows(legend), most);
  if (!context || rows.length === 0) return;
  context.setTransform(pixelRatio, 0, 0, pixelRatio, MARGIN * pixelRatio, MARGIN * pixelRatio);
  context.textBaseline = 'middle';
  const room = canvas.width / pixelRatio - 2 * MARGIN;
  const width = Math.min(room, Math.max(...rows.map((row) => widthOf(context, row))) + 2 * PADDING);
  context.fillStyle = PLATE;
  context.beginPath();
  context.roundRect(0, 0, width, rows.length * ROW + 2 * PADDING - 4, 3);
  context.fill();
  for (const [k, row] of rows.entries()) drawRow(context, row, PADDING + k * ROW + ROW / 2 - 2, width - 2 * PADDING);
}

const fontOf = (row: LegendRow): string => (row.is === 'head' ? `600 ${FONT}` : FONT);

function widthOf(context: CanvasRenderingContext2D, row: LegendRow): number {
  context.font = fontOf(row);
  if (row.is === 'ramp') return RAMP + 12 + context.measureText(`${row.from}${row.to}`).width + 12;
  return context.measureText(wordsOf(row)).width + (row.is === 'entry' ? SWATCH : 0);
}

const wordsOf = (row: Exclude<LegendRow, { is: 'ramp' }>): string =>
  row.is === 'more' ? `and ${row.count.toLocaleString('en')} more` : row.text;

/** @param room CSS px */
function drawRow(context: CanvasRenderingContext2D, row: LegendRow, y: number, room: number): void {
  context.font = fontOf(row);
  context.fillStyle = TEXT;
  if (row.is !== 'ramp') {
    const left = row.is === 'entry' ? SWATCH : 0;
    context.fillText(shortened(context, wordsOf(row), room - left), PADDING + left, y);
    if (row.is === 'entry') drawSwatch(context, row, PADDING, y - 7);
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

/** What there is room for of a text: files may name a class at any length. */
function shortened(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let [fits, tooLong] = [0, text.length];
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (context.measureText(`${text.slice(0, middle)}…`).width <= room) fits = middle;
    else tooLong = middle;
  }
  return `${text.slice(0, fits)}…`;
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

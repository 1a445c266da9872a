// Two measures against each other, as a map of how many objects lie where: of a million none is left out.
import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from 'react';
import css from '../styles/measures.module.css';
import { measure } from '../words.ts';
import type { Range } from './histogram.tsx';

const [COLS, ROWS] = [148, 92]; // cells; of few objects each is four
const FEW = 5000;

export interface Box {
  readonly across: Range;
  readonly up: Range;
}

export interface ScatterAxis extends Range {
  readonly label: string;
  readonly values: Float32Array;
}

/** What lies beyond the ends stands in the outermost cells. */
export function Scatter(props: {
  readonly across: ScatterAxis;
  readonly up: ScatterAxis;
  readonly rows: ArrayLike<number>;
  readonly brushed: Box | undefined;
  readonly onBrush: (box: Box | undefined) => void;
}) {
  const { across, up, rows, brushed, onBrush } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const from = useRef<readonly [number, number] | undefined>(undefined);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const styles = getComputedStyle(context.canvas);
    context.clearRect(0, 0, COLS, ROWS);
    const side = rows.length < FEW ? 2 : 1;
    const cols = COLS / side;
    const counts = cellCounts(across, up, rows, cols, ROWS / side);
    const most = counts.reduce((a, b) => Math.max(a, b), 1);
    context.fillStyle = styles.getPropertyValue('--t1');
    for (const [cell, n] of counts.entries()) {
      if (n === 0) continue;
      context.globalAlpha = 0.3 + (0.7 * Math.log1p(n)) / Math.log1p(most);
      context.fillRect(side * (cell % cols), side * Math.floor(cell / cols), side, side);
    }
    context.globalAlpha = 1;
    if (!brushed) return;
    const [x0, x1] = [brushed.across.low, brushed.across.high].map((value) => COLS * shareOf(across, value));
    const [y1, y0] = [brushed.up.low, brushed.up.high].map((value) => ROWS * (1 - shareOf(up, value)));
    context.strokeStyle = styles.getPropertyValue('--accent');
    context.strokeRect(x0 ?? 0, y0 ?? 0, (x1 ?? 0) - (x0 ?? 0), (y1 ?? 0) - (y0 ?? 0));
  }, [across, up, rows, brushed]);
  const at = (event: PointerEvent<HTMLCanvasElement>): readonly [number, number] => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (value: number): number => Math.min(1, Math.max(0, value));
    return [
      valueAtShare(across, share((event.clientX - box.left) / box.width)),
      valueAtShare(up, share(1 - (event.clientY - box.top) / box.height)),
    ];
  };
  const between = ([ax, ay]: readonly [number, number], [bx, by]: readonly [number, number]): Box => ({
    across: { low: Math.min(ax, bx), high: Math.max(ax, bx) },
    up: { low: Math.min(ay, by), high: Math.max(ay, by) },
  });
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && brushed) {
      event.stopPropagation();
      onBrush(undefined);
      return;
    }
    const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [];
    if (dx === undefined || dy === undefined) return;
    event.preventDefault();
    const middle = (axis: Range): Range => ({ low: valueAtShare(axis, 0.25), high: valueAtShare(axis, 0.75) });
    if (!brushed) {
      onBrush({ across: middle(across), up: middle(up) });
      return;
    }
    const [bx, by] = [(dx * (across.high - across.low)) / 40, (dy * (up.high - up.low)) / 40];
    const moved = (range: Range, by: number): Range =>
      event.shiftKey
        ? { ...range, high: Math.max(range.low, range.high + by) }
        : { low: range.low + by, high: range.high + by };
    onBrush({ across: moved(brushed.across, bx), up: moved(brushed.up, by) });
  };
  return (
    <div className={css.scatter}>
      <span className={css.up}>
        <span>{measure(up.low)}</span>
        <span>{up.label}</span>
        <span>{measure(up.high)}</span>
      </span>
      <canvas
        ref={canvas}
        width={COLS}
        height={ROWS}
        tabIndex={0}
        role="img"
        aria-label={`${across.label} across, ${up.label} up: drag a box, or move one with the arrows; Shift changes its size`}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = at(event);
        }}
        onPointerMove={(event) => {
          if (from.current) onBrush(between(from.current, at(event)));
        }}
        onPointerUp={(event) => {
          const start = from.current;
          from.current = undefined;
          if (!start) return;
          const end = at(event);
          const isClick = Math.abs(shareOf(across, end[0]) - shareOf(across, start[0])) < 0.01;
          if (isClick && Math.abs(shareOf(up, end[1]) - shareOf(up, start[1])) < 0.01) onBrush(undefined);
        }}
        onKeyDown={onKeyDown}
      />
      <span className={css.across}>
        <span>{measure(across.low)}</span>
        <span>{across.label}</span>
        <span>{measure(across.high)}</span>
      </span>
    </div>
  );
}

const shareOf = ({ low, high }: Range, value: number): number =>
  Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
const valueAtShare = ({ low, high }: Range, share: number): number => low + share * (high - low);

function cellCounts(
  across: ScatterAxis,
  up: ScatterAxis,
  rows: ArrayLike<number>,
  cols: number,
  lines: number,
): Uint32Array {
  const counts = new Uint32Array(cols * lines);
  for (let k = 0; k < rows.length; k++) {
    const row = rows[k] ?? 0;
    const [x, y] = [across.values[row] ?? Number.NaN, up.values[row] ?? Number.NaN];
    if (Number.isNaN(x) || Number.isNaN(y)) continue;
    const col = Math.min(cols - 1, Math.floor(cols * shareOf(across, x)));
    const line = Math.min(lines - 1, Math.floor(lines * (1 - shareOf(up, y))));
    counts[line * cols + col] = (counts[line * cols + col] ?? 0) + 1;
  }
  return counts;
}

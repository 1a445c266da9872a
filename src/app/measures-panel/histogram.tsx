// A histogram that is brushed: drag across it, or move the nearer edge with the arrows.
import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import { type Histogram as Bins, niceSteps } from '#objects/measures/distribution.ts';
import css from '../styles/measures.module.css';
import { measure } from '../words.ts';

export interface Range {
  readonly low: number;
  readonly high: number;
}

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [296, 122, 30, 8, 92]; // of the drawing; it grows with the inspector
const PLOT = WIDTH - LEFT;

export function Histogram(props: {
  readonly bins: Bins;
  readonly label: string; //            'Area, µm²'
  readonly unit: string;
  readonly brushed: Range | undefined;
  readonly onBrush: (range: Range | undefined) => void;
}) {
  const { bins, label, unit, brushed, onBrush } = props;
  const { low, high, counts } = bins;
  const from = useRef<number | undefined>(undefined);
  const lastMoved = useRef<'low' | 'high'>('high');
  const most = counts.reduce((a, b) => Math.max(a, b), 1);
  const up = niceSteps(0, most, 2);
  const top = Math.ceil(most / up.step) * up.step;
  const x = (value: number): number => LEFT + (PLOT * (value - low)) / (high - low || 1);
  const y = (n: number): number => BOTTOM - ((BOTTOM - TOP) * n) / top;
  const step = (high - low) / counts.length;
  const valueAt = (event: PointerEvent<HTMLDivElement>): number => {
    const box = event.currentTarget.getBoundingClientRect();
    const at = ((event.clientX - box.left) * WIDTH) / box.width;
    return Math.min(high, Math.max(low, low + ((at - LEFT) * (high - low)) / PLOT));
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    const at = valueAt(event);
    const reach = (6 * (high - low)) / PLOT;
    // near an edge that edge is taken hold of: the drag then begins at the other one
    if (brushed && Math.abs(at - brushed.low) < reach) from.current = brushed.high;
    else if (brushed && Math.abs(at - brushed.high) < reach) from.current = brushed.low;
    else from.current = at;
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    const start = from.current;
    if (start === undefined) return;
    const at = valueAt(event);
    lastMoved.current = at < start ? 'low' : 'high';
    onBrush({ low: Math.min(start, at), high: Math.max(start, at) });
  };
  const onPointerUp = (event: PointerEvent<HTMLDivElement>): void => {
    const start = from.current;
    from.current = undefined;
    if (start !== undefined && Math.abs(valueAt(event) - start) < (2 * (high - low)) / PLOT) onBrush(undefined);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && brushed) {
      event.stopPropagation();
      onBrush(undefined);
      return;
    }
    const by = { ArrowLeft: -step, ArrowRight: step, Home: low - high, End: high - low }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    if (!brushed) {
      onBrush({ low: low + (high - low) / 4, high: high - (high - low) / 4 });
      return;
    }
    const other = lastMoved.current === 'high' ? 'low' : 'high';
    const edge = event.shiftKey ? other : lastMoved.current;
    const moved = { ...brushed, [edge]: Math.min(high, Math.max(low, brushed[edge] + by)) };
    onBrush({ low: Math.min(moved.low, moved.high), high: Math.max(moved.low, moved.high) });
  };
  const isIn = (bin: number): boolean => {
    const middle = low + (bin + 0.5) * step;
    return brushed !== undefined && middle >= brushed.low && middle <= brushed.high;
  };
  const said = brushed ? `${measure(brushed.low)} to ${measure(brushed.high)} ${unit}`.trim() : 'Nothing is brushed';
  return (
    <div
      className={css.histogram}
      role="slider"
      tabIndex={0}
      aria-label={`Histogram of ${label}: drag to brush, arrows move the nearer edge, with Shift the other`}
      aria-valuemin={low}
      aria-valuemax={high}
      aria-valuenow={brushed?.high ?? low}
      aria-valuetext={said}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onKeyDown={onKeyDown}
    >
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        {[0, top / 2, top].map((n) => (
          <g key={n}>
            <line x1={LEFT} x2={WIDTH} y1={y(n) + 0.5} y2={y(n) + 0.5} stroke="var(--line)" />
            <text x={LEFT - 4} y={y(n) + 4} textAnchor="end">
              {short(n)}
            </text>
          </g>
        ))}
        {brushed && (
          <rect
            x={x(brushed.low)}
            y={2}
            width={Math.max(0, x(brushed.high) - x(brushed.low))}
            height={BOTTOM - 2}
            fill="var(--sel)"
          />
        )}
        {Array.from(counts, (n, bin) => (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: a bin is its number
            key={bin}
            x={x(low + bin * step) + 0.5}
            y={y(n)}
            width={Math.max(0.5, PLOT / counts.length - 1)}
            height={BOTTOM - y(n)}
            fill={isIn(bin) ? 'var(--accent)' : 'var(--t3)'}
          />
        ))}
        {brushed &&
          [brushed.low, brushed.high].map((edge, k) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the lower edge, the upper edge
            <g key={k}>
              <line x1={x(edge)} x2={x(edge)} y1={2} y2={BOTTOM} stroke="var(--accent)" strokeWidth={1.5} />
              <rect x={x(edge) - 3} y={37} width={6} height={18} rx={2} fill="var(--accent)" stroke="var(--panel)" />
            </g>
          ))}
        <Axis low={low} high={high} />
        <text x={WIDTH} y={120} textAnchor="end">
          {label}
        </text>
      </svg>
    </div>
  );
}

function Axis({ low, high }: Range) {
  const { first, step } = niceSteps(low, high, 6);
  const ticks: number[] = [];
  for (let at = first; at <= high + step * 1e-6; at += step) if (at >= low - step * 1e-6) ticks.push(at);
  return ticks.map((at, k) => (
    <text
      key={at}
      x={LEFT + (PLOT * (at - low)) / (high - low || 1)}
      y={106}
      textAnchor={k === 0 ? 'start' : k === ticks.length - 1 ? 'end' : 'middle'}
    >
      {measure(Number(at.toPrecision(6)))}
    </text>
  ));
}

/** 8k, 1.2M: what fits beside an axis. */
const short = (n: number): string => {
  if (n >= 1e6) return `${Number((n / 1e6).toPrecision(2))}M`;
  return n >= 1000 ? `${Number((n / 1000).toPrecision(3))}k` : String(Number(n.toPrecision(3)));
};

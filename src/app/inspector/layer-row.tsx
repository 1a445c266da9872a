// Eye, swatch, name, count, opacity. Click selects, Alt-click shows alone, the opacity is dragged or stepped by arrows.
import { IconEye, IconEyeOff } from '@tabler/icons-react';
import { type KeyboardEvent, type MouseEvent, type PointerEvent, type ReactNode, useRef } from 'react';
import css from '../styles/inspector.module.css';
import { percent } from '../words.ts';

export interface LayerRowProps {
  readonly name: string;
  readonly swatch: ReactNode;
  readonly count: string;
  readonly shown: boolean;
  readonly opacity: number | undefined; // undefined: nothing to draw yet
  readonly selected: boolean;
  readonly selectable?: boolean; //          though there is nothing to draw yet
  readonly onShown: () => void;
  readonly onSelect: (alone: boolean) => void;
  readonly onOpacity: (opacity: number) => void;
}

const PX_PER_PERCENT = 1.5;
const STEP = 0.05;

const clamp = (value: number): number => Math.min(1, Math.max(0, Math.round(value * 100) / 100));

export function LayerRow(props: LayerRowProps) {
  const { name, swatch, shown, opacity, selected, onSelect } = props;
  const present = opacity !== undefined;
  const selectable = present || props.selectable === true;
  return (
    <div className={css.layer} data-selected={selected} data-hidden={!present || !shown}>
      {present ? <Eye name={name} shown={shown} onClick={props.onShown} /> : <span />}
      {swatch}
      <button
        type="button"
        className={`${css.name} ell`}
        aria-expanded={selectable ? selected : undefined}
        disabled={!selectable}
        title={present ? 'Click for its controls, Alt click to show it alone' : undefined}
        onClick={(event: MouseEvent) => onSelect(event.altKey)}
      >
        {name}
      </button>
      <span className="num">{props.count}</span>
      {present ? <Opacity name={name} value={opacity} onChange={props.onOpacity} /> : <span />}
    </div>
  );
}

export function Eye({ name, shown, onClick }: { name: string; shown: boolean; onClick: () => void }) {
  const Glyph = shown ? IconEye : IconEyeOff;
  return (
    <button type="button" className={css.eye} aria-label={`${shown ? 'Hide' : 'Show'} ${name}`} onClick={onClick}>
      <Glyph size={14} stroke={1.6} />
    </button>
  );
}

function Opacity({ name, value, onChange }: { name: string; value: number; onChange: (value: number) => void }) {
  const drag = useRef<{ x: number; value: number } | undefined>(undefined);
  const onPointerDown = (event: PointerEvent<HTMLSpanElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, value };
  };
  const onPointerMove = (event: PointerEvent): void => {
    const { current } = drag;
    if (current) onChange(clamp(current.value + (event.clientX - current.x) / PX_PER_PERCENT / 100));
  };
  const onPointerUp = (): void => {
    drag.current = undefined;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: STEP, ArrowUp: STEP, ArrowLeft: -STEP, ArrowDown: -STEP }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    onChange(clamp(value + step));
  };
  return (
    <span
      className={css.opacity}
      role="slider"
      tabIndex={0}
      aria-label={`Opacity of ${name}`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(value * 100)}
      aria-valuetext={percent(value)}
      title="Drag, or use the arrow keys"
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={onPointerUp}
      onKeyDown={onKeyDown}
    >
      {percent(value)}
    </span>
  );
}

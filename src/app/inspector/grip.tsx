// The inspector's edge: dragged, or moved by arrow keys.
import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import { INSPECTOR_MAX, INSPECTOR_MIN } from '../stores/settings-store.ts';
import css from '../styles/inspector.module.css';
import { useDesk } from '../workbench.ts';

const STEP = 16; // px

export function Grip({ width }: { width: number }) {
  const { stores } = useDesk();
  const drag = useRef<{ x: number; width: number } | undefined>(undefined);
  const set = (wanted: number): void =>
    stores.settings.setState(({ workspace }) => ({
      [workspace === 'learn' ? 'learnWidth' : 'inspectorWidth']: Math.round(
        Math.min(INSPECTOR_MAX, Math.max(INSPECTOR_MIN, wanted)),
      ),
    }));
  const onPointerDown = (event: PointerEvent<HTMLDivElement>): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { x: event.clientX, width };
  };
  const onPointerMove = (event: PointerEvent): void => {
    const { current } = drag;
    if (current) set(current.width + current.x - event.clientX);
  };
  const onPointerUp = (): void => {
    drag.current = undefined;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    set(width + step);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an hr cannot be moved
    <div
      className={css.grip}
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the inspector"
      aria-valuemin={INSPECTOR_MIN}
      aria-valuemax={INSPECTOR_MAX}
      aria-valuenow={width}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onKeyDown={onKeyDown}
    />
  );
}

// A figure with its interval on an axis from 0.5: a dot and a line, not a bar, for the axis does not begin at nothing.
import type { Interval } from '../stores/learn-store.ts';
import css from '../styles/learn.module.css';

const [FROM, TO] = [0.5, 1];
const at = (value: number): string => `${(100 * (Math.min(TO, Math.max(FROM, value)) - FROM)) / (TO - FROM)}%`;

export function Whiskers({ value, interval }: { value: number; interval: Interval | undefined }) {
  const [low, high] = interval ?? [value, value];
  return (
    <span className={css.whiskers} aria-hidden>
      {interval && <i className={css.range} style={{ left: at(low), right: `calc(100% - ${at(high)})` }} />}
      <i className={css.dot} style={{ left: at(value) }} data-below={value < FROM || undefined} />
    </span>
  );
}

export const figure = (value: number): string => value.toFixed(2);
export const intervalOf = ([low, high]: Interval): string => `${figure(low)} to ${figure(high)}`;

// Which channel of a slide with several is shown, as grey, and which of its values are shown black and white; or in which of
// several lights a slide in colour is.
import type { Channels } from '#slide/slide.ts';
import { type Display, PLAIN } from '#viewer/display-filter.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import parts from '../styles/parts.module.css';
import { count } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { ShownPick } from './shown-pick.tsx';

export function ChannelPick({ channels: { names, shown, low, high, inColour } }: { channels: Channels }) {
  const called = inColour ? 'Optical path' : 'Channel';
  const { stores } = useDesk();
  const display = usePicked(stores.view, (state) => state.display) ?? PLAIN;
  const span = high - low || 1;
  const at = (part: number): number => Math.round(low + part * span);
  const share = (value: number): number => (value - low) / span;
  const show = (change: Partial<Pick<Display, 'black' | 'white'>>): void => {
    const next = { ...display, ...change };
    if (next.white > next.black) stores.view.setState({ display: next });
  };
  const isWhole = display.black === 0 && display.white === 1;
  return (
    <div className={css.p}>
      <ShownPick
        label={called}
        names={names.map((name, k) => {
          const numbered = `${called} ${k + 1}`;
          return `${numbered} of ${names.length}${name === numbered ? '' : `: ${name}`}`;
        })}
        shown={shown}
        chosen={(channel) => ({ channel })}
      />
      {inColour ? (
        <p className="t3" style={{ margin: '4px 0 8px' }}>
          This light is shown, and read by models. What is found or drawn is kept for each.
        </p>
      ) : (
        <>
          <div className="row" style={{ gap: 8, marginTop: 8 }}>
            <Value label="Black" value={at(display.black)} onChange={(value) => show({ black: share(value) })} />
            <Value label="White" value={at(display.white)} onChange={(value) => show({ white: share(value) })} />
            <button
              type="button"
              className={`${parts.button} ${parts.small}`}
              aria-disabled={isWhole || undefined}
              onClick={() => show({ black: 0, white: 1 })}
            >
              Reset
            </button>
          </div>
          <p className="t3" style={{ margin: '4px 0 8px' }}>
            Stored values, for display. Models see {count(low)} as black and {count(high)} as white. What is found or
            drawn is kept for each channel.
          </p>
        </>
      )}
    </div>
  );
}

interface ValueProps {
  readonly label: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
}

const Value = ({ label, value, onChange }: ValueProps) => (
  <label className="row grow t2" style={{ gap: 6 }}>
    {label}
    <input
      type="number"
      className={`${parts.field} grow`}
      style={{ minWidth: 0, width: 0 }}
      key={value} // what cannot be taken gives way to what holds
      defaultValue={value}
      onBlur={(event) => {
        const { valueAsNumber } = event.currentTarget;
        if (valueAsNumber !== value && Number.isFinite(valueAsNumber)) onChange(valueAsNumber);
      }}
      onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
    />
  </label>
);

// Go to coordinates: typed as the status bar shows them, or pasted with a unit.
import { type FormEvent, useId, useState } from 'react';
import { unhurried } from '#channel/waits.ts';
import { mpp } from '#units/units.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/display.module.css';
import parts from '../styles/parts.module.css';
import { count } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { CornerCard } from './corner-card.tsx';
import { placeOf } from './place.ts';

export default function PlaceCard() {
  const { stores, viewer } = useDesk();
  const info = usePicked(stores.slide, ({ open }) => open?.info);
  const [text, setText] = useState('');
  const id = useId();
  const size = info?.mpp && { x: mpp(info.mpp.x), y: mpp(info.mpp.y) };
  const at = placeOf(text, size);
  const inside = at && info && at.x >= 0 && at.y >= 0 && at.x <= info.widthPx && at.y <= info.heightPx;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!at || !inside) return;
    stores.window.setState({ popover: undefined });
    void viewer.setView({ centre: at }, unhurried());
  };
  if (!info) return null;
  const largest = size
    ? `${count(info.widthPx * size.x)} × ${count(info.heightPx * size.y)} µm`
    : `${count(info.widthPx)} × ${count(info.heightPx)} px`;
  const wrong = text.trim() === '' ? undefined : !at ? 'Write x and y, such as 7,940 2,496' : `The slide is ${largest}`;
  return (
    <CornerCard title="Go to coordinates" titleFor={id}>
      <form className={css.line} onSubmit={submit}>
        <input
          id={id}
          // biome-ignore lint/a11y/noAutofocus: the card was asked for by a command, to type into
          autoFocus
          className={`${parts.field} grow`}
          placeholder={size ? 'x y in µm, mm or px' : 'x y in px'}
          value={text}
          aria-describedby={`${id}-said`}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" className={parts.button} disabled={!inside}>
          Go
        </button>
      </form>
      <p id={`${id}-said`} className={wrong && !inside ? 'warn' : 't3'}>
        {(!inside && wrong) || `The slide is ${largest}.`}
      </p>
    </CornerCard>
  );
}

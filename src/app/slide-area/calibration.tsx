// A slide that does not say how large its pixels are: asked once, with what each choice implies. Never guessed.
import { IconX } from '@tabler/icons-react';
import { type FormEvent, useId, useState } from 'react';
import { IconButton } from '../icon-button.tsx';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import css from '../styles/slide-area.module.css';
import { unbroken } from '../words.ts';
import { useDesk } from '../workbench.ts';

const SCANNER_MPP = { 20: 0.5, 40: 0.25 } as const; // by the convention 10 µm·× a pixel

export default function Calibration() {
  const desk = useDesk();
  const { stores, slides, viewer } = desk;
  const shown = usePicked(stores.window, ({ popover }) => popover === 'calibration');
  const open = usePicked(stores.slide, (state) => state.open);
  const measured = usePicked(stores.view, (state) => state.measured);
  if (!shown || !open) return null;
  const close = (): void => stores.window.setState({ popover: undefined });
  const set = (mpp: number): void => slides.setMpp({ x: mpp, y: mpp });
  return (
    <div className={css.centre}>
      <div className={css.card} role="dialog" aria-labelledby="calibration-title">
        <div className={css.head}>
          <h1 id="calibration-title" className="grow">
            {open.info.mpp ? 'Set the pixel size' : 'This slide does not say how large its pixels are'}
          </h1>
          <IconButton small label="Decide later" icon={IconX} onClick={close} />
        </div>
        <p className="t2">
          The model works at a fixed scale, so analysis waits. Lengths and counts per mm² follow from this choice. Until
          then everything is shown in pixels.
        </p>
        <div className={css.choices}>
          <Typed onSet={set} />
          <div className={css.choice}>
            <span className="row">
              {([20, 40] as const).map((objective) => (
                <button
                  key={objective}
                  type="button"
                  className={parts.button}
                  onClick={() => set(SCANNER_MPP[objective])}
                >
                  {objective}×
                </button>
              ))}
            </span>
            <span className="t2">
              {unbroken(
                'The objective it was scanned with, by the common convention: 20× is 0.5 µm, 40× is 0.25 µm a pixel. Scanners differ by up to 10 %, and areas by up to 20 %.',
              )}
            </span>
          </div>
          {measured ? (
            <KnownLength lengthPx={measured.lengthPx} onSet={set} />
          ) : (
            <div className={css.choice}>
              <button
                type="button"
                className={parts.button}
                onClick={() => {
                  close();
                  viewer.setTool('line');
                }}
              >
                Measure a length
              </button>
              <span className="t2">
                Draw a line over something whose length you know, such as a printed scale bar, then say how long it is.
              </span>
            </div>
          )}
        </div>
      </div>
    </div>
  );
}

function Typed({ onSet }: { onSet: (mpp: number) => void }) {
  return (
    <NumberChoice label="µm a pixel" placeholder="0.25" onSet={onSet}>
      From the scanner’s documents or the image’s source. The surest choice.
    </NumberChoice>
  );
}

function KnownLength({ lengthPx, onSet }: { lengthPx: number; onSet: (mpp: number) => void }) {
  return (
    <NumberChoice label="µm long" placeholder="100" onSet={(um) => onSet(um / lengthPx)}>
      The line you drew is {Math.round(lengthPx)} pixels long. Its length gives the pixel size.
    </NumberChoice>
  );
}

function NumberChoice(props: {
  label: string;
  placeholder: string;
  children: React.ReactNode;
  onSet: (value: number) => void;
}) {
  const [text, setText] = useState('');
  const id = useId();
  const value = Number(text.replace(',', '.'));
  const valid = text.trim() !== '' && value > 0 && Number.isFinite(value);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (valid) props.onSet(value);
  };
  return (
    <form className={css.choice} onSubmit={submit}>
      <span className="row">
        <input
          id={id}
          className={parts.field}
          style={{ width: 64 }}
          inputMode="decimal"
          placeholder={props.placeholder}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <label htmlFor={id}>{props.label}</label>
      </span>
      <span className="row">
        <span className="t2 grow">{props.children}</span>
        <button type="submit" className={parts.button} disabled={!valid}>
          Use it
        </button>
      </span>
    </form>
  );
}

// Brightness, contrast, gamma and one stain alone: how the slide is shown, never what is analysed.
import { type Display, PLAIN } from '#viewer/display-filter.ts';
import { Segments } from '../segments.tsx';
import { usePicked } from '../stores.ts';
import css from '../styles/display.module.css';
import parts from '../styles/parts.module.css';
import { useDesk } from '../workbench.ts';
import { CornerCard } from './corner-card.tsx';

const SLIDERS = [
  { of: 'brightness', label: 'Brightness', least: -0.5, most: 0.5, step: 0.01, said: (v: number) => signed(v * 100) },
  { of: 'contrast', label: 'Contrast', least: 0.5, most: 3, step: 0.05, said: (v: number) => `${v.toFixed(2)}×` },
  { of: 'gamma', label: 'Gamma', least: 0.3, most: 3, step: 0.05, said: (v: number) => v.toFixed(2) },
] as const;

const STAINS = [
  { value: 'all', label: 'All stains' },
  { value: 'haematoxylin', label: 'Haematoxylin' },
  { value: 'eosin', label: 'Eosin' },
] as const;

const signed = (value: number): string =>
  `${value > 0.5 ? '+' : value < -0.5 ? '−' : ''}${Math.abs(Math.round(value))} %`;

export default function DisplayCard() {
  const { stores } = useDesk();
  const display = usePicked(stores.view, (state) => state.display) ?? PLAIN;
  const set = (change: Partial<Display>): void => stores.view.setState({ display: { ...display, ...change } });
  return (
    <CornerCard
      title="Brightness and stains"
      buttons={
        <button
          type="button"
          className={`${parts.button} ${parts.small} ${parts.quiet}`}
          onClick={() => stores.view.setState({ display: undefined, byProfile: false })}
        >
          Reset
        </button>
      }
    >
      {SLIDERS.map(({ of, label, least, most, step, said }) => (
        <label key={of} className={css.slider}>
          <span>{label}</span>
          <input
            type="range"
            min={least}
            max={most}
            step={step}
            value={display[of]}
            aria-valuetext={said(display[of])}
            onChange={(event) => set({ [of]: Number(event.currentTarget.value) })}
          />
          <output>{said(display[of])}</output>
        </label>
      ))}
      <Segments label="Stains shown" options={STAINS} value={display.stains} onChange={(stains) => set({ stains })} />
      <ProfileSwitch />
      <p className="t3">
        Display only: analysis and pixel values read the slide as it is stored.
        {display.stains !== 'all' && ' Stains are told apart by standard H&E colours.'}
      </p>
    </CornerCard>
  );
}

/** Dim, with the reason beside it, where the slide carries no profile. */
function ProfileSwitch() {
  const { stores, slides } = useDesk();
  const id = usePicked(stores.slide, ({ open }) => open?.id);
  const on = usePicked(stores.view, ({ byProfile }) => byProfile);
  const has = id !== undefined && slides.opened()?.slide.colourProfile !== undefined;
  return (
    <div>
      <label className={`${parts.check} ${has ? '' : 't3'}`}>
        <input
          type="checkbox"
          disabled={!has}
          aria-describedby="profile-said"
          checked={on && has}
          onChange={(event) => stores.view.setState({ byProfile: event.currentTarget.checked })}
        />
        Colours by the slide's profile
      </label>
      <p className="t3" id="profile-said">
        {has
          ? 'The ICC profile that it carries says what its stored colours mean. Models see them as they are stored.'
          : 'This slide carries no ICC profile: its colours are shown as they are stored.'}
      </p>
    </div>
  );
}

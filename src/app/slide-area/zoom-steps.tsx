import { IconMaximize, IconMinus, IconPlus, IconRotateClockwise } from '@tabler/icons-react';
import { ZOOM_STEPS } from '../commands/view-commands.ts';
import { Hint } from '../hint.tsx';
import { CommandButton } from '../icon-button.tsx';
import { usePicked } from '../stores.ts';
import css from '../styles/slide-area.module.css';
import { percent, magnification as written } from '../words.ts';
import { useDesk } from '../workbench.ts';

const SAME = 0.02; // relative difference below which a step counts as reached
const WIDE_ONLY: readonly number[] = [1.25, 2.5];

export function ZoomSteps() {
  const { stores, invoke } = useDesk();
  const view = usePicked(stores.view, (state) => state.view);
  const mpp = usePicked(stores.slide, ({ open }) => open?.info.mpp);
  if (!view) return null;
  const now = view.magnification;
  const own = mpp && 10 / Math.sqrt(mpp.x * mpp.y); // the slide's own magnification, by its pixel size
  const enlarged = now !== undefined && own !== undefined && now > own * (1 + SAME);
  return (
    <div className={`${css.hud} ${css.zoom}`} role="toolbar" aria-label="Zoom">
      <CommandButton id="view.zoomOut" icon={IconMinus} small />
      <Hint
        label={
          now === undefined
            ? 'Screen pixels a slide pixel. The pixel size is not known.'
            : enlarged
              ? `Enlarged: the slide itself has ${written(own)}`
              : 'Magnification: 10 / (µm a screen pixel)'
        }
      >
        <span className={css.now} data-testid="magnification">
          {now === undefined ? percent(view.zoom) : written(now)}
        </span>
      </Hint>
      <CommandButton id="view.zoomIn" icon={IconPlus} small />
      <span className={css.sep} />
      {ZOOM_STEPS.map((step) => (
        <button
          key={step}
          type="button"
          className={[css.step, WIDE_ONLY.includes(step) && css.wide].filter(Boolean).join(' ')}
          aria-pressed={now !== undefined && Math.abs(now - step) < SAME * step}
          aria-disabled={mpp === undefined || undefined}
          onClick={() => invoke(`view.zoom${step}`)}
        >
          {step}×
        </button>
      ))}
      <span className={css.sep} />
      <CommandButton id="view.fit" icon={IconMaximize} small />
      <CommandButton id="view.rotate" icon={IconRotateClockwise} small />
    </div>
  );
}

import { IconInfoCircle } from '@tabler/icons-react';
import type { SlideInfo } from '../console.d.ts';
import { IconButton } from '../icon-button.tsx';
import { Late } from '../late.tsx';
import { lazy } from '../lazy.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import parts from '../styles/parts.module.css';
import { count, measure, plural } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { Section } from './section.tsx';

const SeveralPicks = lazy(() => import('./several-picks.tsx'));

const FROM = {
  disk: 'Your disk. Nothing is uploaded.',
  sample: 'Built in: computed, not scanned.',
} as const;

export const pixelSize = ({ mpp }: Pick<SlideInfo, 'mpp'>): string => {
  if (!mpp) return 'uncalibrated';
  return mpp.x === mpp.y ? `${measure(mpp.x)} µm` : `${measure(mpp.x)} × ${measure(mpp.y)} µm`;
};

/** Breaks between the two sizes only. */
const sizeOf = ({ widthPx, heightPx, mpp }: SlideInfo): string => {
  const px = `${count(widthPx)} × ${count(heightPx)} px`;
  const mm = mpp && `${measure(widthPx * mpp.x * 1e-3)} × ${measure(heightPx * mpp.y * 1e-3)} mm`;
  return [px, mm].flatMap((size) => size?.replaceAll(' ', '\u00a0') ?? []).join(', ');
};

export function SlideSection() {
  const { stores, invoke } = useDesk();
  const open = usePicked(stores.slide, (state) => state.open);
  const gaps = usePicked(stores.slide, (state) => state.gaps);
  if (!open) return null;
  const { info, origin, address, mppSetByUser } = open;
  return (
    <Section
      id="slide"
      title="Slide"
      buttons={
        <IconButton small label="All slide information" icon={IconInfoCircle} onClick={() => invoke('slide.info')} />
      }
    >
      {(open.channels || open.planes) && (
        <Late>
          <SeveralPicks channels={open.channels} planes={open.planes} />
        </Late>
      )}
      <dl className={parts.facts}>
        <dt>Pixel size</dt>
        <dd>
          <span className={info.mpp ? undefined : 'warn'}>{pixelSize(info)}</span>
          {mppSetByUser && ', set by you'}{' '}
          <button type="button" className="link t2" onClick={() => invoke('slide.calibrate')}>
            {info.mpp ? 'Change' : 'Set it'}
          </button>
        </dd>
        <dt>Size</dt>
        <dd>{sizeOf(info)}</dd>
        <dt>Format</dt>
        <dd>
          {info.format}, {plural(info.levels.length, 'level')}
        </dd>
        {info.vendor && (
          <>
            <dt>Vendor</dt>
            <dd>{info.vendor}</dd>
          </>
        )}
        {info.objective !== undefined && (
          <>
            <dt>Objective</dt>
            <dd>{info.objective}×</dd>
          </>
        )}
        <dt>Opened from</dt>
        <dd>{origin === 'address' ? address : FROM[origin]}</dd>
      </dl>
      {gaps > 0 && (
        <p className={`warn ${css.p} ${css.gap}`}>
          {plural(gaps, 'tile')} would not decode: hatched on the slide.{' '}
          <button type="button" className="link" onClick={() => invoke('slide.retryGaps')}>
            Read again
          </button>
        </p>
      )}
    </Section>
  );
}

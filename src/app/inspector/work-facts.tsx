// How much work the chosen region is, and what it will be computed on.
import { useId } from 'react';
import type { Progress, RegionChoice } from '../stores/run-store.ts';
import type { DeviceChoice } from '../stores/settings-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import parts from '../styles/parts.module.css';
import { areaMm2, duration, plural } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { useWork } from './use-work.ts';

export function WorkFacts({ region }: { region: RegionChoice }) {
  const { stores } = useDesk();
  const estimate = useWork(region);
  const inWork = usePicked(stores.run, ({ progress }) =>
    progress?.phase === 'running' && progress.region === region ? progress : undefined,
  );
  const work = inWork?.total && estimate.state === 'known' ? { ...estimate, ...planned(inWork) } : estimate;
  const mpp = usePicked(stores.slide, ({ open }) => open?.info.mpp);
  const device = usePicked(stores.settings, (state) => state.device);
  const chosen = usePicked(stores.models, (state) => state.chosen);
  const speed = usePicked(stores.settings, ({ speeds, careful }) => {
    const measured = speeds[`${chosen} on ${device}`];
    return measured && (careful ? measured / 4 : measured);
  });
  const mm2 = (px: number): string => (mpp ? areaMm2(px * mpp.x * mpp.y * 1e-6) : '');
  return (
    <dl className={`${parts.facts} ${css.gap}`}>
      {work.state === 'known' && (
        <>
          <dt>Area</dt>
          <dd>{region === 'tissue' ? `${mm2(work.areaPx)} of ${mm2(work.slidePx)}` : mm2(work.areaPx)}</dd>
          <dt>Work</dt>
          <dd>
            {plural(work.patches, 'patch', 'patches')}
            {inWork ? ', in work' : speed ? `, about ${duration(work.patches / speed)}` : ', not timed yet'}
          </dd>
        </>
      )}
      {work.state === 'looking' && (
        <>
          <dt>Work</dt>
          <dd className="t2">{region === 'tissue' ? 'Looking for tissue' : 'Planning'}</dd>
        </>
      )}
      {work.state === 'failed' && (
        <>
          <dt>Work</dt>
          <dd className="warn">{work.why}</dd>
        </>
      )}
      {work.state === 'waits' && region === 'rectangle' && mpp && (
        <>
          <dt>Work</dt>
          <dd className="t2">Draw it on the slide</dd>
        </>
      )}
      <DeviceFact />
    </dl>
  );
}

/** What a run has planned counts, not what the view would be by now: the run bar takes some of its height. */
const planned = ({ total, plannedPx }: Progress) => ({ patches: total, areaPx: plannedPx });

const DEVICES: readonly { value: DeviceChoice; label: string }[] = [
  { value: 'auto', label: 'GPU, else processor' },
  { value: 'webgpu', label: 'GPU, even an emulated one' },
  { value: 'wasm', label: 'Processor only' },
];

function DeviceFact() {
  const { stores } = useDesk();
  const chosen = usePicked(stores.settings, (state) => state.device);
  const id = useId();
  return (
    <>
      <dt className={css.middle}>
        <label htmlFor={id}>Compute on</label>
      </dt>
      <dd>
        <select
          id={id}
          className={parts.select}
          style={{ height: 24 }}
          value={chosen}
          onChange={(event) => {
            const next = DEVICES.find(({ value }) => value === event.currentTarget.value);
            if (next) stores.settings.setState({ device: next.value });
          }}
        >
          {DEVICES.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </dd>
    </>
  );
}

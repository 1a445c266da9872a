// Model, place, one button, its cost. The rest waits behind the palette.
import { IconPlayerPlayFilled } from '@tabler/icons-react';
import { useId } from 'react';
import { describe } from '#errors/failure.ts';
import type { ModelManifest } from '#inference/manifest.ts';
import { Segments } from '../segments.tsx';
import { chosenManifest } from '../stores/models-store.ts';
import { OBJECT_LAYERS } from '../stores/objects-store.ts';
import type { RegionChoice } from '../stores/run-store.ts';
import type { DeviceChoice } from '../stores/settings-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import parts from '../styles/parts.module.css';
import { areaMm2, bytes, duration, plural } from '../words.ts';
import { commandOf, useDesk } from '../workbench.ts';
import { Section } from './section.tsx';
import { useWork } from './use-work.ts';

const REGIONS: readonly { value: RegionChoice; label: string }[] = [
  { value: 'view', label: 'This view' },
  { value: 'rectangle', label: 'Rectangle' },
  { value: 'tissue', label: 'All tissue' },
];

export function AnalyseSection() {
  const desk = useDesk();
  const { stores, invoke, viewer } = desk;
  const open = usePicked(stores.slide, (state) => state.open);
  const region = usePicked(stores.settings, (state) => state.region);
  const rectangle = usePicked(stores.view, (state) => state.rectangle);
  usePicked(stores.models, ({ chosen }) => chosen);
  if (!open) {
    return (
      <Section id="analyse" title="Analyse">
        <p className={`t2 ${css.p}`}>Open a slide first. The sample is built in and needs no download.</p>
        <div className={`${css.p} ${css.gap}`}>
          <button type="button" className={`${parts.button} ${parts.wide}`} onClick={() => invoke('slide.sample1')}>
            Open the sample
          </button>
        </div>
      </Section>
    );
  }
  const choose = (next: RegionChoice): void => {
    stores.settings.setState({ region: next });
    if (next === 'rectangle' && !rectangle) viewer.setTool('rectangle');
  };
  const command = commandOf(desk, `analyse.${region}`);
  const whyNot = command.whyNot();
  return (
    <Section id="analyse" title="Analyse">
      <ModelPick />
      <div className={`${css.p} ${css.gap}`}>
        <Segments label="Region" options={REGIONS} value={region} onChange={choose} />
      </div>
      <WorkFacts region={region} />
      {open.info.mpp ? null : (
        <p className={`warn ${css.p} ${css.gap}`}>
          This slide does not say how large its pixels are.{' '}
          <button type="button" className="link" onClick={() => invoke('slide.calibrate')}>
            Set the pixel size
          </button>
        </p>
      )}
      <div className={`${css.p} ${css.gap}`}>
        <button
          type="button"
          className={`${parts.button} ${parts.main} ${parts.wide}`}
          aria-disabled={whyNot !== undefined || undefined}
          onClick={() => invoke(command.id)}
        >
          <IconPlayerPlayFilled size={14} />
          {command.label()}
        </button>
      </div>
      {region === 'tissue' && (
        <p className={`t3 ${css.p}`} style={{ marginTop: 6 }}>
          The dashed line shows what will be computed. Empty glass is skipped.
        </p>
      )}
      <Problem />
    </Section>
  );
}

function ModelPick() {
  const { stores, invoke } = useDesk();
  const manifests = usePicked(stores.models, (state) => state.manifests);
  const manifest = usePicked(stores.models, chosenManifest);
  const problem = usePicked(stores.models, (state) => state.problem);
  const id = useId();
  return (
    <>
      <div className={css.p}>
        <label htmlFor={id} className="unseen">
          Model
        </label>
        <select
          id={id}
          className={parts.select}
          value={manifest?.id ?? ''}
          disabled={manifests.length === 0}
          onChange={(event) => stores.models.setState({ chosen: event.currentTarget.value })}
        >
          {manifests.length === 0 && <option value="">No model is at hand</option>}
          {manifests.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}: {tasksOf(one)}
            </option>
          ))}
        </select>
      </div>
      {manifest && (
        <p className={`t3 ${css.p}`} style={{ marginTop: 4 }}>
          {bytes(manifest.bytes)}, {manifest.input.mpp} µm/px.{' '}
          <button type="button" className="link" onClick={() => invoke('model.about')}>
            About this model
          </button>
        </p>
      )}
      {problem && (
        <p className={`bad ${css.p}`} style={{ marginTop: 4 }}>
          {describe(problem)}
        </p>
      )}
    </>
  );
}

const tasksOf = ({ tasks, outputs }: ModelManifest): string =>
  [
    ...OBJECT_LAYERS.filter((task) => tasks[task]),
    ...(outputs.some(({ kind }) => kind === 'grid') ? ['tissue'] : []),
  ].join(', ');

function WorkFacts({ region }: { region: RegionChoice }) {
  const { stores } = useDesk();
  const work = useWork(region);
  const mpp = usePicked(stores.slide, ({ open }) => open?.info.mpp);
  const device = usePicked(stores.settings, (state) => state.device);
  const chosen = usePicked(stores.models, (state) => state.chosen);
  const speed = usePicked(stores.settings, ({ speeds }) => speeds[`${chosen} on ${device}`]);
  const mm2 = (px: number): string => (mpp ? areaMm2(px * mpp.x * mpp.y * 1e-6) : '');
  return (
    <dl className={`${parts.facts} ${css.gap}`}>
      {work.state === 'known' && (
        <>
          <dt>{region === 'tissue' ? 'Tissue found' : 'Area'}</dt>
          <dd>{region === 'tissue' ? `${mm2(work.areaPx)} of ${mm2(work.slidePx)}` : mm2(work.areaPx)}</dd>
          <dt>Work</dt>
          <dd>
            {plural(work.patches, 'patch', 'patches')}
            {speed ? `, about ${duration(work.patches / speed)}` : ', not timed yet'}
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
          <dd className="t2">Draw the rectangle on the slide</dd>
        </>
      )}
      <DeviceFact />
    </dl>
  );
}

const DEVICES: readonly { value: DeviceChoice; label: string }[] = [
  { value: 'auto', label: 'GPU, else processor' },
  { value: 'webgpu', label: 'GPU only' },
  { value: 'wasm', label: 'Processor only' },
];

function DeviceFact() {
  const { stores } = useDesk();
  const chosen = usePicked(stores.settings, (state) => state.device);
  const id = useId();
  return (
    <>
      <dt>
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

function Problem() {
  const { stores } = useDesk();
  const problem = usePicked(stores.run, (state) => state.problem);
  if (!problem) return null;
  return (
    <p className={`bad ${css.p} ${css.gap}`} role="alert">
      {describe(problem)}
    </p>
  );
}

// Model, place, one button, its cost. The rest waits behind the palette.
import { IconPlayerPlayFilled } from '@tabler/icons-react';
import { describe } from '#errors/failure.ts';
import { Late } from '../late.tsx';
import { lazy } from '../lazy.ts';
import { Segments } from '../segments.tsx';
import type { RegionChoice } from '../stores/run-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import parts from '../styles/parts.module.css';
import { commandOf, useDesk } from '../workbench.ts';
import { ModelPick } from './model-pick.tsx';
import { Section } from './section.tsx';
import { WorkFacts } from './work-facts.tsx';

const REGIONS: readonly { value: RegionChoice; label: string }[] = [
  { value: 'view', label: 'This view' },
  { value: 'rectangle', label: 'Drawn' },
  { value: 'tissue', label: 'All tissue' },
];

const NotStained = lazy(() => import('./not-stained.tsx'));
const TissuePanel = lazy(() => import('./tissue-panel.tsx'));
const DrawnPanel = lazy(() => import('./drawn-panel.tsx'));
const AttentionSwitch = lazy(() => import('./attention-switch.tsx'));

export function AnalyseSection() {
  const desk = useDesk();
  const { stores, invoke, viewer } = desk;
  const open = usePicked(stores.slide, (state) => state.open);
  const region = usePicked(stores.settings, (state) => state.region);
  const drawn = usePicked(stores.regions, (state) => state.drawn);
  usePicked(stores.models, ({ chosen }) => chosen);
  const attention = usePicked(stores.models, ({ manifests }) => manifests.some(({ task }) => task === 'attention'));
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
    if (next === 'rectangle' && !drawn) viewer.setTool('rectangle');
  };
  const command = commandOf(desk, `analyse.${region}`);
  const whyNot = command.whyNot();
  return (
    <Section id="analyse" title="Analyse">
      <ModelPick />
      <div className={`${css.p} ${css.gap}`}>
        <Segments label="Region" options={REGIONS} value={region} onChange={choose} />
      </div>
      <Late>
        <NotStained />
      </Late>
      <WorkFacts region={region} />
      <Late>
        {region === 'tissue' && <TissuePanel />}
        {region === 'rectangle' && <DrawnPanel />}
      </Late>
      {attention && (
        <Late>
          <AttentionSwitch region={region} />
        </Late>
      )}
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
      <Problem />
    </Section>
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

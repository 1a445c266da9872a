// How a measure is spread over the objects, as a plot that is brushed: what is brushed is marked on the slide.

import { IconPalette, IconTable } from '@tabler/icons-react';
import { unhurried } from '#channel/waits.ts';
import { CommandButton, IconButton } from '../icon-button.tsx';
import { Section } from '../inspector/section.tsx';
import { Late } from '../late.tsx';
import { lazy } from '../lazy.ts';
import { Segments } from '../segments.tsx';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import own from '../styles/measures.module.css';
import parts from '../styles/parts.module.css';
import { useDesk } from '../workbench.ts';
import { ClassBars } from './class-bars.tsx';
import { HistogramPlot } from './histogram-plot.tsx';
import { KindPick } from './kind-pick.tsx';
import { useMeasured, useMeasures, WithMeasures } from './measures-context.tsx';
import { ScatterPlot } from './scatter-plot.tsx';
import { StainsPart } from './stains-part.tsx';
import { useKind } from './use-kind.ts';

const DensityPlot = lazy(() => import('./density-plot.tsx'));

const PLOTS = [
  { value: 'histogram', label: 'Histogram' },
  { value: 'scatter', label: 'Scatter' },
  { value: 'classes', label: 'Classes' },
  { value: 'density', label: 'Density' },
] as const;

export default function DistributionSection() {
  return (
    <WithMeasures>
      <Distribution />
    </WithMeasures>
  );
}

function Distribution() {
  const { stores } = useDesk();
  const session = useMeasures();
  const running = usePicked(stores.run, ({ progress }) => progress !== undefined);
  const plot = useMeasured((state) => state.plot);
  const problem = useMeasured((state) => state.problem);
  return (
    <Section
      id="distribution"
      title="Distribution"
      buttons={
        <>
          {(plot === 'histogram' || plot === 'scatter') && <ColourButton />}
          <CommandButton small id="objects.table" icon={IconTable} />
        </>
      }
    >
      {running ? (
        <p className={`t2 ${css.p}`}>Plots come once the run has ended.</p>
      ) : (
        <>
          <div className={css.p}>
            <Segments
              label="Plot"
              options={PLOTS}
              value={plot}
              onChange={(value) => session.state.setState({ plot: value })}
            />
          </div>
          {plot === 'classes' && <ClassBars />}
          {(plot === 'histogram' || plot === 'scatter') && <MeasurePlot />}
          {plot === 'density' && (
            <Late>
              <DensityPlot />
            </Late>
          )}
          {problem !== undefined && <p className={`bad ${css.p} ${css.gap}`}>{problem}</p>}
        </>
      )}
    </Section>
  );
}

/** The slide's objects in the colours of the measure that the plot is of. */
function ColourButton() {
  const session = useMeasures();
  const kind = useKind();
  const chosen = useMeasured((state) => state.measure);
  const colouredBy = useMeasured((state) => state.colouredBy[kind]);
  const name = session.names(kind).find((one) => one.name === chosen) ?? session.names(kind)[0];
  const isOn = colouredBy === name?.name;
  return (
    <IconButton
      small
      label={isOn ? 'Colour by class again' : `Colour by ${name?.label.toLowerCase()}`}
      icon={IconPalette}
      on={isOn}
      onClick={() => void session.attempt(() => session.colourBy(kind, isOn ? undefined : name?.name, unhurried()))}
    />
  );
}

/** Which objects, which measure; then the plot. */
function MeasurePlot() {
  const session = useMeasures();
  const kind = useKind();
  const plot = useMeasured((state) => state.plot);
  const measureName = useMeasured((state) => state.measure);
  const againstName = useMeasured((state) => state.against);
  useMeasured((state) => state.version);
  const names = session.names(kind);
  const across = names.find(({ name }) => name === measureName) ?? names[0];
  const up = names.find(({ name }) => name === againstName) ?? names[1];
  const wanted = plot === 'scatter' ? [across, up] : [across];
  const missing = wanted.some((one) => one && !session.isReady(kind, one));
  const options = names.map(({ name, label }) => (
    <option key={name} value={name}>
      {label}
    </option>
  ));
  return (
    <>
      <div className={`${own.picks} ${css.gap}`}>
        <select
          className={parts.select}
          aria-label="Measure"
          value={across?.name}
          onChange={(event) => session.state.setState({ measure: event.target.value })}
        >
          {options}
        </select>
        <KindPick />
        {plot === 'scatter' && (
          <select
            className={parts.select}
            aria-label="Measure up the plot"
            value={up?.name}
            onChange={(event) => session.state.setState({ against: event.target.value })}
          >
            {options}
          </select>
        )}
      </div>
      {wanted.some((one) => one?.group === 'stain') && <StainsPart kind={kind} missing={missing} />}
      {!missing && across && (plot === 'scatter' ? up && <ScatterPlot /> : <HistogramPlot />)}
    </>
  );
}

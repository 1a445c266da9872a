// How attention is shown: its scale and what that cannot tell, colours, what is hidden, what it is compared with.
import { IconInfoCircle } from '@tabler/icons-react';
import { type ReactNode, useId } from 'react';
import { describe } from '#errors/failure.ts';
import { Segments } from '../segments.tsx';
import { type AttentionState, PATCH_PREDICTION } from '../stores/attention-store.ts';
import { type AttentionLayerState, setAttentionLayer, setSlideLayer } from '../stores/layers-store.ts';
import { attentionModels } from '../stores/models-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import parts from '../styles/parts.module.css';
import { bytes, count } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { BetweenControl } from './between-control.tsx';
import { CompareWays, compareWith } from './compare-tissue.tsx';
import { SliderControl } from './layer-controls.tsx';
import { Section } from './section.tsx';

type Scale = AttentionLayerState['scale'];

const SCALES: readonly { value: Scale; label: string }[] = [
  { value: 'raw', label: 'Raw' },
  { value: 'minmax', label: 'Min–max' },
  { value: 'percentiles', label: '2–98 %' },
  { value: 'rank', label: 'Rank' },
];

/** What the scale cannot tell. */
const WARNINGS: Record<Scale, string> = {
  raw: 'Raw weights of all patches add up to 1. Over many patches each is small and most look cold, even where attention is clear.',
  minmax:
    'Min–max stretches from the least to the most attended patch of this slide. It does not compare between slides.',
  percentiles:
    'From the 2nd to the 98th percentile of this slide: single patches beyond take the end colours. It does not compare between slides.',
  rank: 'Rank shows the order only: each colour holds a tenth of the patches. It does not say how strong attention is.',
};

const FROM: Record<Scale, string> = { raw: 'From weight', minmax: 'From', percentiles: 'From', rank: 'From rank' };

const MAPS: readonly { value: AttentionLayerState['colourMap']; label: string }[] = [
  { value: 'viridis', label: 'Viridis' },
  { value: 'cividis', label: 'Cividis' },
  { value: 'grey', label: 'Grey' },
];

export function AttentionSection() {
  const { stores } = useDesk();
  const there = usePicked(stores.attention, ({ findings }) => findings !== undefined);
  return (
    <Section id="attention" title="Attention">
      <Embedding />
      <Problem />
      {there ? <MapControls /> : <NotYet />}
    </Section>
  );
}

function MapControls() {
  const { stores } = useDesk();
  const { scale, colourMap, from, opacity, interpolated } = usePicked(stores.layers, (state) => state.attention);
  const stained = usePicked(stores.layers, ({ slide }) => slide.stained);
  const set = (change: Partial<AttentionLayerState>): void => setAttentionLayer(stores.layers, change);
  return (
    <>
      <div className={css.p}>
        <Segments label="Scale" options={SCALES} value={scale} onChange={(value) => set({ scale: value })} />
      </div>
      <div className={parts.note} style={{ marginTop: 6, marginBottom: 4 }}>
        <IconInfoCircle size={14} stroke={1.6} aria-hidden />
        <span>{WARNINGS[scale]}</span>
      </div>
      <Choice
        label="Colours"
        options={MAPS}
        value={colourMap}
        onChange={(value) => {
          const map = MAPS.find((one) => one.value === value);
          if (map) set({ colourMap: map.value });
        }}
      />
      <BetweenControl cells="Patches" interpolated={interpolated} onChange={(value) => set({ interpolated: value })} />
      <SliderControl label={FROM[scale]} value={from} onChange={(value) => set({ from: value })} />
      <SliderControl label="Opacity" value={opacity} onChange={(value) => set({ opacity: value })} />
      <Row label="Tissue">
        <Segments
          label="Tissue beneath the map"
          options={[
            { value: 'grey', label: 'Grey below' },
            { value: 'stained', label: 'Stained' },
          ]}
          value={stained ? 'stained' : 'grey'}
          onChange={(value) => setSlideLayer(stores.layers, { stained: value === 'stained' })}
        />
      </Row>
      <Compare />
    </>
  );
}

const TISSUE = 'tissue'; // no model's id: it stands for the tissue map, which then lies left of the line

const WAYS = [
  { value: 'swipe', label: 'Swipe' },
  { value: 'difference', label: 'Difference' },
  { value: 'beside', label: 'Side by side' },
] as const;

function Compare() {
  const { stores, invoke } = useDesk();
  const compareBy = (value: AttentionState['how']): void => {
    stores.attention.setState({ how: value });
    if (value !== 'beside') return;
    if (!stores.panes.getState().beside) invoke('view.beside');
    stores.panes.setState({ inHand: 'left' });
    const { attention } = stores.layers.getState();
    setAttentionLayer(stores.besideLayers, { ...attention, shown: true });
  };
  const { compare, how, findings } = usePicked(stores.attention, (state) => state);
  const desk = useDesk();
  const tissue = usePicked(stores.compare, ({ other }) => (other?.is === 'attention' ? other : undefined));
  const channel = usePicked(stores.layers, (state) => state.tissue.channel);
  const isClassed = usePicked(stores.objects, ({ tissueClasses }) => tissueClasses !== undefined);
  const manifests = usePicked(stores.models, (state) => state.manifests);
  const others = attentionModels({ manifests }).filter(({ id }) => id !== findings?.model);
  return (
    <>
      <Choice
        label="Compare"
        options={[
          { value: '', label: 'with nothing' },
          { value: PATCH_PREDICTION, label: 'with the prediction by patch' },
          ...(isClassed ? [{ value: TISSUE, label: 'with the tissue map' }] : []),
          ...others.map(({ id, name }) => ({ value: id, label: `with ${name.replace(/^Attention, /, '')}` })),
        ]}
        value={tissue ? TISSUE : (compare ?? '')}
        onChange={(value) => {
          if (value === TISSUE) return compareWith(desk, { is: 'attention' });
          if (tissue) compareWith(desk, undefined);
          stores.attention.setState({ compare: value === '' ? undefined : value });
        }}
      />
      {tissue && <CompareWays other={tissue} channel={channel} />}
      {compare !== undefined && (
        <div className={css.p} style={{ margin: '4px 0' }}>
          <Segments
            label="How to compare"
            options={compare === PATCH_PREDICTION ? WAYS.filter(({ value }) => value !== 'difference') : WAYS}
            value={compare === PATCH_PREDICTION && how === 'difference' ? 'swipe' : how}
            onChange={compareBy}
          />
        </div>
      )}
      {compare !== undefined && (
        <p className={`t3 ${css.p}`} style={{ marginTop: 4 }}>
          {how === 'beside'
            ? 'The right pane shows what is compared, by its own layers.'
            : how === 'difference' && compare !== PATCH_PREDICTION
              ? 'Rank here less rank there: the darker end of each colour is where the two disagree most.'
              : 'Drag the line on the slide, or move it by the arrow keys. Right of it lies what is compared.'}
        </p>
      )}
    </>
  );
}

function NotYet() {
  const { stores, invoke } = useDesk();
  const busy = usePicked(stores.attention, ({ embedding }) => embedding !== undefined);
  const running = usePicked(stores.run, ({ progress }) => progress !== undefined);
  if (busy) return null;
  return (
    <>
      <p className={`t2 ${css.p}`}>
        {running
          ? 'It shows once eight patches are embedded.'
          : 'Not computed yet. Analyse computes it beside nuclei and glands; here it is computed alone.'}
      </p>
      {!running && (
        <div className={`${css.p} ${css.gap}`}>
          <button type="button" className={`${parts.button} ${parts.wide}`} onClick={() => invoke('attention.compute')}>
            Compute attention here
          </button>
        </div>
      )}
    </>
  );
}

function Embedding() {
  const { stores, attention } = useDesk();
  const embedding = usePicked(stores.attention, (state) => state.embedding);
  if (!embedding) return null;
  const { phase, done, total, loadedBytes, totalBytes } = embedding;
  const loading =
    totalBytes === undefined ? 'Starting the encoder' : `Loading ${bytes(loadedBytes)} of ${bytes(totalBytes)}`;
  return (
    <div className={`row ${css.p}`} style={{ marginBottom: 8 }} role="status">
      <span className="grow">
        {phase === 'loading' ? loading : `Embedding: ${count(done)} of ${count(total)} patches`}
      </span>
      <button type="button" className={`${parts.button} ${parts.small}`} onClick={() => attention.loaded()?.cancel()}>
        Cancel
      </button>
    </div>
  );
}

function Problem() {
  const { stores } = useDesk();
  const problem = usePicked(stores.attention, (state) => state.problem);
  if (!problem) return null;
  return (
    <p className={`bad ${css.p}`} style={{ marginBottom: 8 }} role="alert">
      {describe(problem)}
    </p>
  );
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={`${css.control} ${css.wideControl}`}>
      <span>{label}</span>
      {children}
    </div>
  );
}

export function Choice(props: {
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className={css.control}>
      <label htmlFor={id}>{props.label}</label>
      <select
        id={id}
        className={parts.select}
        value={props.value}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        {props.options.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}

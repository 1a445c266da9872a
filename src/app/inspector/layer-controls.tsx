// What opens beneath a selected layer: live, never a new run.
import { Slider, Switch } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { setColourMap } from '../commands/layer-commands.ts';
import {
  type ColourMap,
  type LayerId,
  type ObjectLayer,
  setObjectLayer,
  setSlideLayer,
  setTissueLayer,
  type TissueScale,
} from '../stores/layers-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import parts from '../styles/parts.module.css';
import { percent } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { BetweenControl } from './between-control.tsx';
import { CompareTissue } from './compare-tissue.tsx';

function ObjectControls({ layer }: { layer: ObjectLayer }) {
  const { stores } = useDesk();
  const { opacity, fill, threshold } = usePicked(stores.layers, (state) => state[layer]);
  return (
    <div className={css.controls}>
      <SliderControl
        label="Opacity"
        value={opacity}
        onChange={(value) => setObjectLayer(stores.layers, layer, { opacity: value })}
      />
      <SwitchControl label="Filled" on={fill} onChange={(on) => setObjectLayer(stores.layers, layer, { fill: on })}>
        {layer === 'nuclei' ? 'always below 10×' : ''}
      </SwitchControl>
      {layer !== 'annotations' && (
        <SliderControl
          label="At least"
          value={threshold}
          onChange={(value) => setObjectLayer(stores.layers, layer, { threshold: value })}
        />
      )}
      {threshold > 0 && (
        <p className={`t3 ${css.p}`}>
          Objects of a lower probability are not drawn. Counts and files hold them all the same.
        </p>
      )}
      <ClassColours layer={layer} />
    </div>
  );
}

/** Another colour for a class, on this slide's screen: files keep the run's. */
function ClassColours({ layer }: { layer: ObjectLayer }) {
  const { stores } = useDesk();
  const id = useId();
  const colours = usePicked(stores.layers, (state) => state[layer].colours);
  const classes = usePicked(stores.objects, (state) => state[layer]?.classes) ?? [];
  const set = (next: Readonly<Record<string, string>>): void => setObjectLayer(stores.layers, layer, { colours: next });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend takes no part in the grid of the controls
    <div className={`${css.control} ${css.wideControl}`} role="group" aria-labelledby={id}>
      <span id={id} className={css.topLabel}>
        Colours
      </span>
      <div className={css.colours}>
        {classes.map(({ name, color }) => (
          <label key={name}>
            <input
              type="color"
              value={colours[name] ?? color}
              onChange={(event) => set({ ...colours, [name]: event.currentTarget.value })}
            />
            <span className="ell">{name}</span>
          </label>
        ))}
        {Object.keys(colours).length > 0 && (
          <button type="button" className="link t2" onClick={() => set({})}>
            As the model has them
          </button>
        )}
      </div>
    </div>
  );
}

function SlideControls() {
  const { stores } = useDesk();
  const { opacity, stained } = usePicked(stores.layers, (state) => state.slide);
  return (
    <div className={css.controls}>
      <SliderControl
        label="Opacity"
        value={opacity}
        onChange={(value) => setSlideLayer(stores.layers, { opacity: value })}
      />
      <SwitchControl label="Stained" on={stained} onChange={(on) => setSlideLayer(stores.layers, { stained: on })}>
        also beneath maps
      </SwitchControl>
    </div>
  );
}

export default function LayerControls({ layer }: { layer: LayerId }) {
  if (layer === 'slide') return <SlideControls />;
  if (layer === 'attention') return null; // its sections hold them
  return layer === 'tissue' ? <TissueControls /> : <ObjectControls layer={layer} />;
}

const MAPS: readonly { value: ColourMap; label: string }[] = [
  { value: 'classes', label: 'Most probable class' },
  { value: 'viridis', label: 'Viridis' },
  { value: 'cividis', label: 'Cividis' },
  { value: 'grey', label: 'Grey' },
];

const SCALES: readonly { value: TissueScale; label: string; ofDifference: string }[] = [
  { value: 'values', label: 'Probability, 0 to 1', ofDifference: 'Difference, −1 to 1' },
  { value: 'percentiles', label: '2nd to 98th percentile', ofDifference: 'Difference, to its 98th percentile' },
  { value: 'rank', label: 'Rank: a tenth of the tissue a step', ofDifference: 'Difference of ranks' },
];

function TissueControls() {
  const { stores } = useDesk();
  const { opacity, threshold, channel, colourMap, scale, interpolated } = usePicked(
    stores.layers,
    (state) => state.tissue,
  );
  const own = usePicked(stores.objects, ({ tissueClasses }) => tissueClasses);
  const inHand = usePicked(stores.panes, (state) => state.inHand);
  const { difference, ...compared } = usePicked(stores.compare, (state) => state);
  const isOtherRun = inHand === 'right' && compared.how === 'beside';
  const classes = (isOtherRun ? compared.classes : undefined) ?? own ?? [];
  const differs = inHand === 'left' ? difference : undefined;
  const [mapId, classId, scaleId] = [useId(), useId(), useId()];
  return (
    <div className={css.controls}>
      <div className={css.control}>
        <label htmlFor={mapId}>Colours</label>
        <select
          disabled={differs !== undefined}
          id={mapId}
          className={parts.select}
          value={differs ? 'difference' : colourMap}
          onChange={(event) => {
            const chosen = MAPS.find(({ value }) => value === event.currentTarget.value);
            if (chosen) setColourMap(stores.layers, chosen.value);
          }}
        >
          {differs && <option value="difference">Orange less, violet more</option>}
          {MAPS.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </div>
      {colourMap !== 'classes' && (
        <div className={css.control}>
          <label htmlFor={classId}>Class</label>
          <select
            id={classId}
            className={parts.select}
            value={channel}
            onChange={(event) => setTissueLayer(stores.layers, { channel: Number(event.currentTarget.value) })}
          >
            {classes.map(({ name }, index) => (
              <option key={name} value={index}>
                {name}
              </option>
            ))}
          </select>
        </div>
      )}
      {colourMap !== 'classes' && (
        <div className={css.control}>
          <label htmlFor={scaleId}>Range</label>
          <select
            id={scaleId}
            className={parts.select}
            value={scale}
            onChange={(event) => {
              const chosen = SCALES.find(({ value }) => value === event.currentTarget.value);
              if (chosen) setTissueLayer(stores.layers, { scale: chosen.value, edges: undefined });
            }}
          >
            {SCALES.map(({ value, label, ofDifference }) => (
              <option key={value} value={value}>
                {differs ? ofDifference : label}
              </option>
            ))}
          </select>
        </div>
      )}
      {colourMap !== 'classes' && (
        <BetweenControl
          cells="Cells"
          interpolated={interpolated}
          onChange={(value) => setTissueLayer(stores.layers, { interpolated: value })}
        />
      )}
      <SliderControl
        label="Opacity"
        value={opacity}
        onChange={(value) => setTissueLayer(stores.layers, { opacity: value })}
      />
      <SliderControl
        label={differs ? 'Differs by' : 'At least'}
        value={threshold}
        onChange={(value) => setTissueLayer(stores.layers, { threshold: value })}
      />
      {threshold > 0 && (
        <p className={`t3 ${css.p}`}>
          {differs ? 'Smaller differences' : 'Cells of a lower probability'} are not drawn. Shares and files hold them
          all the same.
        </p>
      )}
      <CompareTissue />
    </div>
  );
}

export function SliderControl(props: { label: string; value: number; onChange: (value: number) => void }) {
  const id = useId();
  return (
    <div className={css.control}>
      <span id={id}>{props.label}</span>
      <Slider
        size={2}
        thumbSize={14}
        min={0}
        max={1}
        step={0.01}
        label={null}
        value={props.value}
        onChange={props.onChange}
        color="var(--t2)"
        thumbProps={{ 'aria-labelledby': id, 'aria-valuetext': percent(props.value) }}
      />
      <span className="num t2">{percent(props.value)}</span>
    </div>
  );
}

function SwitchControl(props: { label: string; on: boolean; onChange: (on: boolean) => void; children: ReactNode }) {
  const id = useId();
  return (
    <div className={`${css.control} ${css.wideControl}`}>
      <label htmlFor={id}>{props.label}</label>
      <span className="row">
        <Switch
          id={id}
          size="sm"
          checked={props.on}
          onChange={(event) => props.onChange(event.currentTarget.checked)}
        />
        <span className="t3">{props.children}</span>
      </span>
    </div>
  );
}

import { IconColumns2 } from '@tabler/icons-react';
import type { ObjectClass } from '#objects/columns.ts';
import { CommandButton } from '../icon-button.tsx';
import { Late } from '../late.tsx';
import { lazy } from '../lazy.ts';
import {
  type LayerId,
  type ObjectLayer,
  setAttentionLayer,
  setObjectLayer,
  setShown,
  setSlideLayer,
  setTissueLayer,
  showAlone,
  toggleClass,
} from '../stores/layers-store.ts';
import { attentionModels } from '../stores/models-store.ts';
import { OBJECT_LAYERS } from '../stores/objects-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import { count } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { Eye, LayerRow } from './layer-row.tsx';
import { Section } from './section.tsx';
import { ObjectSwatch, PairSwatch } from './swatch.tsx';

const LazyControls = lazy(() => import('./layer-controls.tsx')); // when first asked for

const PanePick = lazy(() => import('../beside/pane-pick.tsx'));

export const LAYER_NAMES = {
  nuclei: 'Nuclei',
  glands: 'Glands',
  lumina: 'Lumina',
  annotations: 'Annotations',
} as const;
const DEFAULT_COLOURS = { nuclei: '#ff7a1a', glands: '#ffee1f', lumina: '#1a2bff', annotations: '#c80000' } as const;

export function LayersSection() {
  const { stores } = useDesk();
  const isOpen = usePicked(stores.slide, ({ open }) => open !== undefined);
  const isBeside = usePicked(stores.panes, ({ beside }) => beside);
  const empty = usePicked(stores.objects, ({ nuclei, glands }) => !nuclei && !glands);
  return (
    <Section id="layers" title="Layers" buttons={<BesideButton />}>
      {isOpen ? (
        <>
          {isBeside && (
            <Late>
              <PanePick />
            </Late>
          )}
          <SlideRow />
          {OBJECT_LAYERS.map((layer) => (
            <ObjectRows key={layer} layer={layer} />
          ))}
          <TissueRow />
          <AttentionRow />
          {empty && <p className={`t3 ${css.p} ${css.gap}`}>Layers fill while a run goes on.</p>}
        </>
      ) : (
        <p className={`t3 ${css.p}`}>No slide is open.</p>
      )}
    </Section>
  );
}

function BesideButton() {
  const { stores } = useDesk();
  const isBeside = usePicked(stores.panes, ({ beside }) => beside);
  return <CommandButton small id="view.beside" icon={IconColumns2} on={isBeside} />;
}

function Controls({ layer }: { layer: LayerId }) {
  return (
    <Late>
      <LazyControls layer={layer} />
    </Late>
  );
}

function useSelect(layer: LayerId): { selected: boolean; onSelect: (alone: boolean) => void } {
  const { stores } = useDesk();
  const selected = usePicked(stores.layers, (state) => state.selected === layer);
  const onSelect = (alone: boolean): void => {
    if (alone && layer !== 'slide') showAlone(stores.layers, layer);
    else stores.layers.setState({ selected: selected ? undefined : layer });
  };
  return { selected, onSelect };
}

function SlideRow() {
  const { stores } = useDesk();
  const { shown, opacity } = usePicked(stores.layers, (state) => state.slide);
  const channel = usePicked(stores.slide, ({ open }) => open?.info.properties['eosin.channel']);
  const isDark = usePicked(stores.slide, (state) => state.isDark);
  const select = useSelect('slide');
  return (
    <>
      <LayerRow
        name="Slide"
        swatch={<PairSwatch colors={channel || isDark ? ['#1a1a1a', '#c8c8c8'] : ['#6f2a84', '#d9a0d8']} />}
        count={channel ?? (isDark ? 'dark field' : 'H&E')}
        shown={shown}
        opacity={opacity}
        onShown={() => setSlideLayer(stores.layers, { shown: !shown })}
        onOpacity={(value) => setSlideLayer(stores.layers, { opacity: value })}
        {...select}
      />
      {select.selected && <Controls layer="slide" />}
    </>
  );
}

function ObjectRows({ layer }: { layer: ObjectLayer }) {
  const { stores } = useDesk();
  const { shown, opacity, fill, hiddenClasses, colours } = usePicked(stores.layers, (state) => state[layer]);
  const counts = usePicked(stores.objects, (state) => state[layer]);
  const select = useSelect(layer);
  if (layer === 'annotations' && !counts) return null; // nobody brought any
  const colourOf = ({ name, color }: ObjectClass): string => colours[name] ?? color;
  const first = counts?.classes[0];
  const colour = first ? colourOf(first) : DEFAULT_COLOURS[layer];
  return (
    <>
      <LayerRow
        name={LAYER_NAMES[layer]}
        swatch={<ObjectSwatch kind={layer} color={colour} fill={fill} />}
        count={counts ? count(counts.count) : 'not yet'}
        shown={shown}
        opacity={counts && opacity}
        onShown={() => setShown(stores.layers, layer, !shown)}
        onOpacity={(value) => setObjectLayer(stores.layers, layer, { opacity: value })}
        {...select}
      />
      {select.selected && counts && <Controls layer={layer} />}
      {counts &&
        counts.classes.length > 1 &&
        counts.classes.map(({ name, color }, index) => (
          <div key={name} className={`${css.layer} ${css.sub}`} data-hidden={!shown || hiddenClasses.includes(index)}>
            <span />
            <Eye
              name={name}
              shown={!hiddenClasses.includes(index)}
              onClick={() => toggleClass(stores.layers, layer, index)}
            />
            <ObjectSwatch kind={layer} color={colourOf({ name, color })} fill={fill} />
            <span className="ell">{name}</span>
            <span className="num">{count(counts.byClass[index] ?? 0)}</span>
            <span />
          </div>
        ))}
    </>
  );
}

function TissueRow() {
  const { stores } = useDesk();
  const { shown, opacity } = usePicked(stores.layers, (state) => state.tissue);
  const classes = usePicked(stores.objects, ({ tissueClasses }) => tissueClasses);
  const select = useSelect('tissue');
  return (
    <>
      <LayerRow
        name="Tissue classes"
        swatch={<PairSwatch colors={[classes?.[0]?.color ?? '#b5343c', classes?.[1]?.color ?? '#e29a5b']} />}
        count={classes ? count(classes.length) : 'not yet'}
        shown={shown}
        opacity={classes && opacity}
        onShown={() => setShown(stores.layers, 'tissue', !shown)}
        onOpacity={(value) => setTissueLayer(stores.layers, { opacity: value })}
        {...select}
      />
      {select.selected && classes && <Controls layer="tissue" />}
    </>
  );
}

/** Its controls are sections of their own: selected, they take the place of Analyse. Selecting it shows the map. */
function AttentionRow() {
  const { stores } = useDesk();
  const { shown, opacity, scale } = usePicked(stores.layers, (state) => state.attention);
  const there = usePicked(stores.attention, ({ findings }) => findings !== undefined);
  const refused = usePicked(stores.attention, ({ problem }) => problem !== undefined);
  const atHand = usePicked(stores.models, (state) => attentionModels(state).length > 0);
  const { selected, onSelect } = useSelect('attention');
  if (!atHand) return null;
  return (
    <LayerRow
      name="Attention"
      swatch={<PairSwatch colors={['#3e4989', '#b5de2b']} />}
      count={there ? SCALE_WORDS[scale] : refused ? 'see why' : 'not yet'}
      shown={shown}
      opacity={there ? opacity : undefined}
      selectable
      selected={selected}
      onSelect={(alone) => {
        if (there && !selected) setAttentionLayer(stores.layers, { shown: true });
        onSelect(alone && there);
      }}
      onShown={() => setShown(stores.layers, 'attention', !shown)}
      onOpacity={(value) => setAttentionLayer(stores.layers, { opacity: value })}
    />
  );
}

const SCALE_WORDS = { raw: 'raw', minmax: 'min–max', percentiles: '2–98 %', rank: 'rank' } as const;

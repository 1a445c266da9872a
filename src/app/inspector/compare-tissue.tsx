// What the tissue map is compared with, and how. Loaded with the layer's controls.
import { gridOf } from '#analysis/outputs.ts';
import { describe } from '#errors/failure.ts';
import { readsPatches } from '#inference/manifest.ts';
import { capital } from '#objects/class-words.ts';
import {
  canDiffer,
  comparableRuns,
  howShown,
  keyOfMap,
  mapOfKey,
  mapOfOther,
  runWords,
} from '../compare/compare-words.ts';
import { Segments } from '../segments.tsx';
import { type ComparedHow, type ComparedMap, endCompare } from '../stores/compare-store.ts';
import { setAttentionLayer, setTissueLayer } from '../stores/layers-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import parts from '../styles/parts.module.css';
import { type Desk, useDesk } from '../workbench.ts';

const WAYS: readonly { value: ComparedHow; label: string }[] = [
  { value: 'swipe', label: 'Swipe' },
  { value: 'difference', label: 'Difference' },
  { value: 'beside', label: 'Side by side' },
];

/** Of the left pane's map. */
export function CompareTissue() {
  const desk = useDesk();
  const { stores } = desk;
  const { other, problem, brought } = usePicked(stores.compare, (state) => state);
  const inHand = usePicked(stores.panes, (state) => state.inHand);
  const channel = usePicked(stores.layers, ({ tissue }) => tissue.channel);
  const classes = usePicked(stores.objects, ({ tissueClasses }) => tissueClasses) ?? [];
  const list = usePicked(stores.run, (state) => state.list);
  const manifests = usePicked(stores.models, (state) => state.manifests);
  const attended = usePicked(stores.attention, ({ findings }) => findings !== undefined);
  if (inHand === 'right') return null;
  const modelName = (id: string): string => manifests.find((of) => of.id === id)?.name ?? id;
  const classesOf = (id: string): typeof classes | undefined => {
    const manifest = manifests.filter(readsPatches).find((of) => of.id === id);
    return manifest && gridOf(manifest)?.classes;
  };
  const runs = comparableRuns(list).filter(({ model }) => classesOf(model.id));
  const maps = [
    ...runs.map((run) => ({ ...run, classes: classesOf(run.model.id) ?? [] })),
    ...(brought && !runs.some(({ id }) => id === brought.id) ? [brought] : []),
  ];
  const ownMap = (of: 'argmax' | number) => ({ is: 'tissue', run: undefined, channel: of }) as const;
  const ownMaps = [
    ...classes.map(({ name }, index) => ({ map: ownMap(index), name })),
    { map: ownMap('argmax'), name: 'Most probable class' },
  ];
  const option = (map: ComparedMap, name: string) => (
    <option key={keyOfMap(map)} value={keyOfMap(map)}>
      {name}
    </option>
  );
  return (
    <>
      <div className={css.control}>
        <label htmlFor="compare-tissue">Compare</label>
        <select
          id="compare-tissue"
          className={parts.select}
          value={keyOfMap(other)}
          onChange={(event) => compareWith(desk, mapOfKey(event.currentTarget.value))}
        >
          <option value="">with nothing</option>
          <optgroup label="This map">
            {ownMaps
              .filter(({ map }) => map.channel !== channel || keyOfMap(map) === keyOfMap(other))
              .map(({ map, name }) => option(map, name))}
          </optgroup>
          {maps.map((run) => (
            <optgroup key={run.id} label={capital(runWords(run, list, new Date(), modelName))}>
              {option({ is: 'tissue', run: run.id, channel: 'argmax' }, 'Most probable class')}
              {run.classes.map(({ name }, index) => option({ is: 'tissue', run: run.id, channel: index }, name))}
            </optgroup>
          ))}
          {attended && <optgroup label="Other maps">{option({ is: 'attention' }, 'Attention')}</optgroup>}
        </select>
      </div>
      {other && <CompareWays other={other} channel={channel} />}
      {problem && (
        <p className={`bad ${css.p}`} role="alert">
          {describe(problem)}
        </p>
      )}
    </>
  );
}

/** Swipe, difference, side by side: of the comparison that is on. */
export function CompareWays({ other, channel }: { other: ComparedMap; channel: 'argmax' | number }) {
  const desk = useDesk();
  const how = usePicked(desk.stores.compare, (state) => state.how);
  const shown = howShown(how, channel, other);
  return (
    <>
      <div className={css.p} style={{ margin: '4px 0' }}>
        <Segments
          label="How to compare"
          options={canDiffer(channel, other) ? WAYS : WAYS.filter(({ value }) => value !== 'difference')}
          value={shown}
          onChange={(value) => compareBy(desk, other, value)}
        />
      </div>
      <p className={`t3 ${css.p}`} style={{ marginTop: 4 }}>
        {wordsOf(shown, channel, other)}
      </p>
    </>
  );
}

function wordsOf(how: ComparedHow, channel: 'argmax' | number, other: ComparedMap): string {
  if (how === 'beside') return 'The right pane shows what is compared, by its own layers.';
  if (how === 'difference')
    return other.is === 'attention'
      ? 'Rank here less rank there: attention and probability have no common scale. Nothing is drawn where either has no value.'
      : 'This map less the other, cell by cell: dark is where they differ most. Nothing is drawn where either has no tissue.';
  const line = 'Drag the line on the slide, or move it by the arrow keys. Right of it lies what is compared.';
  return canDiffer(channel, other) ? line : `${line} To subtract, choose one class on both sides.`;
}

/** Undefined ends it. */
export function compareWith(desk: Desk, other: ComparedMap | undefined): void {
  const { stores } = desk;
  if (!other) {
    endCompare(stores.compare);
    return;
  }
  stores.compare.setState({ other, problem: undefined });
  setTissueLayer(stores.layers, { shown: true });
  compareBy(desk, other, stores.compare.getState().how);
}

function compareBy({ stores, invoke }: Desk, other: ComparedMap, how: ComparedHow): void {
  const { tissue } = stores.layers.getState();
  stores.compare.setState({ how });
  if (how !== 'beside') return;
  if (!stores.panes.getState().beside) invoke('view.beside');
  stores.panes.setState({ inHand: 'left' });
  if (other.is === 'attention') {
    setTissueLayer(stores.besideLayers, { shown: false });
    setAttentionLayer(stores.besideLayers, { ...stores.layers.getState().attention, shown: true });
    return;
  }
  const colourMap = mapOfOther(other.channel, tissue.colourMap);
  setTissueLayer(stores.besideLayers, { ...tissue, colourMap, channel: other.channel, edges: undefined, shown: true });
}

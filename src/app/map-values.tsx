// What the maps on screen say of the place under the pointer, in the status bar. Loaded with the first map.
import { valuesAt } from '#objects/grid.ts';
import { probability } from './compare/compare-words.ts';
import { usePicked } from './stores.ts';
import css from './styles/bars.module.css';
import { count } from './words.ts';
import { useDesk } from './workbench.ts';

export default function MapValues() {
  return (
    <>
      <Tissue />
      <Attended />
    </>
  );
}

/** The tissue map beneath the pointer, while it is shown in either pane: its most probable class, or the class that is coloured. */
function Tissue() {
  const { stores, found, compared } = useDesk();
  const left = usePicked(stores.layers, ({ tissue }) => tissue);
  const right = usePicked(stores.besideLayers, ({ tissue }) => tissue);
  const isBeside = usePicked(stores.panes, ({ beside }) => beside);
  const at = usePicked(stores.view, ({ pointer }) => pointer?.at);
  usePicked(stores.objects, ({ version }) => version);
  usePicked(stores.compare, (state) => state);
  const comparison = compared.loaded();
  const isRightOwn = isBeside && !comparison?.isOtherRunBeside;
  const maps = [left, ...(isRightOwn ? [right] : [])].filter(({ shown }) => shown);
  const grid = at && maps.length > 0 ? found.tissueGrid() : undefined;
  const values = grid && at && valuesAt(grid, at);
  if (!grid || !values) return null;
  if (values.every(Number.isNaN)) return <span className={css.optional}>No tissue here</span>;
  const said = maps.map(({ channel }) => {
    const index = channel === 'argmax' ? values.indexOf(Math.max(...values)) : channel;
    const value = values[index] ?? Number.NaN;
    return `${grid.channels[index]?.name} ${probability(value)}`;
  });
  const own = values[left.channel === 'argmax' ? 0 : left.channel] ?? Number.NaN;
  const more = comparison?.says(at, own) ?? [];
  return <span className={css.optional}>{[...new Set([...said, ...more])].join(' · ')}</span>;
}

/** The patch beneath the pointer. */
function Attended() {
  const { stores } = useDesk();
  const under = usePicked(stores.attention, (state) => state.under);
  const patches = usePicked(stores.attention, ({ findings }) => findings?.patches);
  if (!under || patches === undefined) return null;
  return (
    <span className={css.optional}>
      Patch {count(under.row + 1)} of {count(patches)},{' '}
      {under.values
        .map(({ says, value }) => (Number.isNaN(value) ? `${says} not known` : `${says} ${value.toPrecision(2)}`))
        .join(' · ')}
    </span>
  );
}

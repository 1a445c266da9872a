// What the colours of a map stand for, drawn over grey at the map's opacity. Loaded with the first map.

import type { LegendGrid } from '#viewer/viewer-api.ts';
import { Late } from '../late.tsx';
import { lazy } from '../lazy.ts';
import { PATCH_PREDICTION } from '../stores/attention-store.ts';
import { setSlideLayer } from '../stores/layers-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/slide-area.module.css';
import { measure, plural } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { LayerLegends, needsWords } from './layer-legends.tsx';

const ClassLegend = lazy(() => import('../learn-panel/class-legend.tsx'));
const ObjectLegend = lazy(() => import('../learn-panel/object-legend.tsx'));
const SeamsLegend = lazy(() => import('../runs-panel/seams-legend.tsx'));

export default function LegendContent() {
  const { stores } = useDesk();
  const legend = usePicked(stores.view, (state) => state.legend);
  const objects = usePicked(stores.view, ({ objectClasses }) => objectClasses);
  const seams = usePicked(stores.seams, ({ shown }) => shown);
  const told = legend?.layers.some(needsWords) ?? false;
  if (!legend || (!legend.grid && !told && !legend.patchMap && !legend.classMap && !objects && !seams)) return null;
  return (
    <div className={`${css.hud} ${css.legend}`} role="note" aria-label="Legend">
      {legend.grid && (
        <GridLegend
          grid={legend.grid}
          unit={unitOf(legend.grid)}
          cells="cells"
          side={legend.divider?.left === 'grid' ? 'Left' : undefined}
        />
      )}
      {legend.grid && legend.divider && legend.divider.left === 'grid' && legend.divider.right !== 'patchMap' && (
        <div style={{ marginTop: 10 }}>
          <GridLegend grid={legend.divider.right} unit={unitOf(legend.divider.right)} cells="cells" side="Right" />
        </div>
      )}
      {legend.patchMap && (
        <div style={{ marginTop: legend.grid ? 10 : 0 }}>
          <AttentionLegend grid={legend.patchMap} side={legend.divider?.right === 'patchMap' ? 'Right' : undefined} />
        </div>
      )}
      {legend.classMap && (
        <Late>
          <ClassLegend map={legend.classMap} />
        </Late>
      )}
      {objects && (
        <Late>
          <ObjectLegend of={objects} />
        </Late>
      )}
      <LayerLegends
        layers={legend.layers}
        apart={
          legend.grid !== undefined ||
          legend.patchMap !== undefined ||
          legend.classMap !== undefined ||
          objects !== undefined
        }
      />
      {seams && (
        <Late>
          <SeamsLegend apart={legend.grid !== undefined || legend.patchMap !== undefined || told} />
        </Late>
      )}
    </div>
  );
}

const unitOf = ({ name, difference }: LegendGrid): string =>
  difference
    ? name.endsWith(', ranks')
      ? 'difference of ranks'
      : 'difference of probability'
    : name.endsWith(', rank')
      ? 'probability by rank'
      : 'probability';

/** The scale is part of its name; a rank has no numbers to read off. */
function AttentionLegend({ grid, side }: { grid: LegendGrid; side: 'Right' | undefined }) {
  const { stores } = useDesk();
  const patches = usePicked(stores.attention, ({ findings }) => findings?.counted ?? 0);
  const difference = usePicked(
    stores.attention,
    ({ how, compare }) => how === 'difference' && compare !== undefined && compare !== PATCH_PREDICTION,
  );
  const isBeside = usePicked(stores.panes, ({ beside }) => beside);
  const compare = usePicked(stores.attention, (state) =>
    difference || (isBeside && state.how === 'beside') ? undefined : state.compare,
  );
  const other = usePicked(stores.models, ({ manifests }) => manifests.find(({ id }) => id === compare)?.name);
  const last = usePicked(stores.attention, ({ findings }) => findings?.classes.at(-1)?.name ?? 'the last class');
  const right = compare === PATCH_PREDICTION ? `probability of ${last} by patch, 0 to 1` : other;
  const ticks: readonly [string, string] | undefined = difference
    ? ['more there', 'more here']
    : grid.name.endsWith('by rank')
      ? ['least', 'most']
      : undefined;
  return (
    <>
      <GridLegend grid={grid} unit={plural(patches, 'patch', 'patches')} cells="patches" ticks={ticks} side={side} />
      {right !== undefined && (
        <p className="t2" style={{ marginTop: 4 }}>
          Right of the line: {right}
        </p>
      )}
    </>
  );
}

function GridLegend(props: {
  readonly grid: LegendGrid;
  readonly unit: string;
  readonly cells: 'cells' | 'patches'; // what the map is made of
  readonly ticks?: readonly [string, string] | undefined;
  readonly side: 'Left' | 'Right' | undefined; // of a divider, where it shows there only
}) {
  const { grid, unit, ticks, cells, side } = props;
  const { stores } = useDesk();
  const stained = usePicked(stores.layers, ({ slide }) => slide.stained);
  const steps = grid.entries.every(({ from }) => from !== undefined);
  const first = grid.entries[0];
  const last = grid.entries.at(-1);
  return (
    <>
      {side && <p className="t3">{side} of the line</p>}
      <div className="row">
        <span className="b grow">{grid.name}</span>
        {side !== 'Right' && (
          <button type="button" className="link t2" onClick={() => setSlideLayer(stores.layers, { stained: !stained })}>
            {stained ? 'Grey tissue' : 'Stained'}
          </button>
        )}
      </div>
      {steps ? (
        <>
          <div className={css.ramp}>
            {grid.entries.map(({ color, from }) => (
              <i key={from} style={{ background: color, opacity: grid.opacity }} />
            ))}
          </div>
          <div className={css.ticks}>
            <span>{ticks?.[0] ?? measure(first?.from ?? 0)}</span>
            <span>{unit}</span>
            <span>{ticks?.[1] ?? measure(last?.to ?? 1)}</span>
          </div>
        </>
      ) : (
        <ul className={css.entries}>
          {grid.entries.map(({ color, label }) => (
            <li key={label}>
              <span className={css.patch}>
                <i style={{ background: color, opacity: grid.opacity }} />
              </span>
              <span className="ell">{label}</span>
            </li>
          ))}
        </ul>
      )}
      {grid.interpolated && (
        <p className="t3" style={{ marginTop: 4 }}>
          Interpolated between the centres of {cells}.
        </p>
      )}
      {grid.threshold > 0 && (
        <p className="t3" style={{ marginTop: 4 }}>
          {grid.difference
            ? `Differences of less than ${measure(grid.threshold)}`
            : `Cells below ${measure(grid.threshold)}`}{' '}
          are not drawn.
        </p>
      )}
    </>
  );
}

// Counts per mm² of what was analysed, or of the view; what they leave out.
import { IconDownload } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { IconButton } from '../icon-button.tsx';
import { Segments } from '../segments.tsx';
import { OBJECT_LAYERS } from '../stores/objects-store.ts';
import type { Scope } from '../stores/window-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import { ToneIcon } from '../tone-icon.tsx';
import { areaMm2, count, measure } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { LAYER_NAMES } from './layers-section.tsx';
import { Section } from './section.tsx';
import { ColourSwatch, ObjectSwatch } from './swatch.tsx';
import { useCounts, useRegion, useScopes } from './use-counts.ts';

const SCOPES: Readonly<Record<Scope, string>> = { all: 'All', view: 'This view', drawn: 'Drawn', object: 'Object' };

export default function CountsTable() {
  const { stores, invoke } = useDesk();
  const scopes = useScopes();
  const chosen = usePicked(stores.window, ({ countedIn }) => countedIn);
  const scope = scopes.includes(chosen) ? chosen : 'all';
  const running = usePicked(stores.run, ({ progress }) => progress !== undefined);
  const mpp = usePicked(stores.slide, ({ open }) => open?.info.mpp);
  const counts = useCounts(useRegion());
  const mm2 = mpp ? counts.areaPx * mpp.x * mpp.y * 1e-6 : 0;
  const density = (n: number): string => (mm2 > 0 ? measure(n / mm2) : '');
  return (
    <Section
      id="counts"
      title={running ? 'So far' : 'Counts'}
      buttons={
        <IconButton
          small
          label="Export as GeoJSON for QuPath"
          icon={IconDownload}
          onClick={() => invoke('save.geojson')}
        />
      }
    >
      <div className={css.p}>
        <Segments
          label="Counted in"
          options={scopes.map((value) => ({ value, label: SCOPES[value] }))}
          value={scope}
          onChange={(countedIn) => stores.window.setState({ countedIn })}
        />
      </div>
      <table className={`${css.table} ${css.gap}`}>
        <thead>
          <tr>
            <th>{mm2 > 0 ? `In ${areaMm2(mm2)}` : 'No patch is finished yet'}</th>
            <th className={css.n}>Count</th>
            <th className={css.n}>per mm²</th>
          </tr>
        </thead>
        <tbody>
          {OBJECT_LAYERS.flatMap((kind) => {
            const of = counts.byKind[kind];
            return (of?.classes ?? []).map(({ name, color }, index) => (
              <tr key={`${kind} ${name}`}>
                <td>
                  <span className="row" style={{ gap: 6 }}>
                    <ObjectSwatch kind={kind} color={color} />
                    {kind === 'nuclei' ? `${name} nuclei` : kind === 'annotations' ? name : LAYER_NAMES[kind]}
                  </span>
                </td>
                <td className={`${css.n} b`}>{count(of?.byClass[index] ?? 0)}</td>
                <td className={css.n}>{kind === 'annotations' ? '' : density(of?.byClass[index] ?? 0)}</td>
              </tr>
            ));
          })}
        </tbody>
      </table>
      <TissueShares />
      <FailedNote />
      {running && (
        <div className="row" style={{ padding: '8px 12px 0', alignItems: 'flex-start' }}>
          <ToneIcon tone="plain" />
          <span className="t2">Counts grow until the run ends. Glands count once no patch can still change them.</span>
        </div>
      )}
    </Section>
  );
}

/** Shares of the tissue classes in the last run. */
function TissueShares() {
  const { stores } = useDesk();
  const tissue = usePicked(stores.run, ({ ended }) => ended?.result.tissue);
  const classes = usePicked(stores.objects, ({ tissueClasses }) => tissueClasses);
  if (!tissue) return null;
  const shares = tissue.classes
    .map((name, index) => ({ name, share: tissue.share[index] ?? 0, color: classes?.[index]?.color ?? '#888888' }))
    .filter(({ share }) => share >= 0.005)
    .sort((a, b) => b.share - a.share);
  return (
    <table className={`${css.table} ${css.gap}`}>
      <thead>
        <tr>
          <th>Tissue of the last run</th>
          <th className={css.n}>Share</th>
        </tr>
      </thead>
      <tbody>
        {shares.map(({ name, share, color }) => (
          <tr key={name}>
            <td>
              <span className="row" style={{ gap: 6 }}>
                <ColourSwatch color={color} />
                {name}
              </span>
            </td>
            <td className={css.n}>{(share * 100).toFixed(share < 0.1 ? 1 : 0)} %</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const NotComputed = lazy(() => import('../runs-panel/not-computed.tsx')); // seldom needed

/** What the counts leave out, with why and the way to try only those again. */
function FailedNote() {
  const { stores } = useDesk();
  const list = usePicked(stores.run, (state) => state.list);
  const gaps = list.filter(({ shown, failed }) => shown && failed.length > 0);
  if (gaps.length === 0) return null;
  return (
    <Suspense fallback={null}>
      {gaps.map((run) => (
        <div key={run.id} className={`${css.p} ${css.gap}`}>
          <NotComputed run={run} retry />
        </div>
      ))}
    </Suspense>
  );
}

// Counts per mm² of what was analysed, or of the view; what they leave out.
import { IconDownload } from '@tabler/icons-react';
import { useDeferredValue, useMemo } from 'react';
import type { Region } from '#analysis/region.ts';
import { tissueShares } from '#analysis/tissue/cells.ts';
import { manyOfClass } from '#objects/class-words.ts';
import { IconButton } from '../icon-button.tsx';
import { Late } from '../late.tsx';
import { lazy } from '../lazy.ts';
import { areasByClass } from '../measures/area-shares.ts';
import { Segments } from '../segments.tsx';
import type { ObjectLayer, RunLayer } from '../stores/layers-store.ts';
import { OBJECT_LAYERS } from '../stores/objects-store.ts';
import type { Scope } from '../stores/window-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import { ToneIcon } from '../tone-icon.tsx';
import { areaMm2, count, measure, share as shareWords } from '../words.ts';
import { useDesk } from '../workbench.ts';
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
  const region = useDeferredValue(useRegion());
  const counts = useCounts(region);
  const areas = useAreas(region, running);
  const mm2 = mpp ? counts.areaPx * mpp.x * mpp.y * 1e-6 : 0;
  const share = (kind: RunLayer, index: number): string =>
    areas && counts.areaPx > 0 ? shareWords((areas[kind][index] ?? 0) / counts.areaPx) : '';
  const density = (n: number): string => (mm2 > 0 ? measure(n / mm2) : '');
  const isOfArea = mm2 > 0 || running; // what a file brought lies in no area
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
      <table className={`${css.table} ${css.counted} ${css.gap}`}>
        <thead>
          <tr>
            <th>{mm2 > 0 ? `In ${areaMm2(mm2)}` : running ? 'No patch yet' : 'Nothing analysed here'}</th>
            <th className={css.n}>Count</th>
            {isOfArea && <th className={css.n}>per mm²</th>}
            {isOfArea && <th className={css.n}>of area</th>}
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
                    <ClassName kind={kind} name={name} />
                  </span>
                </td>
                <td className={`${css.n} b`}>{count(of?.byClass[index] ?? 0)}</td>
                {isOfArea && (
                  <td className={css.n}>{kind === 'annotations' ? '' : density(of?.byClass[index] ?? 0)}</td>
                )}
                {isOfArea && <td className={css.n}>{kind === 'annotations' ? '' : share(kind, index)}</td>}
              </tr>
            ));
          })}
        </tbody>
      </table>
      {areas && counts.areaPx > 0 && (
        <p className={`t3 ${css.p}`} style={{ marginTop: 4 }}>
          Of area: of the {mm2 > 0 ? areaMm2(mm2) : 'area'}{' '}
          {counts.isAnalysed ? 'that was analysed here' : 'counted here, all of it: nothing was analysed'}. Glands and
          lumina count by the part within, nuclei whole where their centre is.
        </p>
      )}
      {!running && !counts.isAnalysed && counts.areaPx === 0 && (
        <p className={`t3 ${css.p}`} style={{ marginTop: 4 }}>
          These came from a file: count this view, or draw an area, to see densities.
        </p>
      )}
      <TissueShares region={region} running={running} />
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

/** Where there is little room the nouns are read out only: the swatch shows them. */
function ClassName({ kind, name }: { kind: ObjectLayer; name: string }) {
  const label = manyOfClass(kind, name);
  const [, what = label, nouns] = /^(.+?)((?: tissue)? nuclei)$/.exec(label) ?? [];
  return (
    <span className="ell" title={label}>
      {what}
      {nouns !== undefined && <span className={css.suffix}>{nouns}</span>}
    </span>
  );
}

/** Level-0 px² by kind and class; undefined while a run goes on, for then they change four times a second. */
function useAreas(region: Region | undefined, running: boolean) {
  const { stores, found } = useDesk();
  const objects = usePicked(stores.objects, (state) => state);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is found may differ with each telling
  return useMemo(() => {
    if (running) return undefined;
    const of = (kind: RunLayer) => areasByClass(found.store(kind).live, region);
    return { nuclei: of('nuclei'), glands: of('glands'), lumina: of('lumina') };
  }, [objects, region, running, found]);
}

/** Shares of the tissue classes in what is counted: as the console, a report and the run itself have them. */
function TissueShares({ region, running }: { region: Region | undefined; running: boolean }) {
  const { stores, found } = useDesk();
  const mpp = usePicked(stores.slide, ({ open }) => open?.info.mpp);
  const objects = usePicked(stores.objects, (state) => state);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the map may differ with each telling
  const tissue = useMemo(() => {
    const grid = running ? undefined : found.tissueGrid();
    return grid && { classes: grid.channels, ...tissueShares(grid, region) };
  }, [objects, region, running, found]);
  if (!tissue || tissue.areaPx === 0) return null;
  const shares = tissue.classes
    .map(({ name, color }, index) => ({ name, color, share: tissue.shares[index] ?? 0 }))
    .filter(({ share }) => share >= 0.005)
    .sort((a, b) => b.share - a.share);
  return (
    <>
      <table className={`${css.table} ${css.gap}`}>
        <thead>
          <tr>
            <th>
              {mpp ? `Tissue in ${areaMm2(tissue.areaPx * mpp.x * mpp.y * 1e-6)} of the map` : 'Tissue of the map'}
            </th>
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
              <td className={css.n}>{shareWords(share)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={`t3 ${css.p}`} style={{ marginTop: 4 }}>
        Share: of the map's cells whose centre lies here, each whole by its most probable class.
      </p>
    </>
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
    <Late>
      {gaps.map((run) => (
        <div key={run.id} className={`${css.p} ${css.gap}`}>
          <NotComputed run={run} retry />
        </div>
      ))}
    </Late>
  );
}

// What has to be said of objects as they are drawn: the density or the measure their colours stand for, and what is left out.
import type { LegendLayer, LegendStep } from '#viewer/viewer-api.ts';
import css from '../styles/slide-area.module.css';
import { measure } from '../words.ts';

const NAMES = {
  nuclei: 'Nuclei',
  glands: 'Glands',
  lumina: 'Lumina',
  annotations: 'Annotations',
  cells: 'Small annotations',
} as const;

const MAP = 0.62; // a map's opacity over the tissue

/** True where a layer needs words: its objects are not simply outlined in their classes' colours. */
export const needsWords = ({ form, measure: by, threshold }: LegendLayer): boolean =>
  form === 'density' || form === 'discs' || by !== undefined || threshold !== undefined;

export function LayerLegends({ layers, apart }: { layers: readonly LegendLayer[]; apart: boolean }) {
  return layers.filter(needsWords).map((layer, k) => (
    <div key={layer.kind} style={{ marginTop: apart || k > 0 ? 8 : 0 }}>
      <LayerWords layer={layer} />
    </div>
  ));
}

function LayerWords({ layer }: { layer: LegendLayer }) {
  const { kind, upTo, form, density, measure: by, threshold, opacity } = layer;
  const name = NAMES[kind];
  const small = `no larger than a cell (${upTo})`;
  const [one, many] = kind === 'cells' ? [`annotation ${small}`, `annotations ${small}`] : ['nucleus', 'nuclei'];
  return (
    <>
      {density && (
        <Ramp
          title={`${name}, density`}
          entries={density.entries}
          unit={density.unit}
          opacity={MAP * opacity}
          lowIsOpen={false}
        />
      )}
      {by && (
        <Ramp
          title={`${name}, ${by.cell ? 'mean ' : ''}${by.name.toLowerCase()}`}
          entries={by.entries}
          unit={by.unit}
          opacity={by.cell ? MAP * opacity : opacity}
          lowIsOpen
        />
      )}
      {by?.cell && (
        <p className={`t2 ${css.said}`}>
          Below 2.5× each cell of {by.cell} has the mean of its {many}. Zoom in to see each of them.
        </p>
      )}
      {form === 'density' && !by && (
        <p className={`t2 ${css.said}`}>
          Below 2.5× {many} are drawn as density; a cell without any stays clear. Zoom in to see each of them.
        </p>
      )}
      {form === 'discs' && <p className={`t2 ${css.said}`}>Below 5× each {one} is a disc of its area.</p>}
      {threshold !== undefined && (
        <p className="t3" style={{ marginTop: 4 }}>
          {name} with a probability below {measure(threshold)} are not drawn.
        </p>
      )}
    </>
  );
}

/** What lies beyond an open end has its colour. */
function Ramp(props: {
  readonly title: string;
  readonly entries: readonly LegendStep[];
  readonly unit: string;
  readonly opacity: number;
  readonly lowIsOpen: boolean;
}) {
  const { title, entries, unit, opacity, lowIsOpen } = props;
  return (
    <>
      <span className="b">{title}</span>
      <div className={css.ramp}>
        {entries.map(({ color, from }) => (
          <i key={from} style={{ background: color, opacity }} />
        ))}
      </div>
      <div className={css.ticks}>
        <span>
          {lowIsOpen ? '≤ ' : ''}
          {measure(entries[0]?.from ?? 0)}
        </span>
        <span>{unit}</span>
        <span>≥ {measure(entries.at(-1)?.to ?? 1)}</span>
      </div>
    </>
  );
}

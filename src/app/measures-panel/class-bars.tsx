// How many objects of each class there are; one that is chosen is marked on the slide.
import { unhurried } from '#channel/waits.ts';
import { manyOfClass } from '#objects/class-words.ts';
import { ObjectSwatch } from '../inspector/swatch.tsx';
import { useCounts, useRegion } from '../inspector/use-counts.ts';
import { OBJECT_LAYERS } from '../stores/objects-store.ts';
import own from '../styles/measures.module.css';
import { count, share as shareWords } from '../words.ts';
import { filterOf } from './filter-words.ts';
import { useMeasured, useMeasures } from './measures-context.tsx';

export function ClassBars() {
  const session = useMeasures();
  const region = useRegion();
  const { byKind } = useCounts(region);
  const brushedBy = useMeasured((state) => state.brushedBy);
  const bars = OBJECT_LAYERS.flatMap((kind) =>
    (byKind[kind]?.classes ?? []).map(({ name, color }, index) => ({
      kind,
      name,
      color,
      label: manyOfClass(kind, name),
      n: byKind[kind]?.byClass[index] ?? 0,
      share: (byKind[kind]?.byClass[index] ?? 0) / Math.max(1, byKind[kind]?.count ?? 0),
    })),
  );
  const most = Math.max(1, ...bars.map(({ n }) => n));
  return (
    <ul className={own.bars}>
      {bars.map(({ kind, name, color, label, n, share }) => {
        const filter = filterOf(name, []);
        const isOn = brushedBy === filter;
        return (
          <li key={`${kind} ${name}`}>
            <button
              type="button"
              aria-pressed={isOn}
              onClick={() =>
                isOn ? session.clear() : void session.attempt(() => session.select(filter, kind, unhurried(), region))
              }
            >
              <span className="row" style={{ gap: 6 }}>
                <ObjectSwatch kind={kind} color={color} />
                <span className="ell">{label}</span>
              </span>
              <span>
                <b className="b">{count(n)}</b>
                <span className={`t3 ${own.share}`}>{shareWords(share)}</span>
              </span>
              <span className={own.bar}>
                <i style={{ width: `${(100 * n) / most}%` }} />
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

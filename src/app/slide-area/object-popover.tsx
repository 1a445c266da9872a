// What the clicked object is. It stays beside the object while the view moves.
import { Fragment, useEffect, useState } from 'react';
import type { ObjectFacts } from '../measures/object-facts.ts';
import { type Selected, titleOf } from '../stores/selection-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/slide-area.module.css';
import { areaUm2, count, measure, percent, plural } from '../words.ts';
import { useDesk } from '../workbench.ts';

const WIDTH = 208; // px, as in the style sheet
const HEIGHT = 56;
const LINE = 18; //   of each further line
const GAP = 18; //    px beside the object
const MOST_MEASURED = 6; // of what a file says of it

export default function ObjectPopover() {
  const { stores, viewer, stage } = useDesk();
  const selected = usePicked(stores.selection, (state) => state.selected);
  const mpp = usePicked(stores.slide, ({ open }) => open?.info.mpp);
  usePicked(stores.view, ({ view }) => view); // follows the object
  const facts = useFacts(selected);
  if (!selected) return null;
  const isFound = selected.kind !== 'annotations';
  const measured = selected.measured.slice(0, MOST_MEASURED);
  const more = selected.measured.length - measured.length;
  const lines = facts.length + measured.length + (selected.name === undefined ? 0 : 1) + (more > 0 ? 1 : 0);
  const height = HEIGHT + LINE * lines;
  const at = viewer.toScreen(selected.at.x, selected.at.y);
  const room = { width: stage.element.clientWidth, height: stage.element.clientHeight };
  if (at.x < 0 || at.y < 0 || at.x > room.width || at.y > room.height) return null;
  const left = at.x + GAP + WIDTH < room.width ? at.x + GAP : at.x - GAP - WIDTH;
  const top = Math.max(8, Math.min(at.y - 20, room.height - height - 8));
  return (
    <div className={`${css.pop} ${css.tip}`} style={{ left, top }} role="status" data-testid="object">
      <div className="row">
        <span className="b grow ell">{titleOf(selected)}</span>
        {isFound && <span className="t2">{selected.probability.toFixed(2)}</span>}
      </div>
      <dl>
        {selected.name !== undefined && (
          <>
            <dt>Name</dt>
            <dd className="ell">{selected.name}</dd>
          </>
        )}
        <dt>Area</dt>
        <dd>{mpp ? areaUm2(selected.areaPx * mpp.x * mpp.y) : `${count(selected.areaPx)} px²`}</dd>
        {facts.map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
        {measured.map(([name, value]) => (
          <Fragment key={name}>
            <dt className="ell">{name}</dt>
            <dd>{Number.isFinite(value) ? measure(value) : String(value)}</dd>
          </Fragment>
        ))}
      </dl>
      {more > 0 && <p className="t3">and {plural(more, 'measurement')} more, which a file holds</p>}
      {!isFound && <p className="t3">Shift Delete takes it away</p>}
    </div>
  );
}

/** What is measured of it, as far as that is known. */
function useFacts(selected: Selected | undefined): readonly (readonly [name: string, value: string])[] {
  const { measures, found, stores } = useDesk();
  const mpp = usePicked(stores.slide, ({ open }) => open?.info.mpp);
  const [facts, setFacts] = useState<ObjectFacts>();
  useEffect(() => {
    setFacts(undefined);
    if (!selected) return;
    let isLeft = false;
    const look = async (): Promise<void> => {
      const [{ factsOf }, session] = await Promise.all([import('../measures/object-facts.ts'), measures.session()]);
      if (!isLeft) setFacts(factsOf(session.book, found, selected));
    };
    look().catch(() => undefined); // the bubble says the rest
    return () => {
      isLeft = true;
    };
  }, [selected, measures, found]);
  if (!facts) return [];
  const { circularity, haematoxylin, gland, contents } = facts;
  const { nuclei, density, glands, lumenShare } = contents ?? {};
  return [
    ...(circularity === undefined ? [] : [['Circularity', circularity.toFixed(2)] as const]),
    ...(haematoxylin === undefined ? [] : [['Haematoxylin', `${haematoxylin.toFixed(2)} OD`] as const]),
    ...(gland === undefined ? [] : [['In gland', `G ${gland}`] as const]),
    ...(nuclei === undefined ? [] : [['Nuclei', count(nuclei)] as const]),
    ...(density === undefined ? [] : [[mpp ? 'per mm²' : 'per million px²', measure(density)] as const]),
    ...(glands === undefined ? [] : [['Glands', count(glands)] as const]),
    ...(lumenShare === undefined ? [] : [['Lumen share', percent(lumenShare)] as const]),
  ];
}

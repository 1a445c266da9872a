// What the clicked object is. It stays beside the object while the view moves.

import { titleOf } from '../stores/selection-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/slide-area.module.css';
import { areaUm2, count } from '../words.ts';
import { useDesk } from '../workbench.ts';

const WIDTH = 208; // px, as in the style sheet
const HEIGHT = 92;
const GAP = 18; //    px beside the object

export default function ObjectPopover() {
  const { stores, viewer, stage } = useDesk();
  const selected = usePicked(stores.selection, (state) => state.selected);
  const mpp = usePicked(stores.slide, ({ open }) => open?.info.mpp);
  usePicked(stores.view, ({ view }) => view); // follows the object
  if (!selected) return null;
  const at = viewer.toScreen(selected.at.x, selected.at.y);
  const room = { width: stage.element.clientWidth, height: stage.element.clientHeight };
  if (at.x < 0 || at.y < 0 || at.x > room.width || at.y > room.height) return null;
  const left = at.x + GAP + WIDTH < room.width ? at.x + GAP : at.x - GAP - WIDTH;
  const top = Math.max(8, Math.min(at.y - 20, room.height - HEIGHT - 8));
  return (
    <div className={`${css.pop} ${css.tip}`} style={{ left, top }} role="status" data-testid="object">
      <div className="row">
        <span className="b grow">{titleOf(selected)}</span>
        <span className="t2">{selected.probability.toFixed(2)}</span>
      </div>
      <dl>
        <dt>Kind</dt>
        <dd>{{ nuclei: 'Nucleus', glands: 'Gland', lumina: 'Lumen' }[selected.kind]}</dd>
        <dt>Probability</dt>
        <dd>{selected.probability.toFixed(2)}</dd>
        <dt>Area</dt>
        <dd>{mpp ? areaUm2(selected.areaPx * mpp.x * mpp.y) : `${count(selected.areaPx)} px²`}</dd>
      </dl>
    </div>
  );
}

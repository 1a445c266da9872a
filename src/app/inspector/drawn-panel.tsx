// What is drawn to be analysed: how many pieces, how to add one, how to take one away.
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import { plural } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { RegionButton, UndoButtons } from './region-button.tsx';

export default function DrawnPanel() {
  const { stores } = useDesk();
  const drawn = usePicked(stores.regions, (state) => state.drawn);
  const pieces = !drawn ? [] : 'pieces' in drawn ? drawn.pieces : [{ does: 'add' }];
  const added = pieces.filter(({ does }) => does === 'add').length;
  const taken = pieces.length - added;
  return (
    <div className={css.gap}>
      <p className={`t2 ${css.p}`}>
        {added === 0 ? 'R draws a rectangle, P a polygon or a free line.' : `${plural(added, 'piece')} drawn`}
        {taken > 0 && `, ${plural(taken, 'piece')} taken away`}
        {added > 0 && '. Shift adds, Alt takes away, corners can be moved.'}
      </p>
      <div className={`row ${css.p}`} style={{ marginTop: 6, flexWrap: 'wrap' }}>
        <RegionButton id="region.fromView">Draw this view</RegionButton>
        <RegionButton id="region.clear">Clear</RegionButton>
        <UndoButtons />
      </div>
    </div>
  );
}

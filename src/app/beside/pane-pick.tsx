// Whose layers the inspector shows, while there are two panes.
import { Segments } from '../segments.tsx';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import { useDesk } from '../workbench.ts';

const SIDES = [
  { value: 'left', label: 'Left pane' },
  { value: 'right', label: 'Right pane' },
] as const;

export default function PanePick() {
  const { stores } = useDesk();
  const inHand = usePicked(stores.panes, (state) => state.inHand);
  return (
    <div className={css.p} style={{ marginBottom: 6 }}>
      <Segments
        label="Layers of"
        options={SIDES}
        value={inHand}
        onChange={(side) => stores.panes.setState({ inHand: side })}
      />
    </div>
  );
}

// Whether a map shows its cells as they are, or values worked out between their centres.
import { Segments } from '../segments.tsx';
import css from '../styles/inspector.module.css';

export function BetweenControl(props: {
  readonly cells: 'Cells' | 'Patches'; // what the map is made of
  readonly interpolated: boolean;
  readonly onChange: (interpolated: boolean) => void;
}) {
  const { cells, interpolated, onChange } = props;
  return (
    <div className={`${css.control} ${css.wideControl}`}>
      <span>Drawn as</span>
      <Segments
        label="Drawn as"
        options={[
          { value: 'cells', label: cells },
          { value: 'between', label: 'Interpolated' },
        ]}
        value={interpolated ? 'between' : 'cells'}
        onChange={(value) => onChange(value === 'between')}
      />
    </div>
  );
}

import parts from '../styles/parts.module.css';
import css from '../styles/slide-area.module.css';
import { useDesk } from '../workbench.ts';

/** Nothing is open: what can be done about it. */
export default function Empty() {
  const { invoke } = useDesk();
  return (
    <div className={css.centre}>
      <div className={css.card} style={{ width: 'min(420px, 100%)' }}>
        <h1>No slide is open</h1>
        <p className="t2">Drop a slide anywhere on this page, or choose one. It is read on this computer alone.</p>
        <div className={css.end}>
          <button type="button" className={`${parts.button} ${parts.main}`} onClick={() => invoke('slide.open')}>
            Open a slide
          </button>
          <button type="button" className={parts.button} onClick={() => invoke('slide.sample1')}>
            Open the sample
          </button>
        </div>
      </div>
    </div>
  );
}

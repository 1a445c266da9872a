import parts from '../styles/parts.module.css';
import css from '../styles/runs.module.css';

/** What cannot be undone is asked once more, where its button was; the focus is on keeping. */
export function Sure(props: { label: string; question: string; onYes: () => void; onNo: () => void }) {
  const { label, question, onYes, onNo } = props;
  return (
    <fieldset className={css.actions} aria-label={label}>
      <span className="grow t2">{question}</span>
      <button type="button" className={`${parts.button} ${parts.small}`} onClick={onYes}>
        Remove
      </button>
      {/* biome-ignore lint/a11y/noAutofocus: the question took the place of the focused button */}
      <button type="button" autoFocus className={`${parts.button} ${parts.small}`} onClick={onNo}>
        Keep
      </button>
    </fieldset>
  );
}

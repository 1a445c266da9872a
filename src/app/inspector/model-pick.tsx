// The model that will run, with what it weighs, its terms and figures; the button leads to all models.
import { IconChevronDown } from '@tabler/icons-react';
import { describe } from '#errors/failure.ts';
import { alsoChosen, chosenManifest } from '../stores/models-store.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import parts from '../styles/parts.module.css';
import { unbroken } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { headlines, metricName, tasksOf, termsOf } from './model-words.ts';

export function ModelPick() {
  const { stores, invoke } = useDesk();
  const manifest = usePicked(stores.models, chosenManifest);
  const along = usePicked(stores.models, (state) => alsoChosen(state).length);
  const problem = usePicked(stores.models, (state) => state.problem);
  const open = usePicked(stores.window, ({ sheet }) => sheet === 'models');
  const figures = manifest ? headlines(manifest.metrics, 2) : [];
  return (
    <>
      <div className={css.p}>
        <button
          type="button"
          className={parts.pick}
          aria-haspopup="dialog"
          aria-expanded={open}
          aria-label={manifest ? `Model: ${manifest.name}. Choose a model` : 'Choose a model'}
          aria-disabled={manifest === undefined || undefined}
          onClick={() => invoke('models.choose')}
        >
          <span className="ell grow">
            {manifest?.name ?? 'No model is at hand'}
            {along > 0 && ` and ${along} more`}
          </span>
          <IconChevronDown size={14} stroke={1.6} aria-hidden />
        </button>
      </div>
      {manifest && (
        <p className={`t3 ${css.p}`} style={{ marginTop: 4 }}>
          {tasksOf(manifest)}. {unbroken(termsOf(manifest))}.
          {figures.length > 0 &&
            ` ${figures.map((figure) => `${metricName(figure).what}\u00a0${figure.value.toFixed(2)}`).join(', ')}.`}{' '}
          <button type="button" className="link" onClick={() => invoke('model.about')}>
            About this model
          </button>
        </p>
      )}
      {problem && (
        <p className={`bad ${css.p}`} style={{ marginTop: 4 }}>
          {describe(problem)}
        </p>
      )}
    </>
  );
}

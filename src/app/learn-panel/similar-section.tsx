// The patches most like one that is looked at, across the slide.
import { IconX } from '@tabler/icons-react';
import { IconButton } from '../icon-button.tsx';
import { SmallButton } from '../small-button.tsx';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import learn from '../styles/learn.module.css';
import { useDesk } from '../workbench.ts';
import { PatchButton } from './labels-section.tsx';
import { useLearn, useLearnt } from './use-learn.ts';
import { figure } from './whiskers.tsx';

export function SimilarSection() {
  const { stores, viewer } = useDesk();
  const session = useLearn();
  const similar = useLearnt((state) => state.similar);
  const ready = useLearnt(({ sets }) => sets.length > 0);
  usePicked(stores.view, (state) => state.view); // the patch in the middle changes with it
  const row = ready ? session.rowAt(viewer.view().centre) : undefined;
  if (!ready) return null;
  return (
    <section className={css.section} aria-label="Similar patches">
      <div className={learn.embed}>
        <span className="grow">
          <span className="b">Similar patches</span>{' '}
          <span className="t3">
            {similar
              ? `to patch ${similar.to.row + 1}, found in ${Math.max(1, Math.round(similar.ms))} ms`
              : 'to the one in the middle of the view'}
          </span>
        </span>
        <SmallButton off={row === undefined} onClick={() => void session.encoders.similarTo(row)}>
          Find
        </SmallButton>
        {similar && (
          <IconButton
            small
            label="Put them away"
            icon={IconX}
            onClick={() => void session.encoders.similarTo(undefined)}
          />
        )}
      </div>
      {similar && (
        <div className={learn.next}>
          {similar.patches.map((patch) => (
            <PatchButton
              key={patch.row}
              patch={patch}
              label={`Similarity ${figure(patch.similarity)}: go to patch ${patch.row + 1}`}
              caption={figure(patch.similarity)}
            />
          ))}
        </div>
      )}
    </section>
  );
}

import { IconX } from '@tabler/icons-react';
import { IconButton } from '../icon-button.tsx';
import { KeyCap } from '../key-cap.tsx';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import { useDesk } from '../workbench.ts';
import { Section } from './section.tsx';

const KEYS = [
  ['Enter', 'Analyse what you see now'],
  ['R', 'Draw a rectangle and analyse it'],
  ['Space', 'Hold and drag to move the slide'],
  ['I', 'Only the slide; I again to return'],
  ['?', 'All keys'],
] as const;

/** Dismissed once; the palette brings it back. */
export function GoodToKnow() {
  const { stores } = useDesk();
  const shown = usePicked(stores.settings, ({ goodToKnow }) => goodToKnow);
  if (!shown) return null;
  return (
    <Section
      id="know"
      title="Good to know"
      buttons={
        <IconButton
          small
          label="Hide this section"
          icon={IconX}
          onClick={() => stores.settings.setState({ goodToKnow: false })}
        />
      }
    >
      <div className={css.keys}>
        {KEYS.map(([keys, does]) => (
          <span key={keys} style={{ display: 'contents' }}>
            <KeyCap keys={keys} big />
            <span>{does}</span>
          </span>
        ))}
      </div>
    </Section>
  );
}

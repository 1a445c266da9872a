import { IconX } from '@tabler/icons-react';
import { IconButton } from '../icon-button.tsx';
import { KeyCap } from '../key-cap.tsx';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import { commandOf, useDesk } from '../workbench.ts';
import { Section } from './section.tsx';

/** By command, or a key that belongs to none. */
const KEYS = [
  ['analyse.view', 'Analyse what you see now'],
  ['tool.rectangle', 'Draw a rectangle and analyse it'],
  ['Space', 'Hold and drag to move the slide'],
  ['window.panels', 'Only the slide; the same again to return'],
  ['window.keys', 'All keys, and others for them'],
] as const;

/** Dismissed once; the palette brings it back. */
export function GoodToKnow() {
  const desk = useDesk();
  const { stores } = desk;
  usePicked(stores.settings, (state) => state.keys);
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
        {KEYS.map(([of, does]) => {
          const keys = of === 'Space' ? of : commandOf(desk, of).keys[0];
          if (keys === undefined) return null;
          return (
            <span key={of} style={{ display: 'contents' }}>
              <KeyCap keys={keys} big />
              <span>{does}</span>
            </span>
          );
        })}
      </div>
    </Section>
  );
}

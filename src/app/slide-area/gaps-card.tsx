// Tiles that would not be read: which and why, the way to each, and the way to try them again.
import { IconAlertTriangle, IconCopy, IconRefresh } from '@tabler/icons-react';
import { grow } from '#units/rect.ts';
import type { Gap } from '#viewer/viewer-api.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/gaps.module.css';
import parts from '../styles/parts.module.css';
import { count, plural } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { CornerCard } from './corner-card.tsx';

const MOST = 200; // rows: further ones are hatched on the slide all the same

export default function GapsCard() {
  const { stores, viewer, invoke } = useDesk();
  const number = usePicked(stores.slide, (state) => state.gaps);
  const name = usePicked(stores.slide, ({ open }) => open?.info.name ?? '');
  const gaps = viewer.gaps();
  if (number === 0) return null;
  const title = `${plural(number, 'tile')} ${number === 1 ? 'was' : 'were'} not read`;
  const copy = (): void =>
    void navigator.clipboard
      .writeText([`${name}: ${title}`, ...gaps.map((gap) => `${placeOf(gap)}: ${gap.why}`)].join('\n'))
      .then(() => stores.window.setState({ announcement: 'The report was copied.' }));
  return (
    <CornerCard wide title={title} icon={<IconAlertTriangle size={16} stroke={1.6} className="warn" aria-hidden />}>
      <ul className={css.rows}>
        {gaps.slice(0, MOST).map((gap) => (
          <li key={placeOf(gap)}>
            <button
              type="button"
              className="link"
              onClick={() => viewer.fit(grow(gap.rect, Math.max(gap.rect.width, gap.rect.height) / 2))}
            >
              {placeOf(gap)}
            </button>
            <span className="t2">{reasonOf(gap)}</span>
          </li>
        ))}
      </ul>
      {gaps.length > MOST && <p className="t3">and {count(gaps.length - MOST)} more</p>}
      <p className="t2">
        The coarser level shows in their place. If trying again does not help, the file is damaged there; another copy
        of it may be whole.
      </p>
      <div className={css.end}>
        <button type="button" className={parts.button} onClick={() => invoke('slide.retryGaps')}>
          <IconRefresh size={14} stroke={1.6} />
          {number === 1 ? 'Retry it' : `Retry these ${count(number)}`}
        </button>
        <button type="button" className={`${parts.button} ${parts.quiet}`} onClick={copy}>
          <IconCopy size={14} stroke={1.6} />
          Copy as report
        </button>
      </div>
    </CornerCard>
  );
}

const placeOf = ({ level, col, row }: Gap): string => `Level ${level}, row ${row + 1}, column ${col + 1}`;

/** The place is named beside it. */
const reasonOf = ({ why }: Gap): string =>
  why.replace(/^The tile at level .* would not decode: /, '').replace(/\.$/, '');

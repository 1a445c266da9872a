// A slide that would not open: what was seen, then what to do, with the buttons that do it.
import { IconCopy, IconFolderOpen, IconRefresh, IconX } from '@tabler/icons-react';
import { describe, type Failure } from '#errors/failure.ts';
import { IconButton } from '../icon-button.tsx';
import { titleOfSlide } from '../stores/slide-store.ts';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import css from '../styles/slide-area.module.css';
import { useDesk } from '../workbench.ts';

export default function Doctor() {
  const { stores, invoke } = useDesk();
  const problem = usePicked(stores.slide, (state) => state.problem);
  const stays = usePicked(stores.slide, ({ open }) => open && titleOfSlide(open));
  if (!problem) return null;
  const { name, address, failure } = problem;
  const close = (): void => stores.slide.setState({ problem: undefined });
  const copy = (): void => void navigator.clipboard.writeText(reportOf(name, address, failure));
  return (
    <div className={css.centre}>
      <div className={css.card} role="alert">
        <div className={css.head}>
          <h1 className="grow">This slide could not be read</h1>
          <IconButton small label="Close" icon={IconX} onClick={close} />
        </div>
        <p className="t2" style={{ overflowWrap: 'anywhere' }}>
          {address ?? name}
        </p>
        <h2>What was seen</h2>
        <p>{describe(failure)}</p>
        {address !== undefined && (
          <>
            <h2>If you have the file</h2>
            <p className="t2">
              Download it and drop it here. It opens from your disk, at any size, and is not uploaded.
            </p>
          </>
        )}
        {isHostsDoing(failure) && <HostAdvice failure={failure} />}
        {stays && (
          <p className="t3" style={{ marginTop: 12 }}>
            {stays} stays open, with everything found so far.
          </p>
        )}
        <div className={css.end}>
          {address !== undefined && (
            <button type="button" className={`${parts.button} ${parts.main}`} onClick={() => invoke('slide.again')}>
              <IconRefresh size={14} stroke={1.6} />
              Try again
            </button>
          )}
          <button type="button" className={parts.button} onClick={() => invoke('slide.open')}>
            <IconFolderOpen size={14} stroke={1.6} />
            Open another
          </button>
          <span className="grow" />
          <button type="button" className={`${parts.button} ${parts.quiet}`} onClick={copy}>
            <IconCopy size={14} stroke={1.6} />
            Copy as report
          </button>
        </div>
      </div>
    </div>
  );
}

const isHostsDoing = ({ tag }: Failure): boolean => tag === 'Unreachable' || tag === 'NoRanges';

function HostAdvice({ failure }: { failure: Failure }) {
  const lines =
    failure.tag === 'NoRanges'
      ? ['proxy_force_ranges on;', 'gzip off;']
      : [
          `add_header Access-Control-Allow-Origin "${window.location.origin}";`,
          'add_header Access-Control-Allow-Headers "Range";',
          'add_header Access-Control-Expose-Headers "Content-Range, Content-Length, Accept-Ranges, ETag";',
        ];
  return (
    <>
      <h2>If you run the host, add this (nginx); if not, send it to who does</h2>
      <pre className={css.code}>{lines.join('\n')}</pre>
    </>
  );
}

const reportOf = (name: string, address: string | undefined, failure: Failure): string =>
  [`Eosin could not read ${address ?? name}.`, describe(failure), JSON.stringify(failure), navigator.userAgent].join(
    '\n',
  );

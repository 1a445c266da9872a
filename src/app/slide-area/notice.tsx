// One notice at a time, bottom left of the slide.
import { IconX } from '@tabler/icons-react';
import { useEffect } from 'react';
import { IconButton } from '../icon-button.tsx';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import css from '../styles/slide-area.module.css';
import { ToneIcon } from '../tone-icon.tsx';
import { useDesk } from '../workbench.ts';

export function NoticeBox() {
  const { stores, invoke } = useDesk();
  const notice = usePicked(stores.window, (state) => state.notice);
  useEffect(() => {
    if (notice?.seconds === undefined) return;
    const timer = setTimeout(
      () => stores.window.setState((state) => (state.notice?.id === notice.id ? { notice: undefined } : {})),
      notice.seconds * 1000,
    );
    return () => clearTimeout(timer);
  }, [notice, stores]);
  if (!notice) return null;
  const close = (): void => stores.window.setState({ notice: undefined });
  const { action } = notice;
  return (
    <div className={`${css.pop} ${css.notice}`} data-testid="notice">
      <ToneIcon tone={notice.tone} />
      <span className="grow">{notice.text}</span>
      {action && (
        <button
          type="button"
          className={`${parts.button} ${parts.small}`}
          onClick={() => {
            close();
            invoke(action.command);
          }}
        >
          {action.label}
        </button>
      )}
      <IconButton small label="Close the notice" icon={IconX} onClick={close} />
    </div>
  );
}

// A host that sends no parts: the file is downloaded as a whole, once, and opened from here.
import { IconDownload } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { isAbort } from '#errors/failure.ts';
import { downloadWhole, type Progress } from '#slide/download.ts';
import { notify } from '../stores/window-store.ts';
import css from '../styles/doctor.module.css';
import parts from '../styles/parts.module.css';
import { useOpenSource } from '../use-open-source.ts';
import { bytes as written } from '../words.ts';
import { useDesk } from '../workbench.ts';

export function DownloadWhole({ address, bytes }: { address: string; bytes: number | undefined }) {
  const { stores } = useDesk();
  const open = useOpenSource();
  const [progress, setProgress] = useState<Progress>();
  const loading = useRef<AbortController>(undefined);
  const stop = (): void => loading.current?.abort(stopped());
  useEffect(() => () => loading.current?.abort(stopped()), []); // with the card
  const start = async (): Promise<void> => {
    const mine = new AbortController();
    loading.current = mine;
    setProgress({ bytes: 0, of: bytes });
    try {
      open(await downloadWhole(address, setProgress, mine));
    } catch (thrown) {
      if (!isAbort(thrown))
        notify(stores.window, { text: String(thrown instanceof Error ? thrown.message : thrown), tone: 'bad' });
      if (loading.current === mine) setProgress(undefined);
    }
  };
  if (!progress) {
    return (
      <button type="button" className={parts.button} onClick={() => void start()}>
        <IconDownload size={14} stroke={1.6} />
        Download the whole file{bytes === undefined ? '' : ` (${written(bytes)})`}
      </button>
    );
  }
  const share = progress.of ? progress.bytes / progress.of : undefined;
  return (
    <span className={css.download}>
      <progress value={share} aria-label="Download" />
      <span className="t2">
        {written(progress.bytes)}
        {progress.of ? ` of ${written(progress.of)}` : ''}
      </span>
      <button type="button" className={parts.button} onClick={stop}>
        Stop
      </button>
    </span>
  );
}

const stopped = (): DOMException => new DOMException('The download was stopped.', 'AbortError');

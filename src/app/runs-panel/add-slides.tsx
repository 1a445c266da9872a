// Slides into the queue: several files, or all that a folder holds.
import { IconFolderPlus, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { isAbort } from '#errors/failure.ts';
import { useFileDialog } from '../file-dialog.tsx';
import type { SlideSources } from '../runs/runs-api.ts';
import { alsoChosen, chosenManifest } from '../stores/models-store.ts';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import css from '../styles/runs.module.css';
import { useDesk } from '../workbench.ts';
import { asked } from './asked.ts';
import { enqueue } from './enqueue.ts';

/** Chromium's way: it hands over what the page may find again after a reload. Others hand over files alone. */
interface Picks {
  showDirectoryPicker(options: { mode: 'read' }): Promise<FileSystemDirectoryHandle>;
  showOpenFilePicker(options: { multiple: true }): Promise<FileSystemFileHandle[]>;
}
const picks = (window: object): window is Picks => 'showDirectoryPicker' in window && 'showOpenFilePicker' in window;

export function AddSlides() {
  const desk = useDesk();
  const { runs } = desk;
  const model = usePicked(desk.stores.models, chosenManifest);
  const along = usePicked(desk.stores.models, (state) => alsoChosen(state).length);
  const [busy, setBusy] = useState(false);
  const add = (sources: SlideSources): void => {
    setBusy(true);
    asked(
      desk,
      enqueue(desk, runs, sources).finally(() => setBusy(false)),
    );
  };
  const pick = async (picking: Promise<SlideSources>): Promise<void> => {
    try {
      add(await picking);
    } catch (thrown) {
      if (!isAbort(thrown)) throw thrown; // the user closed the picker
    }
  };
  const files = useFileDialog({ label: 'Slides for the queue', what: 'files', onFiles: add });
  const folder = useFileDialog({ label: 'Folder for the queue', what: 'a folder', onFiles: add });
  const addFiles = (): void => {
    if (picks(window)) asked(desk, pick(window.showOpenFilePicker({ multiple: true })));
    else files.open();
  };
  const addFolder = (): void => {
    if (picks(window)) asked(desk, pick(window.showDirectoryPicker({ mode: 'read' })));
    else folder.open();
  };
  const off = busy || !model;
  return (
    <>
      <div className={css.add}>
        <button
          type="button"
          className={parts.button}
          aria-disabled={off || undefined}
          onClick={() => !off && addFiles()}
        >
          <IconPlus size={14} stroke={1.6} aria-hidden />
          Add slides
        </button>
        <button
          type="button"
          className={parts.button}
          aria-disabled={off || undefined}
          onClick={() => !off && addFolder()}
        >
          <IconFolderPlus size={14} stroke={1.6} aria-hidden />
          Add a folder
        </button>
        {files.input}
        {folder.input}
      </div>
      <p className="t3" role={busy ? 'status' : undefined}>
        {busy
          ? 'Looking for slides'
          : model
            ? `All tissue of each, with ${model.name}${along > 0 ? ` and ${along} more in the same run` : ''}, one after the other. Nothing is uploaded.`
            : 'No model is at hand.'}
      </p>
    </>
  );
}

// Slides into the queue: several files, or all that a folder holds.
import { IconFolderPlus, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useFileDialog } from '../file-dialog.tsx';
import { alsoChosen, chosenManifest } from '../stores/models-store.ts';
import { usePicked } from '../stores.ts';
import parts from '../styles/parts.module.css';
import css from '../styles/runs.module.css';
import { useOpenSource } from '../use-open-source.ts';
import { useDesk } from '../workbench.ts';
import { asked } from './asked.ts';
import { type Come, takeSlides } from './take-slides.ts';

/** Chromium's way: it hands over what the page may find again after a reload. Others hand over files alone. */
interface Picks {
  showDirectoryPicker(options: { mode: 'read' }): Promise<FileSystemDirectoryHandle>;
  showOpenFilePicker(options: { multiple: true }): Promise<FileSystemFileHandle[]>;
}
const picks = (window: object): window is Picks => 'showDirectoryPicker' in window && 'showOpenFilePicker' in window;

const held = async (handles: readonly FileSystemFileHandle[]): Promise<Pick<Come, 'from' | 'queued'>> => ({
  from: await Promise.all(handles.map((handle) => handle.getFile())),
  queued: async () => handles,
});

export function AddSlides() {
  const desk = useDesk();
  const open = useOpenSource();
  const model = usePicked(desk.stores.models, chosenManifest);
  const along = usePicked(desk.stores.models, (state) => alsoChosen(state).length);
  const [busy, setBusy] = useState(false);
  const add = (coming: Promise<Pick<Come, 'from' | 'queued'>>): void => {
    const take = async (): Promise<void> => {
      const come = await coming;
      setBusy(true);
      try {
        await takeSlides(desk, { ...come, wanted: 'in the queue' }, open);
      } finally {
        setBusy(false);
      }
    };
    asked(desk, take());
  };
  const onFiles = (from: readonly File[]): void => add(Promise.resolve({ from }));
  const files = useFileDialog({ label: 'Slides for the queue', what: 'files', onFiles });
  const folder = useFileDialog({ label: 'Folder for the queue', what: 'a folder', onFiles });
  const addFiles = (): void => {
    if (picks(window)) add(window.showOpenFilePicker({ multiple: true }).then(held));
    else files.open();
  };
  const addFolder = (): void => {
    if (picks(window)) add(window.showDirectoryPicker({ mode: 'read' }).then((from) => ({ from })));
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

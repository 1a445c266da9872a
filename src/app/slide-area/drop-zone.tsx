// Files and folders may be dropped anywhere on the page. What becomes of them comes when the first are (take-dropped.ts).
import { useEffect, useState } from 'react';
import type { Dropped } from '../runs-panel/dropped.ts';
import css from '../styles/slide-area.module.css';
import { useOpenSource } from '../use-open-source.ts';
import { useDesk } from '../workbench.ts';

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

/** Entries are there only while the event lasts. */
const entriesIn = ({ items }: DataTransfer): FileSystemEntry[] =>
  [...items].flatMap((item) => (item.kind === 'file' ? (item.webkitGetAsEntry() ?? []) : []));

/** What a page may find again after a reload; Chromium's, and while the event lasts too. */
const handlesIn = ({ items }: DataTransfer): Dropped['handles'] =>
  Promise.allSettled(
    [...items].flatMap((item) =>
      item.kind === 'file' && 'getAsFileSystemHandle' in item && typeof item.getAsFileSystemHandle === 'function'
        ? item.getAsFileSystemHandle()
        : [],
    ),
  );

export function DropZone() {
  const [over, setOver] = useState(false);
  const desk = useDesk();
  const open = useOpenSource();
  useEffect(() => {
    const enter = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      setOver(false);
      const entries = entriesIn(event.dataTransfer);
      const files = [...event.dataTransfer.files];
      const folders = entries.some(({ isDirectory }) => isDirectory) ? entries : [];
      if (files.length === 0 && folders.length === 0) return;
      const dropped = { files, folders, handles: handlesIn(event.dataTransfer) };
      void import('./take-dropped.ts').then(({ takeDropped }) => takeDropped(desk, dropped, open));
    };
    const listening = new AbortController();
    const { signal } = listening;
    window.addEventListener('dragenter', enter, { signal });
    window.addEventListener('dragover', enter, { signal });
    window.addEventListener('dragleave', leave, { signal });
    window.addEventListener('drop', drop, { signal });
    return () => listening.abort();
  }, [desk, open]);
  if (!over) return null;
  return (
    <div className={css.drop} aria-hidden>
      <div>
        <strong>Drop to open</strong>
        <span className="t2">
          The slide is read from your disk in parts. Nothing is uploaded. Files or a folder of one slide (DICOM, Zarr)
          open together; several slides are queued. GeoJSON and sessions go onto the open slide, an ONNX model is added.
        </span>
      </div>
    </div>
  );
}

// A slide dropped anywhere on the page opens, of one file or of several; several slides go into the queue of runs. A model
// is added.
import { useEffect, useState } from 'react';
import type { SlideSource } from '#slide/open.ts';
import type { Dropped } from '../runs-panel/dropped.ts';
import css from '../styles/slide-area.module.css';
import { useOpenSource } from '../use-open-source.ts';
import { type Desk, useDesk } from '../workbench.ts';

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

/** Objects or annotations for the slide that is open. */
const isObjects = ({ name }: File): boolean => /\.(geo)?json(\.gz)?$/i.test(name);
const isSession = ({ name }: File): boolean => /\.eosin(\.zip)?$/i.test(name);

const isModel = ({ name }: File): boolean => /\.onnx$/i.test(name);

async function addModel({ stores, wizard }: Desk, files: readonly File[]): Promise<void> {
  stores.window.setState({ sheet: 'wizard' });
  await (await wizard.session()).take(files);
}

/** One after the other; what goes wrong is said on screen and ends it. */
async function takeObjects(desk: Desk, files: readonly File[]): Promise<void> {
  const [{ importFile, openSession }, { asked }] = await Promise.all([
    import('../files/import-file.ts'),
    import('../runs-panel/asked.ts'),
  ]);
  asked(
    desk,
    (async () => {
      for (const file of files) await (isSession(file) ? openSession : importFile)(desk, file);
    })(),
  );
}

async function takeAll(desk: Desk, dropped: Dropped, open: (source: SlideSource) => void) {
  const isLearning = desk.stores.settings.getState().workspace === 'learn' && dropped.folders.length > 0;
  if (isLearning && (await (await import('../learn-panel/take-folders.ts')).takeFolders(desk, dropped.folders))) return;
  const [{ filesOf, slidesOf }, { enqueue }, { asked }, { isOneSlide }] = await Promise.all([
    import('../runs-panel/dropped.ts'),
    import('../runs-panel/enqueue.ts'),
    import('../runs-panel/asked.ts'),
    import('../one-slide.ts'),
  ]);
  const { files, folders } = dropped;
  const all = folders.length > 0 ? await filesOf(folders) : files;
  if (isOneSlide(all.map((file) => file.webkitRelativePath || file.name))) {
    const [held] = folders.length === 1 ? await dropped.handles : [];
    const value = held?.status === 'fulfilled' ? held.value : undefined;
    return open(value instanceof FileSystemDirectoryHandle ? value : all);
  }
  asked(desk, all.some(isModel) ? addModel(desk, all) : enqueue(desk, desk.runs, await slidesOf(dropped)));
}

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
      if (files.length > 0 && folders.length === 0 && files.every((file) => isObjects(file) || isSession(file)))
        void takeObjects(desk, files);
      else if (files.length > 1 || folders.length > 0 || files.some(isModel))
        void takeAll(desk, { files, folders, handles: handlesIn(event.dataTransfer) }, open);
      else if (files[0]) open(files[0]);
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

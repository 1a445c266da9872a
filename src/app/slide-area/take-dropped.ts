// A slide that was dropped opens, of one file or of several; several slides go into the queue of runs. A model is added.
import type { SlideSource } from '#slide/open.ts';
import type { Dropped } from '../runs-panel/dropped.ts';
import type { Desk } from '../workbench.ts';

type Open = (source: SlideSource) => void;

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

async function takeAll(desk: Desk, dropped: Dropped, open: Open) {
  const isLearning = desk.stores.settings.getState().workspace === 'learn' && dropped.folders.length > 0;
  if (isLearning && (await (await import('../learn-panel/take-folders.ts')).takeFolders(desk, dropped.folders))) return;
  const [{ filesOf, slidesOf }, { takeSlides }, { asked }] = await Promise.all([
    import('../runs-panel/dropped.ts'),
    import('../runs-panel/take-slides.ts'),
    import('../runs-panel/asked.ts'),
  ]);
  const { files, folders } = dropped;
  const all = folders.length > 0 ? await filesOf(folders) : files;
  if (all.some(isModel)) return asked(desk, addModel(desk, all));
  const [held] = folders.length === 1 ? await dropped.handles : [];
  const value = held?.status === 'fulfilled' ? held.value : undefined;
  const from = value instanceof FileSystemDirectoryHandle ? value : all;
  asked(desk, takeSlides(desk, { from, queued: () => slidesOf(dropped), wanted: 'on screen' }, open));
}

/** By what they are; files of objects and sessions are for the slide that is open. */
export async function takeDropped(desk: Desk, dropped: Dropped, open: Open): Promise<void> {
  const { files, folders } = dropped;
  const [first] = files;
  if (files.length > 0 && folders.length === 0 && files.every((file) => isObjects(file) || isSession(file)))
    await takeObjects(desk, files);
  else if (files.length > 1 || folders.length > 0 || files.some(isModel)) await takeAll(desk, dropped, open);
  else if (first) open(first);
}

// Slides that come together, wherever they come from (a drop on the page, Open, the queue's buttons), judged alike by what they are.
import { unhurried } from '#channel/waits.ts';
import { areTogether } from '#slide/main-of-folder.ts';
import type { SlideSource } from '#slide/open.ts';
import type { SlideSources } from '../runs/runs-api.ts';
import { alsoChosen } from '../stores/models-store.ts';
import { notify } from '../stores/window-store.ts';
import { plural } from '../words.ts';
import type { Workbench } from '../workbench.ts';

export interface Come {
  readonly from: readonly File[] | FileSystemDirectoryHandle;
  /** The same as the queue keeps it, where that is something else. */
  readonly queued?: () => Promise<SlideSources>;
  readonly wanted: 'on screen' | 'in the queue';
}

/**
 * One slide is opened, or queued, as is wanted; one of several files is opened always, since the queue takes slides of one file
 * each; several slides go into the queue.
 * @throws EosinError BadInput where there is no slide among them
 */
export async function takeSlides(
  desk: Pick<Workbench, 'stores' | 'runs'>,
  { from, queued = async () => from, wanted }: Come,
  open: (source: SlideSource) => void,
): Promise<void> {
  const { window } = desk.stores;
  const together = await areTogether(from, unhurried());
  if (together === 'several files' && wanted === 'in the queue') {
    const text =
      'One slide, which is opened: the queue takes slides of one file each, and no DICOM, MIRAX or OME-Zarr.';
    window.setState({ sheet: undefined });
    notify(window, { text, seconds: 10 });
  }
  if (together === 'several files' || (together === 'one file' && wanted === 'on screen')) return open(from);
  await enqueue(desk, await queued());
}

async function enqueue({ stores, runs }: Pick<Workbench, 'stores' | 'runs'>, sources: SlideSources): Promise<void> {
  const asked = { others: alsoChosen(stores.models.getState()) };
  const { runs: ids, leftOut } = await runs.enqueue(sources, asked, unhurried());
  stores.window.setState({ sheet: 'runs' });
  const text = `${plural(ids.length, 'slide')} added to the queue.`;
  if (leftOut.length === 0) return notify(stores.window, { text, tone: 'good', seconds: 6 });
  const [first = '', ...others] = leftOut;
  const names = others.length === 0 ? first : `${first} and ${others.length} more`;
  notify(stores.window, { text: `${text} Not ${names}: of several files, to be opened by themselves.`, tone: 'warn' });
}

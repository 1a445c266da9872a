// Several slides at once go into the queue, wherever they come from: the panel's buttons, or a drop on the page.
import { unhurried } from '#channel/waits.ts';
import type { RunSession, SlideSources } from '../runs/runs-api.ts';
import { alsoChosen } from '../stores/models-store.ts';
import { notify } from '../stores/window-store.ts';
import { plural } from '../words.ts';
import type { Workbench } from '../workbench.ts';

/** @throws EosinError BadInput where there is no slide among them */
export async function enqueue(
  { stores }: Pick<Workbench, 'stores'>,
  runs: Pick<RunSession, 'enqueue'>,
  sources: SlideSources,
): Promise<void> {
  const ids = await runs.enqueue(sources, { others: alsoChosen(stores.models.getState()) }, unhurried());
  stores.window.setState({ sheet: 'runs' });
  notify(stores.window, { text: `${plural(ids.length, 'slide')} added to the queue.`, tone: 'good', seconds: 6 });
}

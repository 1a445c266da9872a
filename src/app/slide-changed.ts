// The file of the open slide was replaced, or went away, while it was read: told once, with the way to go on.
import { unhurried } from '#channel/waits.ts';
import { printOf } from './slide-session.ts';
import { notify } from './stores/window-store.ts';
import type { Stores } from './stores.ts';
import type { Workbench } from './workbench.ts';

/** A file that was picked cannot be read again once it has changed: it has to be picked anew. */
export function tellChanged({ slide, window }: Pick<Stores, 'slide' | 'window'>): void {
  const { open } = slide.getState();
  if (!open) return;
  notify(window, {
    text: `${open.info.name} was replaced or removed while it was open: what was not read yet is missing. What was found on it so far stays.`,
    tone: 'warn',
    action:
      open.origin === 'address'
        ? { label: 'Open it again', command: 'slide.reopen' }
        : { label: 'Choose it again', command: 'slide.open' },
    ofSlide: true,
  });
}

/** In its tab. What was found comes back with it where it is the same slide still; else the list of runs has it. */
export async function reopen({ slides, stores }: Pick<Workbench, 'slides' | 'stores'>): Promise<void> {
  const { tab } = stores.slide.getState();
  const before = slides.opened()?.slide;
  if (tab === undefined || !before) return;
  const print = await printOf(before);
  await slides.showTab(tab, unhurried());
  const after = slides.opened()?.slide;
  if (!after || print === undefined || print === (await printOf(after)) || slides.opened()?.slide !== after) return;
  const text = `${after.name} is another file than before. What was found on that one is not shown on it; its runs stay in the list.`;
  notify(stores.window, { text, action: { label: 'Show runs', command: 'runs.panel' }, ofSlide: true });
}

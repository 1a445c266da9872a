// What a person does on the slide while Learn is open: a click, a rectangle, a polygon or a lasso gives labels; digits choose
// the class.
import { isInRing } from '#analysis/polygons.ts';
import type { LearnSession } from '../learn/learn-session.ts';
import { notify } from '../stores/window-store.ts';
import { plural } from '../words.ts';
import type { Workbench } from '../workbench.ts';

export function bindSlide(session: LearnSession, { viewer, stores }: Workbench): () => void {
  const say = (text: string): void => notify(stores.window, { text, seconds: 5 });
  const labelRing = (ring: Float64Array, does: 'label' | 'take away'): void => {
    const at = session.inHand;
    const { current, classes } = at.store.getState();
    const of = current === undefined ? undefined : classes[current];
    const rows = at.rowsWhere(({ x, y }) => isInRing(ring, x, y));
    if (does === 'label' && !of) say('Choose a class first: click one, or press its number.');
    else if (rows.length === 0)
      say(`No ${at.noun.one} that was read has its centre inside that line. Draw a larger one.`);
    else {
      at.label(rows, does === 'label' ? current : undefined);
      const what = plural(rows.length, at.noun.one, at.noun.many);
      const announcement = of && does === 'label' ? `${what} labelled ${of.name}.` : `${what} without a label.`;
      stores.window.setState({ announcement });
    }
  };
  const keys = (event: KeyboardEvent): void => {
    const digit = /^[1-9]$/.test(event.key) ? Number(event.key) : undefined;
    if (digit === undefined || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const at = session.inHand;
    if (!at.store.getState().classes[digit - 1]) return;
    event.preventDefault();
    at.setCurrent(digit - 1);
  };
  window.addEventListener('keydown', keys);
  const off = [
    viewer.on('pick', ({ at }) => {
      const { inHand } = session;
      if (inHand.labelAt(at)) return;
      const { current, classes } = inHand.store.getState();
      const unread = inHand.unreadAt(at);
      if (unread !== undefined) say(unread);
      if (inHand.rowAt(at) === undefined) return;
      if (current === undefined)
        say(classes.length === 0 ? 'Add a class first.' : 'Choose a class first: click one, or press its number.');
    }),
    viewer.on('piece', ({ ring, does }) => {
      labelRing(ring, does === 'subtract' ? 'take away' : 'label');
      viewer.setTool('move');
    }),
    viewer.on('lasso', (ring) => {
      labelRing(ring, 'label');
      viewer.setTool('move');
    }),
    viewer.on('pointer', ({ at }) => {
      session.inHand.mark(at && session.inHand.rowAt(at));
    }),
  ];
  session.redraw();
  return () => {
    window.removeEventListener('keydown', keys);
    for (const stop of off) stop();
    session.inHand.mark(undefined);
    viewer.setOutline('brushed', undefined);
    session.redraw();
  };
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');

// A file that a person gives: onto the slide, with what became of it in a sentence.
import { unhurried } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { noSlide } from '../slide-session.ts';
import { notify } from '../stores/window-store.ts';
import { count, plural } from '../words.ts';
import type { Workbench } from '../workbench.ts';
import type { Imported } from './file-desk.ts';

const TELL_EVERY_MS = 500;

/** @throws EosinError BadInput where there is no slide, or nothing could be taken */
export async function importFile({ stores, files }: Pick<Workbench, 'stores' | 'files'>, file: File): Promise<void> {
  if (!stores.slide.getState().open) throw new EosinError(noSlide);
  notify(stores.window, { text: `Reading ${file.name}` });
  const desk = await files.desk();
  let toldAt = performance.now();
  const done = await desk.importGeoJSON(file, unhurried(), (features) => {
    if (performance.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = performance.now();
    notify(stores.window, { text: `Reading ${file.name}: ${plural(features, 'feature')} so far` });
  });
  const isWhole = done.refused.length === 0;
  notify(stores.window, {
    text: saidOf(file.name, done),
    tone: isWhole ? 'good' : 'warn',
    ...(isWhole ? { seconds: 8 } : { action: { label: 'See which', command: 'file.refused' } }),
  });
}

/** @throws EosinError BadInput where there is no slide, or it is no session of it */
export async function openSession({ stores, files }: Pick<Workbench, 'stores' | 'files'>, file: File): Promise<void> {
  if (!stores.slide.getState().open) throw new EosinError(noSlide);
  notify(stores.window, { text: `Reading ${file.name}` });
  const { why, shown } = await (await files.desk()).openSession(file, unhurried());
  if (why !== undefined) {
    const todo = 'Open that slide first.';
    throw new EosinError({ tag: 'BadInput', what: file.name, seen: why.replace(/\.$/, ''), todo });
  }
  const text = `${file.name}: ${plural(shown?.objects ?? 0, 'object')} as they were saved.`;
  notify(stores.window, { text, tone: 'good', seconds: 8 });
}

function saidOf(name: string, { byKind, refused, already }: Imported): string {
  const kinds = (
    [
      ['nuclei', 'nucleus', 'nuclei'],
      ['glands', 'gland', 'glands'],
      ['lumina', 'lumen', 'lumina'],
      ['annotations', 'annotation', 'annotations'],
    ] as const
  ).flatMap(([kind, one, many]) => (byKind[kind] > 0 ? [plural(byKind[kind], one, many)] : []));
  const came = kinds.length > 0 ? `${kinds.join(', ')} from ${name}.` : `Nothing new in ${name}.`;
  const there = already > 0 ? ` ${count(already)} ${already === 1 ? 'was' : 'were'} there already.` : '';
  const not = refused.length > 0 ? ` ${plural(refused.length, 'feature was', 'features were')} not taken.` : '';
  return `${came}${there}${not}`;
}

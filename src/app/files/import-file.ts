// A file that a person gives: onto the slide, with what became of it in a sentence.
import { EosinError } from '#errors/failure.ts';
import { kindsWords } from '../kinds-words.ts';
import { noSlide } from '../slide-session.ts';
import { notify } from '../stores/window-store.ts';
import { count, plural } from '../words.ts';
import type { Workbench } from '../workbench.ts';
import type { Imported } from './file-desk.ts';

/** @throws EosinError BadInput where there is no slide, or nothing could be taken */
export async function importFile({ stores, files }: Pick<Workbench, 'stores' | 'files'>, file: File): Promise<void> {
  if (!stores.slide.getState().open) throw new EosinError(noSlide);
  const done = await files.jobs.run(`Reading ${file.name}`, 'features', async (waits) =>
    (await files.desk()).importGeoJSON(file, waits),
  );
  if (!done) return;
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
  const opened = await files.jobs.run(`Reading ${file.name}`, 'objects', async (waits) =>
    (await files.desk()).openSession(file, waits),
  );
  if (!opened) return;
  const { why, shown } = opened;
  if (why !== undefined) {
    const todo = 'Open that slide first.';
    throw new EosinError({ tag: 'BadInput', what: file.name, seen: why.replace(/\.$/, ''), todo });
  }
  const { objects = 0, said = [] } = shown ?? {};
  const text = [`${file.name}: ${plural(objects, 'object')} as they were saved.`, ...said].join(' ');
  notify(stores.window, { text, ...(said.length > 0 ? { tone: 'warn' } : { tone: 'good', seconds: 8 }) });
}

function saidOf(name: string, { byKind, refused, already, isBehind }: Imported): string {
  const kinds = kindsWords(byKind);
  const came = kinds ? `${kinds} from ${name}.` : `Nothing new in ${name}.`;
  const there = already > 0 ? ` ${count(already)} ${already === 1 ? 'was' : 'were'} there already.` : '';
  const without = refused.filter(({ partly }) => !partly).length;
  const not = without > 0 ? ` ${plural(without, 'feature was', 'features were')} not taken.` : '';
  const partly = without < refused.length ? ' Some came without all they hold.' : '';
  const behind = isBehind ? ' The disk takes it in while you go on.' : '';
  return `${came}${there}${not}${partly}${behind}`;
}

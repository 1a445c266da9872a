// What was learnt, into the downloads.
import { zipSync } from 'fflate';
import type { Labelling } from '../learn/labelling.ts';
import type { LearnSession } from '../learn/learn-session.ts';
import { PATCHES } from '../learn/noun.ts';
import { saveAs, slideName } from '../saving.ts';
import type { HeadSummary, LearntAttention } from '../stores/learn-store.ts';
import { notify } from '../stores/window-store.ts';
import type { Workbench } from '../workbench.ts';

const told = ({ stores }: Workbench, name: string): void =>
  notify(stores.window, { text: `${name} is in your downloads.`, tone: 'good', seconds: 6 });

/** Patches as squares, objects as their outlines, in QuPath's dialect of GeoJSON, each with its class. */
export function saveLabels(bench: Workbench, session: Labelling): void {
  const of = session.noun === PATCHES ? '' : `-${session.noun.many}`;
  const name = `${slideName(bench)}${of}-labels.geojson`;
  saveAs(new Blob([session.labelsGeoJSON()], { type: 'application/geo+json' }), name);
  told(bench, name);
}

export const saveHead = (bench: Workbench, session: Labelling, { id, encoder, block }: HeadSummary): Promise<void> =>
  saveFolder(bench, `${id}-${encoder}-${block}.zip`, session.heads.folder(id));

export const saveAttention = (bench: Workbench, session: LearnSession, of: LearntAttention): Promise<void> =>
  saveFolder(bench, `${of.model}-${of.encoder}-${of.block}.zip`, session.slides.folder(of.model));

/** A model folder as a zip, which the wizard takes again once it is unpacked. */
async function saveFolder(
  bench: Workbench,
  name: string,
  folder: Promise<ReadonlyMap<string, Uint8Array<ArrayBuffer>>>,
): Promise<void> {
  try {
    saveAs(new Blob([zipSync(Object.fromEntries(await folder))], { type: 'application/zip' }), name);
    told(bench, name);
  } catch (thrown) {
    notify(bench.stores.window, { text: thrown instanceof Error ? thrown.message : String(thrown), tone: 'bad' });
  }
}

export function saveCka(bench: Workbench, session: LearnSession): void {
  const csv = session.encoders.ckaCSV();
  if (!csv) return;
  const name = `${slideName(bench)}-cka.csv`;
  saveAs(csv, name);
  told(bench, name);
}

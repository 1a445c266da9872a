// What was learnt, into the downloads.
import { zipSync } from 'fflate';
import type { LearnSession } from '../learn/learn-session.ts';
import { saveAs, slideName } from '../saving.ts';
import type { HeadSummary, LearntAttention } from '../stores/learn-store.ts';
import { notify } from '../stores/window-store.ts';
import type { Workbench } from '../workbench.ts';

const told = ({ stores }: Workbench, name: string): void =>
  notify(stores.window, { text: `${name} is in your downloads.`, tone: 'good', seconds: 6 });

/** Patches as squares in QuPath's dialect of GeoJSON, each with its class. */
export function saveLabels(bench: Workbench, session: LearnSession): void {
  const name = `${slideName(bench)}-labels.geojson`;
  saveAs(new Blob([session.labelsGeoJSON()], { type: 'application/geo+json' }), name);
  told(bench, name);
}

export async function saveHead(bench: Workbench, session: LearnSession, head: HeadSummary): Promise<void> {
  try {
    const files = await session.heads.folder(head.id);
    const name = `${head.id}-${head.encoder}-${head.block}.zip`;
    saveAs(new Blob([zipSync(Object.fromEntries(files))], { type: 'application/zip' }), name);
    told(bench, name);
  } catch (thrown) {
    notify(bench.stores.window, { text: thrown instanceof Error ? thrown.message : String(thrown), tone: 'bad' });
  }
}

export async function saveAttention(bench: Workbench, session: LearnSession, of: LearntAttention): Promise<void> {
  try {
    const files = await session.slides.folder(of.model);
    const name = `${of.model}-${of.encoder}-${of.block}.zip`;
    saveAs(new Blob([zipSync(Object.fromEntries(files))], { type: 'application/zip' }), name);
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

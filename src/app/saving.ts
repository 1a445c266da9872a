// Files for the user's disk: nothing leaves the machine.

import { unhurried } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { ToldWaits } from '#objects/io/open-files.ts';
import type { FileDesk } from './files/file-desk.ts';
import { noSlide } from './slide-session.ts';
import type { ObjectLayer } from './stores/layers-store.ts';
import { OBJECT_LAYERS } from './stores/objects-store.ts';
import { notify } from './stores/window-store.ts';
import type { Workbench } from './workbench.ts';

export function saveAs(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const stem = (name: string): string => name.replace(/\.[^.]+$/, '').replace(/[^\w.-]+/g, '-') || 'slide';

export const slideName = ({ stores }: Pick<Workbench, 'stores'>): string => {
  const { open } = stores.slide.getState();
  if (!open) throw new EosinError(noSlide);
  return stem(open.info.name);
};

/** A file that the desk writes, to the downloads; nothing where it was stopped. */
async function save(
  { files, stores }: Workbench,
  name: string,
  write: (desk: FileDesk, waits: Required<ToldWaits>) => Promise<Blob>,
): Promise<void> {
  const file = await files.jobs.run(`Writing ${name}`, 'object', async (waits) => write(await files.desk(), waits));
  if (!file) return;
  saveAs(file, name);
  notify(stores.window, { text: `${name} is in your downloads.`, tone: 'good', seconds: 6 });
}

export async function saveGeoJSON(bench: Workbench, { gzip }: { gzip: boolean }): Promise<void> {
  const name = `${slideName(bench)}.geojson${gzip ? '.gz' : ''}`;
  await save(bench, name, (desk, waits) => desk.exportGeoJSON(OBJECT_LAYERS, gzip, waits));
}

export async function saveTable(bench: Workbench, kind: ObjectLayer, as: 'csv' | 'parquet'): Promise<void> {
  const name = `${slideName(bench)}-${kind}.${as}`;
  await save(bench, name, (desk, waits) => desk.exportTable(kind, as, waits));
}

export async function saveImage(bench: Workbench, of: 'tissue' | 'attention' | ObjectLayer): Promise<void> {
  const name = `${slideName(bench)}-${of}.ome.tif`;
  await save(bench, name, (desk, waits) => desk.exportImage(of, waits));
}

export async function saveFeatures(bench: Workbench): Promise<void> {
  const { featuresFile } = await import('./files/features-file.ts');
  const set = bench.learn.loaded()?.shownSet();
  const name = `${slideName(bench)}-${set?.features.encoder.id ?? 'embeddings'}.npz`;
  saveAs(await featuresFile(set, unhurried()), name);
  notify(bench.stores.window, { text: `${name} is in your downloads.`, tone: 'good', seconds: 6 });
}

export async function saveReport(bench: Workbench): Promise<void> {
  const name = `${slideName(bench)}-report.html`;
  await save(bench, name, (desk, waits) => desk.exportReport(waits));
}

export async function saveSession(bench: Workbench): Promise<void> {
  const name = `${slideName(bench)}.eosin.zip`;
  await save(bench, name, (desk, waits) => desk.exportSession(waits));
}

export async function saveSnapshot(bench: Workbench): Promise<void> {
  const name = `${slideName(bench)}.png`;
  saveAs(await bench.viewer.snapshot(unhurried()), name);
  notify(bench.stores.window, { text: `${name} is in your downloads.`, tone: 'good', seconds: 6 });
}

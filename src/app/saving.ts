// Files for the user's disk: nothing leaves the machine.

import { EosinError } from '#errors/failure.ts';
import type { ToldWaits } from '#objects/io/open-files.ts';
import type { FileDesk, ImageOf } from './files/file-desk.ts';
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

type Told = Required<ToldWaits>;

/** A file to the downloads, told as it is made; nothing where it was stopped. @param nouns of what is counted */
async function save(
  { files, stores }: Workbench,
  name: string,
  write: (waits: Told) => Promise<Blob>,
  nouns = 'objects',
): Promise<void> {
  const file = await files.jobs.run(`Writing ${name}`, nouns, write);
  if (!file) return;
  saveAs(file, name);
  notify(stores.window, { text: `${name} is in your downloads.`, tone: 'good', seconds: 6 });
}

/** A file that the desk writes. */
const saveOfDesk = (
  bench: Workbench,
  name: string,
  write: (desk: FileDesk, waits: Told) => Promise<Blob>,
): Promise<void> => save(bench, name, async (waits) => write(await bench.files.desk(), waits));

export async function saveGeoJSON(bench: Workbench, { gzip }: { gzip: boolean }): Promise<void> {
  const name = `${slideName(bench)}.geojson${gzip ? '.gz' : ''}`;
  await saveOfDesk(bench, name, (desk, waits) => desk.exportGeoJSON(OBJECT_LAYERS, gzip, waits));
}

export async function saveTable(bench: Workbench, kind: ObjectLayer, as: 'csv' | 'parquet'): Promise<void> {
  const name = `${slideName(bench)}-${kind}.${as}`;
  await saveOfDesk(bench, name, (desk, waits) => desk.exportTable(kind, as, waits));
}

export async function saveImage(bench: Workbench, of: ImageOf): Promise<void> {
  const name = `${slideName(bench)}-${of}.ome.tif`;
  await saveOfDesk(bench, name, (desk, waits) => desk.exportImage(of, waits));
}

export async function saveFeatures(bench: Workbench): Promise<void> {
  const set = bench.learn.loaded()?.shownSet();
  const name = `${slideName(bench)}-${set?.features.encoder.id ?? 'embeddings'}.npz`;
  const write = async (waits: Told): Promise<Blob> =>
    (await import('./files/features-file.ts')).featuresFile(set, waits);
  await save(bench, name, write, 'patches');
}

export async function saveReport(bench: Workbench): Promise<void> {
  const name = `${slideName(bench)}-report.html`;
  await saveOfDesk(bench, name, (desk, waits) => desk.exportReport(waits));
}

export async function saveSession(bench: Workbench): Promise<void> {
  const name = `${slideName(bench)}.eosin.zip`;
  await saveOfDesk(bench, name, (desk, waits) => desk.exportSession(waits));
}

export async function saveSnapshot(bench: Workbench): Promise<void> {
  await save(bench, `${slideName(bench)}.png`, (waits) => bench.viewer.snapshot(waits));
}

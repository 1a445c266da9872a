// Files for the user's disk: nothing leaves the machine.

import { unhurried } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
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

export async function saveGeoJSON(bench: Workbench, { gzip }: { gzip: boolean }): Promise<void> {
  const name = `${slideName(bench)}.geojson${gzip ? '.gz' : ''}`;
  const desk = await bench.files.desk();
  saveAs(await desk.exportGeoJSON(OBJECT_LAYERS, gzip, unhurried()), name);
  notify(bench.stores.window, { text: `${name} is in your downloads.`, tone: 'good', seconds: 6 });
}

export async function saveTable(bench: Workbench, kind: ObjectLayer, as: 'csv' | 'parquet'): Promise<void> {
  const name = `${slideName(bench)}-${kind}.${as}`;
  const desk = await bench.files.desk();
  saveAs(await desk.exportTable(kind, as, unhurried()), name);
  notify(bench.stores.window, { text: `${name} is in your downloads.`, tone: 'good', seconds: 6 });
}

export async function saveImage(bench: Workbench, of: 'tissue' | 'attention' | ObjectLayer): Promise<void> {
  const name = `${slideName(bench)}-${of}.ome.tif`;
  saveAs(await (await bench.files.desk()).exportImage(of, unhurried()), name);
  notify(bench.stores.window, { text: `${name} is in your downloads.`, tone: 'good', seconds: 6 });
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
  saveAs(await (await bench.files.desk()).exportReport(unhurried()), name);
  notify(bench.stores.window, { text: `${name} is in your downloads.`, tone: 'good', seconds: 6 });
}

export async function saveSession(bench: Workbench): Promise<void> {
  const name = `${slideName(bench)}.eosin.zip`;
  saveAs(await (await bench.files.desk()).exportSession(unhurried()), name);
  notify(bench.stores.window, { text: `${name} is in your downloads.`, tone: 'good', seconds: 6 });
}

export async function saveSnapshot(bench: Workbench): Promise<void> {
  const name = `${slideName(bench)}.png`;
  saveAs(await bench.viewer.snapshot(unhurried()), name);
  notify(bench.stores.window, { text: `${name} is in your downloads.`, tone: 'good', seconds: 6 });
}

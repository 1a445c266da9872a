// Files of objects, written and read on a worker of their own: the main thread only hands batches over.
import { unhurried, type Waits } from '#channel/waits.ts';
import { type Spawned, spawned, WorkerSet } from '#channel/worker-set.ts';
import { rowsOf } from '../builder.ts';
import { buffersOf, type ObjectColumns } from '../columns.ts';
import type { SlideFrame } from './feature-objects.ts';
import type { FileCalls, GeoJsonAsked, LabelStrip, Strip, TableAsked } from './file-calls.ts';
import type { ReadBatch } from './geojson-read.ts';
import type { OmeImage } from './ome-xml.ts';
import { buffersOfBatch, type ObjectTableOf } from './table.ts';

const ROWS = 4000; // handed over at once: a copy of about 0.6 MB

export interface ToldWaits extends Waits {
  readonly onProgress?: (done: number) => void; // objects, or features, so far
}

export interface Files extends Disposable {
  /** Borrowed: what changes meanwhile does not get in, for columns are snapshots. */
  writeGeoJSON(batches: readonly ObjectColumns[], asked: GeoJsonAsked, waits: ToldWaits): Promise<Blob>;
  /** @param rows of the table */
  writeTable(table: ObjectTableOf, rows: number, asked: Omit<TableAsked, 'columns'>, waits: ToldWaits): Promise<Blob>;
  /** @param strips of TILE rows, from the top, channel by channel; their values are gone afterwards */
  writeImage(image: OmeImage, strips: Iterable<Strip>, waits: Waits): Promise<Blob>;
  /** @param px level-0 pixels a pixel of the image is wide */
  writeLabels(image: OmeImage, px: number, strips: Iterable<LabelStrip>, waits: Waits): Promise<Blob>;
  /** @throws EosinError BadInput where nothing at all can be read */
  readGeoJSON(from: Blob, slide: SlideFrame, waits: Waits): AsyncGenerator<ReadBatch, void, undefined>;
}

export function openFiles(spawn: () => Spawned = spawnWorker): Files {
  const workers = new WorkerSet<FileCalls>(spawn, 'The file worker');
  const channel = () => (workers.members[0] ?? workers.start()).channel;
  /** Whatever becomes of it, the worker keeps nothing of it. */
  const leave = (file: number): void =>
    void channel()
      .call('leave', { file }, unhurried())
      .catch(() => undefined);
  return {
    async writeGeoJSON(batches, asked, { signal, onProgress }) {
      const { file } = await channel().call('beginGeoJSON', asked, { signal });
      try {
        let done = 0;
        let writing: Promise<unknown> = Promise.resolve(); // one batch is written while the next is copied
        for (const columns of batches) {
          for (let from = 0; from < columns.count; from += ROWS) {
            const rows = Uint32Array.from({ length: Math.min(ROWS, columns.count - from) }, (_, k) => from + k);
            const objects = rowsOf(columns, rows);
            const transfer = buffersOf(objects);
            await writing;
            writing = channel().call('addObjects', { file, objects }, { signal, transfer });
            writing.catch(() => undefined); // heard of with the next
            onProgress?.((done += objects.count));
          }
        }
        await writing;
        return await channel().call('endFile', { file }, { signal });
      } finally {
        leave(file);
      }
    },
    async writeTable(table, rows, asked, { signal, onProgress }) {
      const { file } = await channel().call('beginTable', { ...asked, columns: table.columns }, { signal });
      try {
        for (let from = 0; from < rows; from += ROWS) {
          const batch = table.batch(from, Math.min(rows, from + ROWS));
          await channel().call('addRows', { file, batch }, { signal, transfer: buffersOfBatch(batch) });
          onProgress?.(Math.min(rows, from + ROWS));
        }
        return await channel().call('endFile', { file }, { signal });
      } finally {
        leave(file);
      }
    },
    async writeImage(image, strips, { signal }) {
      const { file } = await channel().call('beginImage', image, { signal });
      try {
        for (const strip of strips)
          await channel().call('addStrip', { file, ...strip }, { signal, transfer: [strip.values.buffer] });
        return await channel().call('endFile', { file }, { signal });
      } finally {
        leave(file);
      }
    },
    async writeLabels(image, px, strips, { signal }) {
      const { file } = await channel().call('beginImage', image, { signal });
      try {
        for (const strip of strips) {
          const transfer = [...buffersOf(strip.objects), strip.labels.buffer];
          await channel().call('addLabels', { file, px, ...strip }, { signal, transfer });
        }
        return await channel().call('endFile', { file }, { signal });
      } finally {
        leave(file);
      }
    },
    async *readGeoJSON(from, slide, { signal }) {
      const { file } = await channel().call('readGeoJSON', { from, slide }, { signal });
      try {
        const next = (): Promise<ReadBatch | undefined> => {
          const asked = channel().call('nextObjects', { file }, { signal });
          asked.catch(() => undefined); // whoever leaves early does not wait for it
          return asked;
        };
        for (let coming = next(); ; ) {
          const batch = await coming;
          if (!batch) return;
          coming = next(); // it reads on while this one is put onto the slide
          yield batch;
        }
      } finally {
        leave(file);
      }
    },
    [Symbol.dispose]: () => workers.close(),
  };
}

const spawnWorker = (): Spawned =>
  spawned(new Worker(new URL('./files.worker.ts', import.meta.url), { type: 'module', name: 'eosin files' }));

// The file worker's work, for any port.
import { moved, type Port, serve } from '#channel/channel.ts';
import type { Spawned } from '#channel/worker-set.ts';
import { EosinError } from '#errors/failure.ts';
import { buffersOf, type ObjectColumns } from '../columns.ts';
import { CsvWriter } from './csv.ts';
import type { FileCalls } from './file-calls.ts';
import { FileSink, type Sink } from './file-sink.ts';
import { objectsOf, pulling, type ReadBatch } from './geojson-read.ts';
import { FeatureWriter } from './geojson-write.ts';
import type { ImageFile } from './image-file.ts';
import { Packers } from './packing.ts';
import type { ParquetTable } from './parquet.ts';
import type { TableBatch } from './table.ts';

/** Whatever writes a file batch by batch. */
interface Writer<Batch> {
  write(batch: Batch): void;
  end(): void;
  take(): Uint8Array<ArrayBuffer>;
}

interface Written<Batch> {
  readonly sink: Sink;
  readonly writer: Writer<Batch>;
}

interface Read {
  readonly batches: AsyncGenerator<ReadBatch, void, undefined>;
  readonly leaving: AbortController;
}

/** @param spawnPacker the worker that packs, once something is to be packed */
export function serveFiles(port: Port, spawnPacker: () => Spawned): void {
  const packers = new Packers(spawnPacker);
  const written = new Map<number, Written<ObjectColumns>>();
  const tables = new Map<number, Written<TableBatch>>();
  const images = new Map<number, ImageFile>();
  const reading = new Map<number, Read>();
  let last = 0;
  serve<FileCalls>(port, {
    beginGeoJSON: ({ mpp, gzip }) => {
      const sink = gzip ? packers.sink() : new FileSink('application/geo+json');
      written.set(++last, { sink, writer: new FeatureWriter(mpp) });
      return { file: last };
    },
    addObjects: ({ file, objects }) => add(of(written, file), objects),
    beginTable: async ({ as, columns, about }) => {
      const writer = as === 'csv' ? new CsvWriter(columns) : await parquetTable(columns, about);
      tables.set(++last, { sink: new FileSink(writer.type), writer });
      return { file: last };
    },
    addRows: ({ file, batch }) => add(of(tables, file), batch),
    beginImage: async (image) => {
      const { ImageFile } = await import('./image-file.ts');
      images.set(++last, new ImageFile(image));
      return { file: last };
    },
    addStrip: async ({ file, channel, values }) => {
      await of(images, file).strip(channel, values);
      return undefined;
    },
    addLabels: async ({ file, strip, objects, labels, px }) => {
      await of(images, file).labels(strip, objects, labels, px);
      return undefined;
    },
    endFile: async ({ file }) => {
      const image = images.get(file);
      images.delete(file);
      if (image) return image.end();
      const { writer, sink } = written.get(file) ?? of(tables, file);
      written.delete(file);
      tables.delete(file);
      writer.end();
      await sink.write(writer.take());
      return sink.end();
    },
    readGeoJSON: async ({ from, slide }) => {
      const leaving = new AbortController();
      const pull = await pulling(from, (packed) => packers.unpacked(packed, leaving.signal));
      reading.set(++last, { batches: objectsOf(pull, slide, leaving), leaving });
      return { file: last };
    },
    nextObjects: async ({ file }) => {
      const next = await of(reading, file).batches.next();
      if (next.done) {
        reading.delete(file);
        return undefined;
      }
      return moved(next.value, next.value.objects.flatMap(buffersOf));
    },
    leave: ({ file }) => {
      written.get(file)?.sink.leave();
      tables.get(file)?.sink.leave();
      images.get(file)?.leave();
      images.delete(file);
      reading.get(file)?.leaving.abort();
      written.delete(file);
      tables.delete(file);
      reading.delete(file);
      return undefined;
    },
  });
}

async function add<Batch>({ writer, sink }: Written<Batch>, batch: Batch): Promise<undefined> {
  writer.write(batch);
  await sink.write(writer.take());
}

async function parquetTable(...asked: ConstructorParameters<typeof ParquetTable>): Promise<ParquetTable> {
  const { ParquetTable } = await import('./parquet.ts');
  return new ParquetTable(...asked);
}

function of<T>(files: ReadonlyMap<number, T>, file: number): T {
  const found = files.get(file);
  if (!found) throw new EosinError({ tag: 'UseAfterDispose', label: 'A file' });
  return found;
}

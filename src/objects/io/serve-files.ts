// The file worker's work, for any port.
import { moved, type Port, serve } from '#channel/channel.ts';
import { EosinError } from '#errors/failure.ts';
import { buffersOf } from '../columns.ts';
import type { FileCalls } from './file-calls.ts';
import { FileSink } from './file-sink.ts';
import { objectsOf, pulling, type ReadBatch, unpacked } from './geojson-read.ts';
import { FeatureWriter } from './geojson-write.ts';

interface Written {
  readonly sink: FileSink;
  readonly writer: FeatureWriter;
}

interface Read {
  readonly batches: AsyncGenerator<ReadBatch, void, undefined>;
  readonly leaving: AbortController;
}

export function serveFiles(port: Port): void {
  const written = new Map<number, Written>();
  const reading = new Map<number, Read>();
  let last = 0;
  serve<FileCalls>(port, {
    beginGeoJSON: ({ mpp, gzip }) => {
      written.set(++last, { sink: new FileSink('application/geo+json', gzip), writer: new FeatureWriter(mpp) });
      return { file: last };
    },
    addObjects: async ({ file, objects }) => {
      const { writer, sink } = of(written, file);
      writer.write(objects);
      await sink.write(writer.take());
      return undefined;
    },
    endFile: async ({ file }) => {
      const { writer, sink } = of(written, file);
      written.delete(file);
      writer.end();
      await sink.write(writer.take());
      return sink.end();
    },
    readGeoJSON: async ({ from, slide }) => {
      const leaving = new AbortController();
      const pull = pulling(await unpacked(from));
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
      reading.get(file)?.leaving.abort();
      written.delete(file);
      reading.delete(file);
      return undefined;
    },
  });
}

function of<T>(files: ReadonlyMap<number, T>, file: number): T {
  const found = files.get(file);
  if (!found) throw new EosinError({ tag: 'UseAfterDispose', label: 'A file' });
  return found;
}

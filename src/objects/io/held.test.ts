// What of a slide full of objects is on its way to the file worker at any moment: a batch or two, however many there are.
import { expect, test } from 'vitest';
import type { Port } from '#channel/channel.ts';
import type { Spawned } from '#channel/worker-set.ts';
import { squares } from '../testing/squares.ts';
import type { LabelStrip } from './file-calls.ts';
import { openFiles } from './open-files.ts';
import { servePacking } from './packing.ts';
import { serveFiles } from './serve-files.ts';
import { tableOf } from './table.ts';

const calm = { signal: new AbortController().signal };
const COUNT = 120_000;

function channelTo(serve: (port: Port) => void, ours: (port: MessagePort) => Port = (port) => port): Spawned {
  const { port1, port2 } = new MessageChannel();
  serve(port2);
  for (const port of [port1, port2]) port.start();
  const terminate = (): void => [port1, port2].forEach((port) => void port.close());
  return { port: ours(port1), terminate, onError: () => undefined };
}

/** Files whose worker is watched: the most bytes that had been handed over and were not answered yet, and all bytes. */
function watchedFiles() {
  const handed = new Map<number, number>(); // by message
  const seen = { most: 0, all: 0 };
  const watch = (port: MessagePort): Port => {
    port.addEventListener('message', ({ data }) => void handed.delete(data.id));
    return {
      postMessage: (message: { id: number }, transfer) => {
        const bytes = transfer.reduce<number>((sum, of) => sum + (of instanceof ArrayBuffer ? of.byteLength : 0), 0);
        handed.set(message.id, bytes);
        seen.all += bytes;
        seen.most = Math.max(
          seen.most,
          [...handed.values()].reduce((sum, of) => sum + of, 0),
        );
        port.postMessage(message, transfer);
      },
      addEventListener: (type, listener) => port.addEventListener(type, listener),
      removeEventListener: (type, listener) => port.removeEventListener(type, listener),
    };
  };
  const files = openFiles(() => channelTo((port) => serveFiles(port, () => channelTo(servePacking)), watch));
  return { files, seen };
}

test.each([false, true])('GeoJSON, and with it a session: packed %s', async (gzip) => {
  const { files, seen } = watchedFiles();
  using _ = files;
  await files.writeGeoJSON([squares(COUNT)], { mpp: undefined, gzip }, calm);
  expect(seen.all).toBeGreaterThan(5e6);
  expect(seen.most).toBeLessThan(seen.all / 10); // a batch of 4,000 of 120,000, and the next
});

test.each(['csv', 'parquet'] as const)('a table as %s', async (as) => {
  const { files, seen } = watchedFiles();
  using _ = files;
  const measures = { kind: 'nuclei', version: 0, count: COUNT, names: [], units: [], columns: {} } as const;
  await files.writeTable(tableOf(squares(COUNT), measures), COUNT, { as, about: {} }, calm);
  expect(seen.all).toBeGreaterThan(2e6);
  expect(seen.most).toBeLessThan(seen.all / 20);
});

test('labels: the objects of a strip', async () => {
  const { files, seen } = watchedFiles();
  using _ = files;
  let made = 0;
  const strips = function* (): Generator<LabelStrip> {
    for (let strip = 0; strip < 8; strip++) {
      made++;
      yield { strip, objects: squares(2000), labels: Uint32Array.from({ length: 2000 }, (_, k) => k + 1) };
    }
  };
  const channels = [{ name: 'x', color: undefined }];
  const image = { name: 'L', width: 512, height: 8 * 512, type: 'uint16', channels, umPerPx: undefined } as const;
  await files.writeLabels({ ...image, at: { x: 0, y: 0 } }, 1, strips(), calm);
  expect(made).toBe(8);
  expect(seen.most).toBeLessThan(seen.all / 7);
});

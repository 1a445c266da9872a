// Whoever leaves in the middle of a file gets the signal's reason, and neither worker keeps anything of it.
import { describe, expect, test } from 'vitest';
import { filesHere } from '../testing/files-here.ts';
import { SLIDE } from '../testing/geojson-files.ts';
import { squares } from '../testing/squares.ts';
import { tableOf } from './table.ts';

const calm = { signal: new AbortController().signal };
const why = new DOMException('Stopped.', 'AbortError');

/** Left once so many of the objects are told. */
function leaving(at: number) {
  const left = new AbortController();
  const onProgress = (done: number): void => {
    if (done >= at) left.abort(why);
  };
  return { signal: left.signal, onProgress };
}

describe.each([1, 8000, 20_000])('left after %i objects', (at) => {
  test.each([false, true])('GeoJSON, packed %s', async (gzip) => {
    const calls: string[] = [];
    using files = filesHere((call) => calls.push(call));
    const objects = [squares(20_000)];
    await expect(files.writeGeoJSON(objects, { mpp: undefined, gzip }, leaving(at))).rejects.toBe(why);
    await expect.poll(() => calls.filter((call) => call === 'leave').length).toBe(gzip ? 2 : 1);
    expect(calls).not.toContain('endFile');
    expect(calls).not.toContain('end');
    expect((await files.writeGeoJSON(objects, { mpp: undefined, gzip }, calm)).size).toBeGreaterThan(100_000);
  });
  test.each(['csv', 'parquet'] as const)('%s', async (as) => {
    using files = filesHere();
    const objects = squares(20_000);
    const table = tableOf(objects, {
      kind: 'nuclei',
      version: 0,
      count: objects.count,
      names: [],
      units: [],
      columns: {},
    });
    await expect(files.writeTable(table, objects.count, { as, about: {} }, leaving(at))).rejects.toBe(why);
    expect((await files.writeTable(table, objects.count, { as, about: {} }, calm)).size).toBeGreaterThan(1000);
  });
});

test.each([false, true])(
  'reading, packed %s: the file is let go of, whether by the signal or by leaving the loop',
  async (gzip) => {
    const calls: string[] = [];
    using files = filesHere((call) => calls.push(call));
    const leaves = (): number => calls.filter((call) => call === 'leave').length;
    const file = await files.writeGeoJSON([squares(20_000)], { mpp: undefined, gzip }, calm);
    await expect.poll(leaves).toBe(1);
    const left = new AbortController();
    const reading = async (): Promise<void> => {
      for await (const { imported } of files.readGeoJSON(file, SLIDE, { signal: left.signal }))
        if (imported >= 4000) left.abort(why);
    };
    await expect(reading()).rejects.toBe(why);
    for await (const _batch of files.readGeoJSON(file, SLIDE, calm)) break;
    await expect.poll(leaves).toBe(gzip ? 5 : 3); // the worker that unpacks lets go, too
    let imported = 0;
    for await (const batch of files.readGeoJSON(file, SLIDE, calm)) imported = batch.imported;
    expect(imported).toBe(20_000);
  },
);

test('a signal that was aborted before nothing is begun with', async () => {
  using files = filesHere();
  const asked = { mpp: undefined, gzip: true };
  await expect(files.writeGeoJSON([squares(3)], asked, { signal: AbortSignal.abort(why) })).rejects.toBe(why);
});

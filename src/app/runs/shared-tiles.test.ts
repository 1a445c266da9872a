// A run that takes attention along: what the driver hands to both.
import { expect, test, vi } from 'vitest';
import { allTissue, encoder, manifest, standInEncoder, standInRows } from '../attention/testing/attention-bench.ts';
import { bench, PATCHES, signal, slowAnalysis } from '../testing/run-bench.ts';

const beside = (ran: () => void = () => undefined) => ({
  manifests: [encoder, manifest],
  encoder: standInEncoder(ran),
  rows: standInRows(),
  tissue: allTissue,
});
const whole = { x: 0, y: 0, width: 1000, height: 800 };

test('reads each tile of the slide once, for the run and for the encoder', async () => {
  let embedded = 0;
  const inner = slowAnalysis();
  inner.open(PATCHES);
  const tiles = Array.from({ length: 80 }, (_, i) => ({ level: 0, col: i % 10, row: Math.floor(i / 10) }));
  /** Reads what it is given, as a run does. */
  const analyse: typeof inner.analyse = async function* (asked, waits) {
    await Promise.all(tiles.map((tile) => asked.slide.readTile(tile, waits)));
    return yield* inner.analyse(asked, waits);
  };
  const { runs, opened } = await bench({ ...inner, analyse }, { beside: beside(() => embedded++) });
  const [slide] = opened;
  if (!slide) throw new Error('no slide is open');
  const read = vi.spyOn(slide, 'readTile');
  const result = await runs.analyse({ region: whole, attention: manifest.id }, { signal });
  expect([embedded, result.attention?.count]).toEqual([16, 16]);
  expect(result.models.map(({ id }) => id)).toContain(encoder.id);
  const places = read.mock.calls.map(([{ col, row }]) => `${col},${row}`);
  expect(new Set(places).size).toBe(80);
  expect(places).toHaveLength(80);
});

test('goes on without attention whose models do not load, and names none of them', async () => {
  const analysis = slowAnalysis();
  analysis.open(PATCHES);
  const broken = {
    ...beside(),
    get rows(): never {
      throw new Error('its file is not there');
    },
  };
  const { runs, stores } = await bench(analysis, { beside: broken });
  const result = await runs.analyse({ region: whole, attention: manifest.id }, { signal });
  expect([result.patches, result.attention, result.models.length]).toEqual([5, undefined, 1]);
  expect(stores.attention.getState().problem).toEqual({ tag: 'Unexpected', reason: 'its file is not there' });
});

import { expect, test } from 'vitest';
import { LEFT_EARLY, type RunEnd, type RunEvent } from '#analysis/events.ts';
import { EosinError } from '#errors/failure.ts';
import { mpp } from '#units/units.ts';
import { stubSlide } from '../testing/stub-slide.ts';
import { attentionBench as bench, encoder, manifest } from './testing/attention-bench.ts';

const { signal } = new AbortController();

const tumour = (of: readonly number[] | undefined): number => of?.[1] ?? Number.NaN;

test('a region by itself brings a prediction, a strip and how much half of the attention is', async () => {
  const { session, stores } = await bench();
  await session.compute('view');
  const { findings, problem, embedding } = stores.attention.getState();
  expect([problem, embedding]).toEqual([undefined, undefined]);
  expect(findings).toMatchObject({ model: 'attention-crc', patches: 16, counted: 16 });
  expect(findings?.prediction?.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 6);
  expect(findings?.most[0]?.box.x).toBeCloseTo(672); // the last of four columns
  expect(findings?.least[0]?.box.x).toBe(0);
  expect(findings?.half).toBeLessThan(8);
  expect(findings?.histogram.reduce((sum, n) => sum + n, 0)).toBe(16);
});

test('what is lassoed out counts no more, and counts again when put back; nothing is embedded for it', async () => {
  const { session, stores, embedded } = await bench();
  await session.compute('view');
  const before = stores.attention.getState().findings;
  const runs = embedded();
  session.leaveOut(Float64Array.from([650, 0, 1000, 0, 1000, 900, 650, 900]));
  const { findings, pieces } = stores.attention.getState();
  expect(pieces).toEqual([{ id: 1, patches: 4 }]);
  expect(findings?.counted).toBe(12);
  expect(tumour(findings?.prediction)).toBeLessThan(tumour(before?.prediction));
  expect(findings?.whole).toEqual(before?.prediction);
  expect(findings?.most[0]?.box.x).toBeCloseTo(448);
  session.putBack();
  expect(stores.attention.getState().findings).toEqual(before);
  await session.compute('view');
  expect(embedded()).toBe(runs);
});

test('a line around no patch is taken back, and said', async () => {
  const { session, stores } = await bench();
  await session.compute('view');
  session.leaveOut(Float64Array.from([1, 1, 5, 1, 5, 5]));
  expect(stores.attention.getState().pieces).toEqual([]);
  expect(stores.window.getState().notice?.text).toMatch(/No patch has its centre inside/);
});

test('another slide forgets what was found and the sets of the console', async () => {
  const { session, stores, slides } = await bench();
  const { set, rows } = await session.console.embed({ encoder: encoder.id, region: 'tissue' }, { signal });
  expect([rows, session.console.features(set, 'block2').dims]).toEqual([16, 128]);
  await slides.open('phantom:2', { signal });
  expect(() => session.console.features(set, undefined)).toThrow(/none named/);
  expect(stores.attention.getState().embedding).toBeUndefined();
});

test('an encoder that the attention model does not read is refused before anything is computed', async () => {
  const { session, stores, embedded } = await bench();
  const other = { ...encoder, id: 'other', sha256: '0'.repeat(64) };
  stores.models.setState({ manifests: [encoder, other, manifest] });
  stores.attention.setState({ encoder: 'other' });
  await session.compute('view');
  const { problem } = stores.attention.getState();
  expect(problem && new EosinError(problem).message).toMatch(/reads those of resnet18-simclr/);
  expect(embedded()).toBe(0);
});

test('the console: rows left out change prediction and order, never the logits', async () => {
  const { session } = await bench();
  const { set } = await session.console.embed({ encoder: encoder.id, region: 'tissue' }, { signal });
  const all = await session.console.attend('attention-crc', set, undefined, { signal });
  const part = await session.console.attend('attention-crc', set, all.top.slice(0, 4), { signal });
  expect(part.raw).toEqual(all.raw);
  expect(part.top).toEqual(all.top.slice(4));
  expect(part.prediction.Tumour).toBeLessThan(all.prediction.Tumour ?? 0);
  await expect(session.console.attend('attention-crc', set, [99], { signal })).rejects.toThrow(/Give 0 to 15/);
  await expect(session.console.attend('attention-crc', set, all.top, { signal })).rejects.toThrow(/left out/);
});

async function* endsAtOnce(): AsyncGenerator<RunEvent, RunEnd, undefined> {
  yield { kind: 'planned', patches: 0, cores: [], areaPx: 0 };
  return LEFT_EARLY;
}

test('a run and the attention it takes along read each tile of the slide once', async () => {
  const { session, embedded } = await bench();
  const inner = stubSlide('phantom:1');
  const reads: string[] = [];
  const slide: typeof inner = {
    ...inner,
    readTile: (at, waits) => {
      reads.push(`${at.col},${at.row}`);
      return inner.readTile(at, waits);
    },
  };
  const region = { x: 0, y: 0, width: 1000, height: 800 };
  const at = { x: mpp(0.5), y: mpp(0.5) };
  const asked = { slide, mpp: at, region, device: 'wasm', model: undefined } as const;
  const beside = session.work.beside(asked, { signal });
  if (!beside) throw new Error('attention does not come along');
  const tiles = Array.from({ length: 80 }, (_, i) => ({ level: 0, col: i % 10, row: Math.floor(i / 10) }));
  await Promise.all(tiles.map((tile) => beside.slide.readTile(tile, { signal }))); // as the run does
  const events = beside.events(endsAtOnce(), { signal });
  for (let next = await events.next(); !next.done; ) next = await events.next();
  expect(embedded()).toBe(16);
  expect(new Set(reads).size).toBe(80);
  expect(reads).toHaveLength(80);
});

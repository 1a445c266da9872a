import { expect, test } from 'vitest';
import type { EmbedEnd, EmbedEvent } from '#analysis/embed.ts';
import type { RunEnd, RunEvent } from '#analysis/events.ts';
import type { Failure } from '#errors/failure.ts';
import { type AttentionEvent, type BesideNeeds, besideRun } from './beside-run.ts';

const core = (k: number) => ({ x: 100 * k, y: 0, width: 100, height: 100 });
const END: RunEnd = { patches: 3, failedPatches: 0, areaPx: 0, tissue: undefined, failure: undefined };

async function* run(cores: number, end = END): AsyncGenerator<RunEvent, RunEnd, undefined> {
  yield { kind: 'planned', patches: cores, cores: Array.from({ length: cores }, (_, k) => core(k)), areaPx: 1 };
  for (let k = 0; k < cores; k++)
    yield { kind: 'patch', index: k, core: core(k), nuclei: undefined, tissue: undefined, kept: false };
  return end;
}

async function* embedding(patches: number, breaksAt = -1): AsyncGenerator<EmbedEvent, EmbedEnd, undefined> {
  yield { kind: 'planned', patches };
  for (let row = 0; row < patches; row++) {
    if (row === breaksAt) throw new Error('the encoder is gone');
    yield { kind: 'embedded', row, box: core(row) };
  }
  return { embedded: patches, failed: 0, failure: undefined };
}

async function driven(given: Pick<BesideNeeds, 'events' | 'embedding'>) {
  const seen = { attends: [] as boolean[], failures: [] as Failure[], ended: 0, looked: [] as (number | undefined)[] };
  const events = besideRun({
    ...given,
    lookAt: (at) => seen.looked.push(at?.x),
    attend: async (final) => void seen.attends.push(final),
    fail: (failure) => seen.failures.push(failure),
    end: () => seen.ended++,
  });
  const told: (RunEvent | AttentionEvent)[] = [];
  for (let next = await events.next(); ; next = await events.next()) {
    if (next.done) return { ...seen, told, end: next.value };
    told.push(next.value);
  }
}

const progress = (told: readonly (RunEvent | AttentionEvent)[]) =>
  told.flatMap((event) => (event.kind === 'attention' ? [event.embedded] : []));

test('after each core its share of patches is embedded; what is left comes after the last', async () => {
  const { told, end, ended, looked, attends, failures } = await driven({ events: run(3), embedding: embedding(10) });
  expect(progress(told)).toEqual([0, 3, 6, 10, 10]);
  expect(told.filter(({ kind }) => kind === 'patch')).toHaveLength(3);
  expect(looked).toEqual([50, 150, 250, undefined]);
  expect(attends.at(-1)).toBe(true);
  expect(attends.slice(0, -1)).not.toContain(true);
  expect([end, ended, failures]).toEqual([END, 1, []]);
});

test('what a run found before is told before the encoder is asked for anything', async () => {
  const asked: string[] = [];
  async function* goesOn(): AsyncGenerator<RunEvent, RunEnd, undefined> {
    for await (const event of run(3))
      yield event.kind === 'patch' && event.index < 2 ? { ...event, kept: true } : event;
    return END;
  }
  async function* watched(): AsyncGenerator<EmbedEvent, EmbedEnd, undefined> {
    asked.push('begun');
    return yield* embedding(9);
  }
  const events = besideRun({
    events: goesOn(),
    embedding: watched(),
    lookAt: () => undefined,
    attend: async () => undefined,
    fail: () => undefined,
    end: () => undefined,
  });
  const kinds: string[] = [];
  for (let k = 0; k < 3; k++) {
    const next = await events.next();
    if (!next.done) kinds.push(next.value.kind);
  }
  expect([kinds, asked]).toEqual([['planned', 'patch', 'patch'], []]);
  const rest: number[] = [];
  for (let next = await events.next(); !next.done; next = await events.next())
    if (next.value.kind === 'attention') rest.push(next.value.embedded);
  expect([rest.at(-1), asked]).toEqual([9, ['begun']]);
});

test('an encoder that fails ends attention, and the run goes on to its own end', async () => {
  const { told, end, failures } = await driven({ events: run(3), embedding: embedding(10, 4) });
  expect(failures).toEqual([{ tag: 'Unexpected', reason: 'the encoder is gone' }]);
  expect(told.filter(({ kind }) => kind === 'patch')).toHaveLength(3);
  expect(end).toBe(END);
});

test('a run that stops by a failure does not wait for attention', async () => {
  const failed: RunEnd = { ...END, failure: { tag: 'DeviceLost', label: 'GPU', reason: 'unplugged' } };
  const { told, end } = await driven({ events: run(1, failed), embedding: embedding(0) });
  expect(end).toBe(failed);
  expect(progress(told)).toEqual([0, 0]);
});

test('left in the middle, it leaves both', async () => {
  const left: string[] = [];
  const watched = async function* <T, R>(name: string, inner: AsyncGenerator<T, R, undefined>) {
    try {
      return yield* inner;
    } finally {
      left.push(name);
    }
  };
  const events = besideRun({
    events: watched('run', run(3)),
    embedding: watched('embedding', embedding(10)),
    lookAt: () => undefined,
    attend: async () => undefined,
    fail: () => undefined,
    end: () => left.push('tiles'),
  });
  for (let k = 0; k < 4; k++) await events.next();
  await events.return(END);
  expect(left.sort()).toEqual(['embedding', 'run', 'tiles']);
});

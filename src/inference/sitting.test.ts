import { describe, expect, test } from 'vitest';
import { EosinError, type Failure } from '#errors/failure.ts';
import { parsePatchManifest } from './parse-manifest.ts';
import { Realm } from './realm.ts';
import { type Sitting, sitOnGpu, sitOnWasm, TooMuch } from './sitting.ts';
import { FAKE_GPU, fakeWorker } from './testing/fake-worker.ts';
import { manifestExample } from './testing/manifest-example.ts';
import { memoryStore, Remembered } from './trust-store.ts';

const { signal } = new AbortController();
const manifest = parsePatchManifest(manifestExample);
const patience = { loadSeconds: 60, runSeconds: 60, cancelSeconds: 1 };
const drifts = { maxDifference: 0.4, wrong: 'the golden patch differs by 0.40, 0.01 is allowed' };

/** A sitting in a made-up worker; what is kept goes from one to the next where it is given. */
function sittingIn(worker: ReturnType<typeof fakeWorker>, { kept = memoryStore(), anew = false } = {}): Sitting {
  return {
    realm: new Realm(worker.worker, patience),
    key: 1,
    source: { manifest, model: new Blob(), golden: { input: new Blob(), outputs: new Blob() } },
    kept,
    anew,
    now: () => 1000,
  };
}

const NO_GPU = { whyNotGpu: 'No GPU.', fellBack: false, whyNotOwn: undefined };

const onGpu = (sitting: Sitting, software = false) => sitOnGpu(sitting, software, { signal });

/** A GPU that computes halves, with another time a run in them; `judged` is what the golden patch says in turn. */
function halfGpu({ fp16 = 0.5, judged = [] }: { fp16?: number; judged?: (typeof drifts | undefined)[] } = {}) {
  let precision = 'fp32';
  return fakeWorker({
    gpu: () => ({ ...FAKE_GPU, half: true }),
    load: (input) => {
      precision = input.precision;
      return { name: FAKE_GPU.name, adapter: FAKE_GPU.adapter, elementsPerPx: 16 };
    },
    judge: () => judged.shift() ?? { maxDifference: precision === 'fp16' ? 0.004 : 0.001, wrong: undefined },
    time: ({ window, batch }) => ({
      seconds: (0.01 + (batch * window ** 2) / 2e8) * (precision === 'fp16' ? fp16 : 1),
    }),
  });
}

describe('the first use on a GPU', () => {
  test('judges, measures, and keeps both', async () => {
    const worker = fakeWorker({ time: ({ window, batch }) => ({ seconds: 0.1 + (batch * window ** 2) / 1e9 }) });
    const kept = memoryStore();
    const seat = await onGpu(sittingIn(worker, { kept }));
    expect(seat).toMatchObject({
      choice: { precision: 'fp32', window: 2048, batch: 1 },
      report: {
        device: 'webgpu',
        deviceName: 'a fake GPU',
        trust: { verdict: 'trusted', maxDifference: 0.001, since: 1000, why: undefined },
      },
    });
    expect(worker.asked.slice(0, 4)).toEqual(['gpu', 'load webgpu fp32', 'judge', 'time 1 × 1024']);
    expect(worker.asked).toContain('time 1 × 2048');
    expect(worker.asked.filter((call) => call.startsWith('load'))).toHaveLength(1);
    expect(worker.asked.at(-1)).toBe('batch 1');
    const remembered = new Remembered(kept, manifest.sha256, FAKE_GPU.adapter);
    expect(remembered.choice()).toEqual({ precision: 'fp32', window: 2048, batch: 1 });
    expect(remembered.verdict('fp32')).toEqual({ maxDifference: 0.001, wrong: undefined, since: 1000 });
  });

  test('takes fp16 where it is right and pays', async () => {
    const worker = halfGpu();
    expect(await onGpu(sittingIn(worker))).toMatchObject({
      choice: { precision: 'fp16' },
      report: { trust: { verdict: 'trusted', precision: 'fp16', maxDifference: 0.004 } },
    });
    expect(worker.asked.filter((call) => /^(load|judge)/.test(call))).toEqual([
      'load webgpu fp32',
      'judge',
      'load webgpu fp16',
      'judge',
    ]);
  });

  test('stays with fp32 where fp16 does not pay, and nobody needs to know', async () => {
    const seat = await onGpu(sittingIn(halfGpu({ fp16: 0.97 })));
    expect(seat).toMatchObject({
      choice: { precision: 'fp32' },
      report: { trust: { verdict: 'trusted', precision: 'fp32', maxDifference: 0.001, why: undefined } },
    });
  });

  test('falls back to fp32 where fp16 drifts, and says so', async () => {
    const worker = halfGpu({ judged: [undefined, drifts] });
    expect(await onGpu(sittingIn(worker))).toMatchObject({
      choice: { precision: 'fp32' },
      report: {
        device: 'webgpu',
        trust: { verdict: 'fell back', precision: 'fp32', maxDifference: 0.001, why: expect.stringContaining('0.40') },
      },
    });
    expect(worker.asked.filter((call) => call.startsWith('load')).at(-1)).toBe('load webgpu fp32');
    expect(worker.ended()).toBe(false);
  });

  test('stays with fp32 where the graph has no form in fp16', async () => {
    const worker = fakeWorker({
      gpu: () => ({ ...FAKE_GPU, half: true }),
      load: ({ precision }) => {
        if (precision === 'fp16') throw new EosinError({ tag: 'ModelInvalid', model: '', seen: 'LSTM', todo: '' });
        return { name: FAKE_GPU.name, adapter: '', elementsPerPx: 16 };
      },
    });
    const seat = await onGpu(sittingIn(worker));
    expect(seat).toMatchObject({ choice: { precision: 'fp32' }, report: { trust: { why: undefined } } });
    expect(worker.asked.filter((call) => call.startsWith('load')).at(-1)).toBe('load webgpu fp32');
  });

  test('ends the worker of one that is wrong, and keeps that', async () => {
    const worker = fakeWorker({ judge: () => drifts });
    const kept = memoryStore();
    expect(await onGpu(sittingIn(worker, { kept }))).toEqual({ deviceName: 'a fake GPU', wrong: drifts.wrong });
    expect(worker.ended()).toBe(true);
    const next = fakeWorker();
    expect(await onGpu(sittingIn(next, { kept }))).toMatchObject({ wrong: drifts.wrong });
    expect(next.asked).toEqual(['gpu']); // not asked again, and its worker may serve WASM
    expect(next.ended()).toBe(false);
    const checked = fakeWorker();
    expect(await onGpu(sittingIn(checked, { kept, anew: true }))).toHaveProperty('report.trust.verdict', 'trusted');
  });

  test('that a measurement was too much for is modest afterwards', async () => {
    const kept = memoryStore();
    const lost: Failure = { tag: 'DeviceLost', label: 'The GPU', reason: 'out of memory' };
    const dying = fakeWorker({
      time: ({ window }) => {
        if (window > 1024) throw new EosinError(lost);
        return { seconds: 0.001 };
      },
    });
    await expect(onGpu(sittingIn(dying, { kept }))).rejects.toThrow(TooMuch);
    expect(dying.ended()).toBe(true);
    const next = fakeWorker();
    const seat = await onGpu(sittingIn(next, { kept, anew: true }));
    expect(seat).toHaveProperty('choice', { precision: 'fp32', window: 1024, batch: 1 });
    expect(next.asked.some((call) => call.startsWith('time'))).toBe(false);
    expect(next.asked).toContain('judge');
  });

  test('that computes on the CPU is judged and not measured, nor is anything chosen for it', async () => {
    const kept = memoryStore();
    const worker = fakeWorker({ gpu: () => ({ ...FAKE_GPU, software: true, half: true }) });
    const seat = await onGpu(sittingIn(worker, { kept }), true);
    expect(seat).toHaveProperty('choice', { precision: 'fp32', window: 1024, batch: 1 });
    expect(worker.asked).toEqual(['gpu', 'load webgpu fp32', 'judge', 'batch 1']);
  });
});

describe('the next visit', () => {
  test('computes at once, as it was measured', async () => {
    const kept = memoryStore();
    await onGpu(sittingIn(halfGpu(), { kept }));
    const next = halfGpu();
    expect(await onGpu(sittingIn(next, { kept }))).toMatchObject({
      choice: { precision: 'fp16' },
      report: { trust: { verdict: 'trusted', maxDifference: 0.004, since: 1000 } },
    });
    expect(next.asked).toEqual(['gpu', 'load webgpu fp16', expect.stringMatching(/^batch/)]);
  });

  test('after a loss, judges again: fp16 that is wrong by now leaves fp32', async () => {
    const kept = memoryStore();
    await onGpu(sittingIn(halfGpu(), { kept }));
    const lost = halfGpu({ judged: [drifts] });
    expect(await onGpu(sittingIn(lost, { kept, anew: true }))).toMatchObject({
      choice: { precision: 'fp32' },
      report: { trust: { verdict: 'fell back', precision: 'fp32' } },
    });
    expect(lost.asked.filter((call) => !call.startsWith('batch'))).toEqual([
      'gpu',
      'load webgpu fp16',
      'judge',
      'load webgpu fp32',
      'judge',
    ]);
  });

  test('on WASM starts without the golden patch, and with it after a failure', async () => {
    const kept = memoryStore();
    const [first, second, third] = [fakeWorker(), fakeWorker(), fakeWorker()];
    await sitOnWasm(sittingIn(first, { kept }), NO_GPU, { signal });
    const seat = await sitOnWasm(sittingIn(second, { kept }), NO_GPU, { signal });
    expect(seat).toMatchObject({
      choice: { window: 1024, batch: 1 },
      report: { device: 'wasm', whyNotGpu: 'No GPU.', trust: { verdict: 'trusted', maxDifference: 0.001 } },
    });
    await sitOnWasm(sittingIn(third, { kept, anew: true }), NO_GPU, { signal });
    expect([first.asked, second.asked, third.asked]).toEqual([
      ['load own fp32', 'judge'],
      ['load own fp32'],
      ['load own fp32', 'judge'],
    ]);
  });

  test('own kernels that are wrong are left for the runtime, now and on the next visit', async () => {
    const kept = memoryStore();
    let loaded = '';
    const worker = () =>
      fakeWorker({
        load: ({ device }) => {
          loaded = device;
          return { name: `on ${device}`, adapter: device, own: device === 'own', elementsPerPx: 16 };
        },
        judge: () => (loaded === 'own' ? drifts : { maxDifference: 0, wrong: undefined }),
      });
    const [first, second] = [worker(), worker()];
    const seat = await sitOnWasm(sittingIn(first, { kept }), NO_GPU, { signal });
    expect(seat).toMatchObject({ own: false, report: { deviceName: 'on wasm', trust: { verdict: 'fell back' } } });
    expect(seat.report.trust.why).toContain('own kernels gave wrong numbers (the golden patch differs by 0.40');
    await sitOnWasm(sittingIn(second, { kept }), NO_GPU, { signal });
    expect([first.asked, second.asked]).toEqual([
      ['load own fp32', 'judge', 'load wasm fp32', 'judge'],
      ['load own fp32', 'load wasm fp32'],
    ]);
  });

  test('own kernels that do not start leave it to the runtime, and it is said', async () => {
    const whyNotOwn = 'Eosin’s own kernels did not start (no room), so the runtime’s compute instead.';
    const worker = fakeWorker({
      load: () => ({ name: 'on wasm', adapter: 'wasm', elementsPerPx: 16, whyNotOwn }),
      judge: () => ({ maxDifference: 0, wrong: undefined }),
    });
    const seat = await sitOnWasm(sittingIn(worker, { kept: memoryStore() }), NO_GPU, { signal });
    expect(seat).toMatchObject({ own: false, report: { trust: { verdict: 'fell back', why: whyNotOwn } } });
  });

  test('on a WASM that is wrong is refused, and seen again the next time', async () => {
    const kept = memoryStore();
    const sitting = sittingIn(fakeWorker({ judge: () => drifts }), { kept });
    await expect(sitOnWasm(sitting, NO_GPU, { signal })).rejects.toMatchObject({
      failure: { tag: 'ModelWrong', device: 'a processor', refusedAt: 0.4 },
    });
    const right = sittingIn(fakeWorker({ judge: () => ({ maxDifference: 0, wrong: undefined }) }), { kept });
    expect((await sitOnWasm(right, NO_GPU, { signal })).report.trust.verdict).toBe('trusted');
  });
});

import { describe, expect, test } from 'vitest';
import { serve } from '#channel/channel.ts';
import { EosinError, type Failure } from '#errors/failure.ts';
import { parseManifest, rowsManifest } from './parse-manifest.ts';
import type { InferenceCalls } from './protocol.ts';
import { type InferenceWorker, Realm } from './realm.ts';
import { TabRows } from './tab-rows.ts';
import { rowsExample } from './testing/manifest-example.ts';

const { signal } = new AbortController();
const features = new Float32Array(256);

const refused = (): never => {
  throw new Error('no patches are read here');
};
const patchesRefused = { gpu: refused, load: refused, judge: refused, time: refused, batch: refused };

/** A worker over real ports; `fails` answers its load, and `until` holds it up. */
function fakeWorker({ fails, until }: { fails?: Failure; until?: Promise<void> } = {}) {
  const { port1, port2 } = new MessageChannel();
  const seen: string[] = [];
  serve<InferenceCalls>(port2, {
    ...patchesRefused,
    loadRows: async () => {
      seen.push('loadRows');
      await until;
      if (fails) throw new EosinError(fails);
      return { name: 'WebAssembly', maxDifference: 0, wrong: undefined };
    },
    run: () => new Promise(() => undefined), // a patch that never ends
    runRows: ({ features: given }) => {
      seen.push('runRows');
      return { attention: { dims: [1, 1], data: given.slice(0, 1) } };
    },
    release: () => {
      seen.push('release');
      return undefined;
    },
    settle: () => new Promise(() => undefined),
    lost: () => new Promise(() => undefined),
  });
  port1.start();
  port2.start();
  const worker: InferenceWorker = Object.assign(port1, { terminate: () => port1.close() });
  return { worker, seen };
}

function rowsOn(...workers: ReturnType<typeof fakeWorker>[]) {
  const patience = { loadSeconds: 60, runSeconds: 60, cancelSeconds: 0.1 };
  let realm: Realm | undefined;
  const current = async (): Promise<Realm> => {
    if (realm && !realm.ended) return realm;
    const next = workers.shift();
    if (!next) throw new Error('no worker is left');
    realm = new Realm(next.worker, patience);
    return realm;
  };
  const source = {
    manifest: rowsManifest(parseManifest(rowsExample)),
    model: new Blob(),
    golden: { input: new Blob(), outputs: new Blob() },
  };
  return { model: new TabRows({ key: 1, source, realm: current }), current };
}

const died: Failure = { tag: 'WorkerDied', label: 'The inference worker', reason: 'made to' };

describe('an attention network in the tab', () => {
  test('runs, and keeps what it was lent', async () => {
    const { model } = rowsOn(fakeWorker());
    await model.ready({ signal });
    const { attention } = await model.run(features, { signal });
    expect(attention?.dims).toEqual([1, 1]);
    expect(features.length).toBe(256); // copied, not moved
    expect(model.report).toMatchObject({ device: 'wasm', trust: { verdict: 'trusted' } });
  });

  test('a worker that dies over its load gets one successor', async () => {
    const [first, second] = [fakeWorker({ fails: died }), fakeWorker()];
    await rowsOn(first, second).model.ready({ signal });
    expect([first.seen, second.seen]).toEqual([['loadRows'], ['loadRows']]);
    const both = rowsOn(fakeWorker({ fails: died }), fakeWorker({ fails: died }), fakeWorker());
    await expect(both.model.ready({ signal })).rejects.toMatchObject({ failure: { tag: 'WorkerDied' } });
  });

  test('an abort settles at once, also while it loads; what had loaded is released', async () => {
    let go: () => void = () => undefined;
    const worker = fakeWorker({ until: new Promise((resolve) => (go = resolve)) });
    const { model } = rowsOn(worker);
    const controller = new AbortController();
    const ready = model.ready({ signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(ready).rejects.toThrow('enough');
    model[Symbol.dispose]();
    go();
    await expect.poll(() => worker.seen).toEqual(['loadRows', 'release']);
    await expect(model.run(features, { signal })).rejects.toMatchObject({ failure: { tag: 'UseAfterDispose' } });
  });

  test('rows asked for after a cancelled patch go to the next worker', async () => {
    const [first, second] = [fakeWorker(), fakeWorker()];
    const { model, current } = rowsOn(first, second);
    await model.ready({ signal });
    const cancelled = new AbortController();
    const patch = { tiles: [], x: 0, y: 0, scaleX: 1, scaleY: 1, size: 64 };
    const run = (await current()).call('run', { key: 2, patch, outputs: [] }, { signal: cancelled.signal });
    cancelled.abort(new Error('cancelled'));
    await expect(run).rejects.toThrow('cancelled');
    await model.run(features, { signal });
    expect(first.seen).toEqual(['loadRows']);
    expect(second.seen).toEqual(['loadRows', 'runRows']);
  });
});

import { describe, expect, test } from 'vitest';
import { type Candidate, candidatesOf, fastest, isWorthHalf } from './choose.ts';
import { parsePatchManifest } from './parse-manifest.ts';
import { manifestExample } from './testing/manifest-example.ts';

const manifest = parsePatchManifest(manifestExample); // window 1024, margin 64, multiple 64
const GIB = 2 ** 30;
const roomy = { bytesPerPx: 256, limits: { maxBufferSize: 4 * GIB, maxStorageBufferBindingSize: 4 * GIB } };
const names = (candidates: readonly Candidate[]): string[] =>
  candidates.map(({ window, batch }) => `${batch} × ${window}`);

describe('candidates', () => {
  test('start with the manifest’s own window, then go by size; small windows that keep too little are none', () => {
    expect(names(candidatesOf(manifest, roomy))).toEqual(['1 × 1024', '2 × 1024', '1 × 1536', '1 × 2048', '4 × 1024']);
  });

  test('fit the device’s buffers', () => {
    const limits = { maxBufferSize: 4 * GIB, maxStorageBufferBindingSize: 1024 ** 2 * 256 * 2 };
    expect(names(candidatesOf(manifest, { ...roomy, limits }))).toEqual(['1 × 1024', '2 × 1024']);
    const tiny = { maxBufferSize: 1, maxStorageBufferBindingSize: 1 };
    expect(names(candidatesOf(manifest, { ...roomy, limits: tiny }))).toEqual(['1 × 1024']); // nothing else is known
  });

  test('of an encoder have its window', () => {
    const encoder = {
      ...manifest,
      input: { ...manifest.input, window: 112, margin: 0, multiple: 16 },
      outputs: [{ name: 'block1', kind: 'pooled', channels: 64 } as const],
    };
    expect(names(candidatesOf(encoder, roomy))).toEqual([1, 2, 4, 8, 16, 32].map((batch) => `${batch} × 112`));
  });

  test('are multiples of what the network takes', () => {
    const odd = { ...manifest, input: { ...manifest.input, window: 960, multiple: 96 } };
    for (const { window } of candidatesOf(odd, roomy)) expect(window % 96).toBe(0);
  });
});

/** A device on which a run takes `fixed` seconds and `perMpx` a megapixel; three runs a measurement, on a clock of ours. */
function device(fixed: number, perMpx: number) {
  let clock = 0;
  const measured: string[] = [];
  return {
    measured,
    clock: () => clock,
    measuring: (budgetSeconds: number) => ({
      margin: 64,
      budgetSeconds,
      now: () => clock,
      time: async ({ window, batch }: Candidate) => {
        measured.push(`${batch} × ${window}`);
        const seconds = fixed + (perMpx * batch * window ** 2) / 1e6;
        clock += 3000 * seconds;
        return seconds;
      },
    }),
  };
}

describe('the fastest', () => {
  const candidates = candidatesOf(manifest, roomy);

  test('is the largest window where runs cost something by themselves', async () => {
    const { measuring } = device(0.05, 0.005);
    expect(await fastest(candidates, measuring(60))).toMatchObject({ window: 2048, batch: 1 });
  });

  test('is the smallest loss at the margin where only pixels cost', async () => {
    const { measuring } = device(0, 0.05);
    // 2048 keeps 88 %, 1536 84 %, 1024 77 %
    expect(await fastest(candidates, measuring(60))).toMatchObject({ window: 2048, batch: 1 });
  });

  test('is never one that makes what is on screen wait', async () => {
    const { measuring } = device(0.5, 0.2);
    expect(await fastest(candidates, measuring(60))).toMatchObject({ window: 1536 }); // 2048 takes 1.34 s
  });

  test('is looked for within the budget, the manifest’s own always', async () => {
    const slow = device(0, 5);
    expect(await fastest(candidates, slow.measuring(4))).toMatchObject({ window: 1024, batch: 1 });
    expect(slow.measured).toEqual(['1 × 1024']);
    const fair = device(0.02, 0.1);
    await fastest(candidates, fair.measuring(4));
    expect(fair.measured.length).toBeGreaterThan(1);
    expect(fair.measured.length).toBeLessThan(candidates.length);
    expect(fair.clock()).toBeLessThanOrEqual(4000);
  });

  test('a failure in the middle is told', async () => {
    const { measuring } = device(0, 0.1);
    const failing = { ...measuring(60), time: () => Promise.reject(new Error('out of memory')) };
    await expect(fastest(candidates, failing)).rejects.toThrow('out of memory');
  });
});

test('fp16 must pay', () => {
  const full = { window: 1024, batch: 1, seconds: 1 };
  expect([0.5, 0.89, 0.95, 1.2].map((seconds) => isWorthHalf(full, { ...full, seconds }))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

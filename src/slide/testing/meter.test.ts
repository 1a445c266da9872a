import { expect, test } from 'vitest';
import { costOf, countBuffers } from './meter.ts';

test('bytes are counted, touched or not; processor time, and not waiting', async () => {
  countBuffers();
  const kept: unknown[] = [];
  const idle = await costOf(async () => {
    kept.push(new Uint8Array(64e6), new Uint8Array(10).slice(0, 5), new Uint8Array(new ArrayBuffer(1000), 8, 16));
    await new Promise((resolve) => setTimeout(resolve, 100));
  });
  expect(kept.every((each) => each instanceof Uint8Array)).toBe(true);
  expect(idle.bytes).toBe(64e6 + 10 + 5 + 1000);
  const busy = await costOf(async () => {
    const until = process.cpuUsage().user + 60_000;
    while (process.cpuUsage().user < until);
  });
  expect(busy.cpuMs).toBeGreaterThanOrEqual(55);
});

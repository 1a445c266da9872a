import { expect, test } from 'vitest';
import { BufferPool } from './buffer-pool.ts';

/** Makes what a pool looks at of buffers, and counts. */
function fakeDevice() {
  const live = new Set<object>();
  let made = 0;
  const device = {
    createBuffer({ label = '', size, usage }: GPUBufferDescriptor): GPUBuffer {
      made++;
      const buffer: Pick<GPUBuffer, 'label' | 'size' | 'usage' | 'destroy'> = {
        label,
        size,
        usage,
        destroy: () => void live.delete(buffer),
      };
      live.add(buffer);
      return Object.assign(Object.create(null), buffer, { destroy: buffer.destroy });
    },
  };
  return { device, live: () => live.size, made: () => made };
}

test('a buffer given back is the next of its size and usage', () => {
  const { device, made } = fakeDevice();
  using pool = new BufferPool(device);
  const first = pool.take('input', 64, 1);
  const second = pool.take('input', 64, 1);
  expect(second).not.toBe(first);
  pool.give(first);
  expect(pool.take('input', 32, 1)).not.toBe(first);
  expect(pool.take('input', 64, 2)).not.toBe(first);
  expect(pool.take('input', 64, 1)).toBe(first);
  expect(made()).toBe(4);
});

test('few wait, and none once it is disposed', () => {
  const { device, live } = fakeDevice();
  const pool = new BufferPool(device, 2);
  const [late, ...early] = [1, 2, 3, 4].map((size) => pool.take('x', size * 4, 1));
  for (const buffer of early) pool.give(buffer);
  expect(live()).toBe(3); // one of the three that came back is gone, one is still out
  pool[Symbol.dispose]();
  expect(live()).toBe(1);
  if (late) pool.give(late);
  expect(live()).toBe(0);
});

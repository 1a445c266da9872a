import { expect, test, vi } from 'vitest';
import { slideWays } from './slide-ways.ts';
import { stubSlide } from './testing/stub-slide.ts';

const { signal } = new AbortController();

const open = vi.hoisted(() => vi.fn());
vi.mock('#slide/open-in-tab.ts', () => ({ openerInTab: () => ({ open }) }));

test('what an address says to show is shown behind the screen too, unless something else is asked for', async () => {
  open.mockImplementation(async () => stubSlide('stack.tif'));
  const { read } = slideWays();
  await read('https://host/stack.tif#channel=2&plane=3', { signal });
  await read('https://host/stack.tif#plane=3', { signal }, { plane: 0 });
  const asked = open.mock.calls.map(([from, { chosen }]) => [from, chosen]);
  expect(asked).toEqual([
    ['https://host/stack.tif', { channel: 1, plane: 2 }],
    ['https://host/stack.tif', { plane: 0 }],
  ]);
});

import { expect, test } from 'vitest';
import { arriving } from './arriving.ts';

/** A page that is online from the `after`-th look on. */
function pageOnline(after: number) {
  const said: string[] = [];
  let looks = 0;
  const connection = {
    isOnline: () => ++looks > after,
    isBack: async () => void said.push('back'),
    stylesAgain: async () => void said.push('styles'),
  };
  return { said, connection };
}

test('code asked for offline comes when the network is back, its style sheets before it', async () => {
  const { said, connection } = pageOnline(2);
  let tries = 0;
  const load = async (): Promise<string> => {
    if (++tries < 3) throw new Error('offline');
    return 'here';
  };
  expect(await arriving(load, connection)()).toBe('here');
  expect(said).toEqual(['back', 'styles', 'back', 'styles']);
});

test('code that is gone is refused', async () => {
  const { said, connection } = pageOnline(0);
  const load = async (): Promise<never> => Promise.reject(new Error('404'));
  await expect(arriving(load, connection)()).rejects.toThrow('404');
  expect(said).toEqual([]);
});

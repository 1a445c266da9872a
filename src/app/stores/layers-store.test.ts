import { expect, test } from 'vitest';
import { createLayersStore, showAlone, toggleClass } from './layers-store.ts';

test('a class goes and comes back', () => {
  const store = createLayersStore();
  toggleClass(store, 'nuclei', 2);
  expect(store.getState().nuclei.hiddenClasses).toEqual([2]);
  toggleClass(store, 'nuclei', 2);
  expect(store.getState().nuclei.hiddenClasses).toEqual([]);
});

test('alone, then all objects again', () => {
  const store = createLayersStore();
  const shown = (): boolean[] =>
    (['nuclei', 'glands', 'lumina', 'tissue'] as const).map((id) => store.getState()[id].shown);
  showAlone(store, 'glands');
  expect(shown()).toEqual([false, true, false, false]);
  showAlone(store, 'glands');
  expect(shown()).toEqual([true, true, true, false]);
});

import { expect, test } from 'vitest';
import { changeRegion, changeTissue, createRegionStore, openRegions, redoRegion, undoRegion } from './region-store.ts';

const rect = { x: 1, y: 2, width: 3, height: 4 };

test('changes are taken back and made again one by one; a new one ends what could be made again', () => {
  const store = createRegionStore();
  changeRegion(store, { drawn: rect });
  changeTissue(store, { pen: 'keep' });
  undoRegion(store);
  expect([store.getState().drawn, store.getState().edits.pen]).toEqual([rect, 'leave out']);
  redoRegion(store);
  expect(store.getState().edits.pen).toBe('keep');
  undoRegion(store);
  undoRegion(store);
  undoRegion(store); // nothing is left to take back
  expect(store.getState().drawn).toBeUndefined();
  changeTissue(store, { folds: 'leave out' });
  redoRegion(store);
  expect([store.getState().drawn, store.getState().edits.folds]).toEqual([undefined, 'leave out']);
});

test('the steps of one drag are one change', () => {
  const store = createRegionStore();
  for (const threshold of [10, 11, 12]) changeTissue(store, { threshold }, 'threshold');
  changeTissue(store, { leastPx: 5 }, 'least');
  undoRegion(store);
  expect(store.getState().edits).toMatchObject({ threshold: 12, leastPx: undefined });
  undoRegion(store);
  expect(store.getState().edits.threshold).toBeUndefined();
});

test('another slide starts with what was chosen for it, and nothing to take back', () => {
  const store = createRegionStore();
  changeRegion(store, { drawn: rect });
  const { drawn, edits } = store.getState();
  openRegions(store, undefined);
  expect([store.getState().drawn, store.getState().past]).toEqual([undefined, []]);
  openRegions(store, { drawn, edits });
  expect(store.getState().drawn).toBe(rect);
});

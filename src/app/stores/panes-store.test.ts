import { expect, test } from 'vitest';
import { createLayersStore, setShown } from './layers-store.ts';
import { createPanesStore, layersInHand, slideAlone } from './panes-store.ts';

const made = () => {
  const [panes, left, right] = [createPanesStore(), createLayersStore(), createLayersStore()];
  return { panes, left, right, inHand: layersInHand(panes, left, right) };
};

test('what is in hand is read and changed, the other pane stays', () => {
  const { panes, left, right, inHand } = made();
  setShown(inHand, 'glands', false);
  expect([left.getState().glands.shown, right.getState().glands.shown]).toEqual([false, true]);
  panes.setState({ beside: true, inHand: 'right' });
  expect(inHand.getState()).toBe(right.getState());
  setShown(inHand, 'nuclei', false);
  expect([left.getState().nuclei.shown, right.getState().nuclei.shown]).toEqual([true, false]);
});

test('listeners hear the pane in hand, and when the other one is taken in hand', () => {
  const { panes, left, right, inHand } = made();
  const heard: [boolean, boolean][] = [];
  const end = inHand.subscribe((state, before) => heard.push([state.lumina.shown, before.lumina.shown]));
  setShown(right, 'lumina', false);
  expect(heard).toEqual([]);
  panes.setState({ inHand: 'right' });
  setShown(right, 'lumina', true);
  setShown(left, 'lumina', false);
  panes.setState({ inHand: 'left' });
  expect(heard).toEqual([
    [false, true],
    [true, false],
    [false, true],
  ]);
  end();
  setShown(left, 'lumina', true);
  expect(heard).toHaveLength(3);
});

test('a second pane begins with the slide alone, in the colours of the first', () => {
  const { left } = made();
  const alone = slideAlone(left.getState());
  expect(alone.slide).toBe(left.getState().slide);
  expect(
    [alone.nuclei, alone.glands, alone.lumina, alone.annotations, alone.tissue, alone.attention].some((of) => of.shown),
  ).toBe(false);
});

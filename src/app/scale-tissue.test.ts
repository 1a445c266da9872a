import { expect, test } from 'vitest';
import type { ValueGrid } from '#objects/grid.ts';
import { scaleTissue } from './scale-tissue.ts';
import { createLayersStore, setTissueLayer } from './stores/layers-store.ts';

const CLASSES = ['A', 'B'].map((name) => ({ name, color: '#000000' }));
const grid = (a: number, b: number): ValueGrid => ({
  name: 'Tissue classes',
  channels: CLASSES,
  patches: [{ x: 0, y: 0, cellWidth: 8, cellHeight: 8, cols: 1, rows: 1, values: Float32Array.of(a, b) }],
});

test('another class has its own steps, also right after the map has changed', async () => {
  const layers = createLayersStore();
  let tell: () => void = () => undefined;
  let now = grid(0.25, 0.75);
  const found = {
    tissueGrid: () => now,
    subscribe: (listener: () => void) => {
      tell = listener;
      return () => undefined;
    },
  };
  const first = () => layers.getState().tissue.edges?.[0];
  const end = scaleTissue(layers, found);
  setTissueLayer(layers, { channel: 0, scale: 'rank' });
  await expect.poll(first).toBe(0.25);
  now = grid(0.125, 0.5);
  tell(); // two seconds at most: not yet
  setTissueLayer(layers, { channel: 1 });
  await expect.poll(first, { timeout: 1000 }).toBe(0.5);
  now = grid(0.125, 0.25);
  tell();
  await expect.poll(first, { timeout: 10_000 }).toBe(0.25);
  end();
});

test('a pane that opens with a scale chosen before works out its steps', async () => {
  const layers = createLayersStore();
  setTissueLayer(layers, { channel: 0, scale: 'rank' });
  const end = scaleTissue(layers, { tissueGrid: () => grid(0.25, 0.75), subscribe: () => () => undefined });
  await expect.poll(() => layers.getState().tissue.edges?.[0]).toBe(0.25);
  end();
});

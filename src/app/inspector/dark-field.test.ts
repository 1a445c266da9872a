import { expect, test, vi } from 'vitest';
import { unhurried } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { Raster } from '#slide/slide.ts';
import type { Opened } from '../slide-session.ts';
import { createStores } from '../stores.ts';
import { stubSlide } from '../testing/stub-slide.ts';
import { isDarkField, tellDark } from './dark-field.ts';

const of = (...parts: readonly (readonly [many: number, r: number, g: number, b: number])[]): Uint8ClampedArray =>
  Uint8ClampedArray.from(parts.flatMap(([many, r, g, b]) => Array.from({ length: many }, () => [r, g, b, 255]).flat()));

test('stained tissue on glass, tissue alone, and both beside what a scanner left black are no dark field', () => {
  expect(isDarkField(of([70, 240, 240, 242], [30, 180, 90, 160]))).toBe(false);
  expect(isDarkField(of([60, 150, 60, 120], [40, 90, 40, 110]))).toBe(false);
  expect(isDarkField(of([900, 0, 0, 0], [100, 200, 120, 170]))).toBe(false);
});

test('nuclei that shine on black, dimly or brightly, and black alone are', () => {
  expect(isDarkField(of([80, 0, 0, 24], [20, 0, 20, 220]))).toBe(true);
  expect(isDarkField(of([60, 4, 4, 4], [30, 0, 0, 60], [10, 0, 0, 250]))).toBe(true);
  expect(isDarkField(of([100, 3, 3, 3]))).toBe(true);
});

test('what is still being read when another slide comes is neither said of that one nor a warning', async () => {
  using warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  const store = createStores(undefined).slide;
  const black = { width: 10, height: 10, rgba: new Uint8ClampedArray(400) };
  const telling = (tile: () => Promise<Raster>, isLeft: boolean): Promise<void> => {
    let now: Opened | undefined = { slide: { ...stubSlide('one'), readTile: tile }, truth: undefined };
    const told = tellDark({ opened: () => now }, store, unhurried());
    if (isLeft) now = { slide: stubSlide('two'), truth: undefined };
    return told;
  };
  const gone = new EosinError({ tag: 'UseAfterDispose', label: 'The painter of the sample slide' });
  await telling(() => Promise.resolve(black), true);
  await telling(() => Promise.reject(gone), true);
  expect(store.getState().isDark).toBeFalsy();
  expect(warned).not.toHaveBeenCalled();
  await telling(() => Promise.resolve(black), false);
  expect(store.getState().isDark).toBe(true);
});

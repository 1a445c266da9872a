import { expect, test } from 'vitest';
import { chordOf } from './keyboard.ts';

const press = (
  key: string,
  held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {},
): string => chordOf({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

test('chords are written as the design writes them', () => {
  expect(press('h')).toBe('H');
  expect(press('F', { shiftKey: true })).toBe('Shift F');
  expect(press('Enter', { shiftKey: true })).toBe('Shift Enter');
  expect(press('?', { shiftKey: true })).toBe('?');
  expect(press('+', { shiftKey: true })).toBe('+');
  expect(press('-')).toBe('−');
  expect(press(' ')).toBe('Space');
  expect(press('k', { metaKey: true })).toBe('Ctrl K');
  expect(press('1', { altKey: true })).toBe('Alt 1');
});

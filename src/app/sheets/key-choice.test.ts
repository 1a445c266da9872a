import { describe, expect, test } from 'vitest';
import { type ChosenKeys, withChosenKeys } from '../chosen-keys.ts';
import { command } from '../commands/command.ts';
import { against, chosenWith, chosenWithout } from './key-choice.ts';

/** Commands as the desk has them, with a choice that changes. */
function desk() {
  let chosen: ChosenKeys = {};
  const run = (): void => undefined;
  const commands = withChosenKeys(
    [
      command({ id: 'move', group: 'Tools', label: 'Move', keys: ['M'], run }),
      command({ id: 'rectangle', group: 'Tools', label: 'Rectangle', keys: ['R'], run }),
      command({ id: 'zoomIn', group: 'View', label: 'Zoom in', keys: ['+', '='], run }),
      command({ id: 'flip', group: 'View', label: 'Flip', run }),
    ],
    () => chosen,
  );
  const keys = (id: string): readonly string[] | undefined => commands.find((one) => one.id === id)?.keys;
  return {
    commands,
    keys,
    choose: (id: string, key: string): void => void (chosen = chosenWith(chosen, id, key, commands)),
    reset: (id: string): void => void (chosen = chosenWithout(chosen, id, commands)),
    chosen: () => chosen,
  };
}

describe('choosing', () => {
  test('a free key is taken, and its own again; with no key a command has none', () => {
    const { choose, keys, reset, chosen } = desk();
    choose('flip', 'Shift F');
    choose('move', '');
    expect([keys('flip'), keys('move')]).toEqual([['Shift F'], []]);
    choose('move', 'M');
    expect(keys('move')).toEqual(['M']);
    reset('flip');
    expect(keys('flip')).toEqual([]);
    expect(chosen()).toEqual({});
  });

  test('a key of another command leaves it with its other one, or none, until either is reset', () => {
    const { choose, keys, reset, chosen } = desk();
    choose('flip', '+');
    expect([keys('flip'), keys('zoomIn')]).toEqual([['+'], ['=']]);
    choose('move', 'R');
    expect([keys('move'), keys('rectangle')]).toEqual([['R'], []]);
    reset('rectangle');
    expect([keys('move'), keys('rectangle')]).toEqual([['M'], ['R']]);
    choose('rectangle', 'M');
    choose('move', 'R');
    expect([keys('move'), keys('rectangle')]).toEqual([['R'], ['M']]);
    reset('move');
    expect([keys('move'), keys('rectangle')]).toEqual([['M'], ['R']]);
    reset('zoomIn');
    expect(keys('flip')).toEqual([]);
    expect(chosen()).toEqual({});
  });
});

test('a key that another command has by now is not given back with the first one', () => {
  const { choose, keys } = desk();
  choose('zoomIn', 'Z');
  choose('flip', '=');
  choose('zoomIn', '+');
  expect([keys('flip'), keys('zoomIn')]).toEqual([['='], ['+']]);
  choose('flip', '');
  choose('zoomIn', '+');
  expect(keys('zoomIn')).toEqual(['+', '=']);
});

test('what stands against a key is a sentence', () => {
  const { commands } = desk();
  expect(against('Shift F', 'flip', commands)).toBeUndefined();
  expect(against('R', 'rectangle', commands)).toBeUndefined();
  expect(against('R', 'flip', commands)).toMatchObject({
    text: 'R is the key of “Rectangle”. Press it again to take it from there.',
    taken: { id: 'rectangle' },
  });
  for (const [key, text] of [
    ['Ctrl T', 'The browser keeps Ctrl T for itself'],
    ['Ctrl L', 'The browser keeps'],
    ['Tab', 'goes to the next control'],
    ['Space', 'moves the slide while it is held'],
    ['Shift ArrowLeft', 'The arrows move the slide'],
    ['3', 'Digits choose a class'],
    ['Backspace', 'edits what is drawn'],
  ] as const) {
    const found = against(key, 'flip', commands);
    expect(found?.text).toContain(text);
    expect(found?.taken).toBeUndefined();
  }
});

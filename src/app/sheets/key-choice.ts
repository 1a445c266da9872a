// Which keys a command may have, and what a choice of one does to the others. Pure.
import type { ChosenKeys } from '../chosen-keys.ts';
import type { Command } from '../commands/command.ts';

/** What stands against a key, as a sentence; `taken` can be taken from the other command all the same. */
export interface Against {
  readonly text: string;
  readonly taken?: Command;
}

const FIXED: Readonly<Record<string, string>> = {
  Tab: 'goes to the next control',
  Space: 'moves the slide while it is held',
  Escape: 'closes the topmost thing',
  F6: 'goes to the next region',
};

/** What browsers do not let a page have, or what a page should not take. */
const BROWSERS =
  /^(Ctrl (Shift )?[NTWQ]|Ctrl [LRPHJDUF0+−=]|Ctrl Shift [IJC]|Ctrl Tab|Alt (Arrow\w+|F4|D)|F([1-57]|1[012]))$/;

/** Undefined where nothing stands against it. */
export function against(key: string, id: string, commands: readonly Command[]): Against | undefined {
  const bare = key.replace(/^Shift /, '');
  if (FIXED[bare] !== undefined) return { text: `${key} ${FIXED[bare]}, and stays so. Press another key.` };
  if (/^(Shift )?(Arrow\w+|Home|End|Page\w+)$/.test(key))
    return { text: 'The arrows move the slide. Press another key.' };
  if (/^(Backspace|Delete)$/.test(bare)) return { text: `${key} edits what is drawn. Press another key.` };
  if (/^[1-9]$/.test(key)) return { text: 'Digits choose a class in Learn. Press another key.' };
  if (BROWSERS.test(key)) return { text: `The browser keeps ${key} for itself. Press another key.` };
  const taken = ownerOf(key, id, commands);
  return taken && { text: `${key} is the key of “${taken.label()}”. Press it again to take it from there.`, taken };
}

const ownerOf = (key: string, id: string, commands: readonly Command[]): Command | undefined =>
  commands.find((command) => command.id !== id && command.keys.includes(key));

/** @param key '' for none. A command that had it keeps its other keys, or is left without. */
export function chosenWith(chosen: ChosenKeys, id: string, key: string, commands: readonly Command[]): ChosenKeys {
  const own = commands.find((command) => command.id === id)?.ownKeys ?? [];
  const owner = key === '' ? undefined : ownerOf(key, id, commands);
  const rest = owner?.keys.find((other) => other !== key) ?? '';
  const next = { ...chosen, ...(owner && { [owner.id]: rest }), [id]: key };
  const isOwn = key === (own[0] ?? '') && own.every((one) => one === key || !ownerOf(one, id, commands));
  return isOwn ? without(next, id) : next; // all that it came with, where nobody has one of those
}

/** The command has its own keys again; another that took one of them gives it back, and has its own where they are free. */
export function chosenWithout(chosen: ChosenKeys, id: string, commands: readonly Command[]): ChosenKeys {
  const own = commands.find((command) => command.id === id)?.ownKeys ?? [];
  const others = commands.filter((command) => command.id !== id);
  const next = { ...without(chosen, id) };
  for (const taker of others.filter(({ keys }) => own.some((key) => keys.includes(key)))) {
    const isHeld = others.some(
      ({ id: other, keys }) => other !== taker.id && taker.ownKeys.some((k) => keys.includes(k)),
    );
    if (isHeld) next[taker.id] = '';
    else delete next[taker.id];
  }
  return next;
}

const without = (chosen: ChosenKeys, id: string): Record<string, string> =>
  Object.fromEntries(Object.entries(chosen).filter(([of]) => of !== id));

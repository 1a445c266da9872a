// Keys to commands. Off while typing; Enter and Space stay with the control that has the focus.
import type { Command } from './commands/command.ts';

/** A key press as UI.md writes it: modifiers, then the key. Shift is named for letters and Enter only: '?' says it itself. */
export function chordOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const key = event.key === ' ' ? 'Space' : event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const named = key.length > 1 || /[A-Z]/.test(key);
  return [
    event.ctrlKey || event.metaKey ? 'Ctrl' : '',
    event.altKey ? 'Alt' : '',
    event.shiftKey && named ? 'Shift' : '',
    key === '-' ? '−' : key,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    (target instanceof HTMLInputElement && !['checkbox', 'radio', 'range', 'button'].includes(target.type)));

/** Controls that Enter, Space or the arrows work on by themselves. */
const hasOwnKeys = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.closest(
    'button, a, input, select, summary, [role="slider"], [role="menuitem"], [role="option"], [role="radio"]',
  ) !== null;

const isOwnKey = (chord: string): boolean => /^(Shift )?(Enter|Space|Arrow\w+|Home|End)$/.test(chord);

/**
 * Listens on the window until disposed. `run` reports failures itself.
 * @param isModal true while the list of commands is open, or on its way: what is typed then is meant for it
 */
export function bindKeys(
  commands: readonly Command[],
  run: (command: Command) => void,
  isModal: () => boolean,
): Disposable {
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return;
    const chord = chordOf(event);
    if (isTyping(event.target) && !chord.startsWith('Ctrl')) return;
    if (isModal() && chord !== 'Escape' && !chord.startsWith('Ctrl')) return;
    if (hasOwnKeys(event.target) && isOwnKey(chord)) return;
    const found = commands.find(({ keys }) => keys.includes(chord)); // the user may have chosen others
    if (!found) return;
    event.preventDefault();
    if (!event.repeat || found.group === 'View') run(found);
  };
  window.addEventListener('keydown', onKey);
  return { [Symbol.dispose]: () => window.removeEventListener('keydown', onKey) };
}

// One chord as key caps: 'Shift F' is two.
const WORDS: Record<string, string> = { Escape: 'Esc' };

export function KeyCap({ keys, big }: { keys: string; big?: boolean }) {
  return (
    <kbd className={big ? 'key big' : 'key'}>
      {keys
        .split(' ')
        .map((key) => WORDS[key] ?? key)
        .join(' ')}
    </kbd>
  );
}

// What goes on by itself is told on common beats, four a second: all that is then changed on screen is rendered at once and
// shares one frame. Each costs a hundredth of a core's second, which a run would have for its network.

const BEAT_MS = 250; //  UI.md: counts update at most four times a second
const SOON_MS = 20; //   a beat so near is this one still

const beats = new Map<number, Set<() => void>>(); // what is due, by moment: ms of performance.now()

/**
 * At the next beat, or the first one after so long.
 * @returns what calls it off
 */
export function onBeat(work: () => void, leastMs = 0): () => void {
  const now = performance.now();
  const moment = Math.ceil((now + Math.max(SOON_MS, leastMs)) / BEAT_MS) * BEAT_MS;
  const due = beats.get(moment) ?? new Set();
  if (!beats.has(moment)) {
    beats.set(moment, due);
    setTimeout(() => strike(moment, due), moment - now);
  }
  const once = (): void => work();
  due.add(once);
  return () => void due.delete(once);
}

/** Whoever fails costs the others nothing. */
function strike(moment: number, due: Set<() => void>): void {
  beats.delete(moment);
  for (const work of due) {
    try {
      work();
    } catch (thrown) {
      reportError(thrown);
    }
  }
}

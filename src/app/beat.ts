// What goes on by itself is told on common beats, four a second: all that is then changed on screen is rendered at once and
// shares one frame. Each costs a hundredth of a core's second, which a run would have for its network.

const BEAT_MS = 250; //  UI.md: counts update at most four times a second
const SOON_MS = 20; //   a beat so near is this one still

const beats = new Map<number, Set<NextBeat>>(); // what is due, by moment: ms of performance.now()

/** A work that many may ask for: it is done once, at the earliest beat of those asked for. */
export class NextBeat {
  readonly #work: () => void;
  #moment = Number.POSITIVE_INFINITY;

  constructor(work: () => void) {
    this.#work = work;
  }

  /** At the next beat, or the first one after so long. */
  ask(leastMs = 0): void {
    const now = performance.now();
    const moment = Math.ceil((now + Math.max(SOON_MS, leastMs)) / BEAT_MS) * BEAT_MS;
    if (moment >= this.#moment) return;
    this.leave();
    this.#moment = moment;
    const due = beats.get(moment);
    if (due) due.add(this);
    else {
      beats.set(moment, new Set([this]));
      setTimeout(() => strike(moment), moment - now);
    }
  }

  /** Nobody asks any more. */
  leave(): void {
    beats.get(this.#moment)?.delete(this);
    this.#moment = Number.POSITIVE_INFINITY;
  }

  strike(): void {
    this.leave();
    this.#work();
  }
}

/** Whoever fails costs the others nothing. */
function strike(moment: number): void {
  for (const next of beats.get(moment) ?? []) {
    try {
      next.strike();
    } catch (thrown) {
      reportError(thrown);
    }
  }
  beats.delete(moment);
}

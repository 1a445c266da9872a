// Several runs over the same tissue that keep step, so that tiles are read and decoded once for all of them.
import { unlessAborted } from '#channel/unless-aborted.ts';
import type { Waits } from '#channel/waits.ts';
import { LEFT_EARLY, type RunEnd, type RunEvent } from './events.ts';

type Events = AsyncGenerator<RunEvent, RunEnd, undefined>;

interface Member {
  planned: number;
  done: number;
  isOver: boolean;
}

/**
 * Whoever has a larger share of its patches than another waits for it: their order is the same, outward from the view, so
 * that they look at the same place. What a run computes ahead is not held up, only taken later. The first one ends last.
 */
export class InStep {
  readonly #members: Member[] = [];
  readonly #waiting = new Set<() => void>();

  /** The events of one more run, taken over. All join before the first is asked for an event. */
  join(events: Events, waits: Waits): Events {
    const member: Member = { planned: 0, done: 0, isOver: false };
    this.#members.push(member);
    return this.#through(events, member, waits);
  }

  async *#through(events: Events, member: Member, { signal }: Waits): Events {
    try {
      for (;;) {
        const next = await events.next();
        if (next.done) {
          if (!next.value.failure && member === this.#members[0])
            await this.#until(() => this.#members.every((other) => other === member || other.isOver), signal);
          return next.value;
        }
        const event = next.value;
        if (event.kind === 'planned') member.planned = event.patches;
        else if (event.kind === 'patch' || event.kind === 'failed') member.done++;
        this.#look();
        yield event;
        if (event.kind === 'patch' && event.kept) continue; // waits for nobody
        await this.#until(
          () => this.#members.every((other) => other.isOver || shareOf(other) >= shareOf(member)),
          signal,
        );
      }
    } finally {
      member.isOver = true;
      this.#look();
      await events.return(LEFT_EARLY).catch(() => undefined); // what it was aborted with
    }
  }

  async #until(isSo: () => boolean, signal: AbortSignal): Promise<void> {
    while (!isSo()) {
      let look = (): void => undefined;
      const changed = new Promise<void>((resolve) => {
        look = resolve;
        this.#waiting.add(look);
      });
      try {
        await unlessAborted(changed, signal);
      } finally {
        this.#waiting.delete(look);
      }
    }
  }

  #look(): void {
    for (const look of [...this.#waiting]) look();
  }
}

const shareOf = ({ planned, done }: Member): number => (planned === 0 ? 0 : done / planned);

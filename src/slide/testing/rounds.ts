// How many round trips follow one another, whatever the network's speed and the machine's: requests that wait go out
// together, when all answers of the round before have been read and nothing more is asked for.
import type { Fetch } from '../url-source.ts';

const QUIET_TURNS = 20; // of the event loop: longer than any way from an answer to the next question

export interface Rounds {
  readonly fetch: Fetch;
  requests(): number;
  rounds(): number;
}

export function countedRounds(): Rounds {
  let waiting: (() => void)[] = [];
  let [requests, rounds, flying, quiet] = [0, 0, 0, 0];
  let turning = false;
  const wait = (): void => {
    quiet = 0;
    if (turning || flying > 0 || waiting.length === 0) return; // the last answer, or the next request, goes on
    turning = true;
    setTimeout(turn, 0);
  };
  const turn = (): void => {
    if (++quiet < QUIET_TURNS) return void setTimeout(turn, 0);
    turning = false;
    rounds++;
    const all = waiting;
    waiting = [];
    flying = all.length;
    for (const go of all) go();
  };
  return {
    async fetch(input, init) {
      requests++;
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        wait();
      });
      try {
        const response = await fetch(input, init);
        const body = await response.arrayBuffer();
        return new Response(body, response);
      } finally {
        flying--;
        wait();
      }
    },
    requests: () => requests,
    rounds: () => rounds,
  };
}

// Which cores are still to come: of a list, or of all in a span, of which only those that came are kept note of.
import type { CoreAt, CoreSpan } from './core-at.ts';

export interface AwaitedCores {
  has(at: CoreAt): boolean;
  delete(at: CoreAt): void;
  clear(): void;
}

export const awaitedCores = (cores: readonly CoreAt[] | CoreSpan): AwaitedCores =>
  'from' in cores ? ofSpan(cores) : ofList(cores);

function ofList(cores: readonly CoreAt[]): AwaitedCores {
  const left = new Set(cores.map(keyOf));
  return {
    has: (at) => left.has(keyOf(at)),
    delete: (at) => void left.delete(keyOf(at)),
    clear: () => left.clear(),
  };
}

function ofSpan({ from, to }: CoreSpan): AwaitedCores {
  const came = new Set<string>();
  let isOver = false;
  return {
    has: (at) =>
      !isOver && at.col >= from.col && at.row >= from.row && at.col < to.col && at.row < to.row && !came.has(keyOf(at)),
    delete: (at) => void came.add(keyOf(at)),
    clear: () => {
      isOver = true;
    },
  };
}

const keyOf = ({ col, row }: CoreAt): string => `${col},${row}`;

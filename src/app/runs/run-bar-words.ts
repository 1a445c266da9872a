// What the run bar says of several models, and while something is tried again.
import type { Failure } from '#errors/failure.ts';
import type { ModelShare } from '../stores/run-store.ts';
import { count, plural } from '../words.ts';

export function waitingWords(failure: Failure): string {
  switch (failure.tag) {
    case 'DeviceLost':
      return 'Starting the GPU again, nothing is lost';
    case 'Unreachable':
    case 'NotFound':
      return 'Waiting for the slide’s host, nothing is lost';
    case 'WorkerDied':
      return 'Starting its worker again, nothing is lost';
    case 'TimedOut':
      return 'Asking again, nothing is lost';
    default:
      return 'Trying again, nothing is lost';
  }
}

export interface ModelsWords {
  readonly behind: string; //   which of them the others wait for
  readonly detail: string; //   each by itself
}

/** Of several models in one run. */
export function modelsWords(models: readonly ModelShare[], nameOf: (id: string) => string): ModelsWords {
  const going = models.filter(({ isOver, total }) => !isOver && total > 0);
  const least = Math.min(...going.map(shareDone));
  const last = going.filter((model) => shareDone(model) === least);
  const [first] = last;
  const behind = first && last.length < going.length ? `${nameOf(first.model)} is behind` : 'they keep step';
  const each = models.map(({ model, done, total, failed, isOver }) => {
    const patches = isOver
      ? plural(done, 'patch', 'patches')
      : `${count(done)} of ${plural(total, 'patch', 'patches')}`;
    return `${nameOf(model)}: ${patches}${failed > 0 ? `, ${count(failed)} failed` : ''}${isOver ? ', over' : ''}.`;
  });
  return { behind, detail: `${each.join(' ')} Pause and Cancel act on all of them.` };
}

const shareDone = ({ done, total }: ModelShare): number => done / total;

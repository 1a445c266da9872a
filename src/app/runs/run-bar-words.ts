// What the run bar says while something is tried again.
import type { Failure } from '#errors/failure.ts';

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

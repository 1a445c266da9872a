// How panels ask something of a run: it is not waited for, and a refusal becomes a notice.
import { failureOf, isAbort } from '#errors/failure.ts';
import { notify } from '../stores/window-store.ts';
import type { Workbench } from '../workbench.ts';

/** Runs on without being waited for: how it goes on is in the run store. */
export function asked({ stores }: Pick<Workbench, 'stores'>, work: Promise<unknown>): void {
  work.catch((thrown: unknown) => {
    if (isAbort(thrown) || failureOf(thrown).tag === 'StorageFull') return; // a full disk comes with its own notice
    notify(stores.window, { text: thrown instanceof Error ? thrown.message : String(thrown), tone: 'bad' });
  });
}

import { expect } from 'vitest';

/** Nothing is kept in this browser. @param timeout ms: the handles of a worker that was ended are let go of a moment later */
export async function clearDisk(timeout = 1000): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const removed = (): Promise<string> =>
    root.removeEntry('eosin', { recursive: true }).then(
      () => '',
      ({ name }: Error) => name,
    );
  await expect.poll(removed, { timeout }).toMatch(/^(NotFoundError)?$/);
}

// Why an address does not open, asked from this page.
import type { Waits } from '#channel/waits.ts';
import { type Diagnosis, diagnose } from '#slide/diagnose.ts';
import type { Workbench } from './workbench.ts';

export const diagnosed = (bench: Pick<Workbench, 'ways'>, url: string, waits: Waits): Promise<Diagnosis> =>
  diagnose(
    url,
    {
      fetch: (input, init) => fetch(input, init),
      origin: location.origin,
      isolated: crossOriginIsolated,
      open: async (from, during) => (await bench.ways.read(from, during)).slide,
      now: () => performance.now(),
    },
    waits,
  );

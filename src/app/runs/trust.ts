// What a model's golden patch says on the device that computes.
import type { Waits } from '#channel/waits.ts';
import { describe, failureOf } from '#errors/failure.ts';
import type { LoadedModel } from '#inference/model.ts';
import type { RunSessionNeeds } from '../run-session.ts';
import { segmentations } from '../stores/models-store.ts';
import type { Stores } from '../stores.ts';
import { manifestFor } from './preparing.ts';
import type { Trusted } from './runs-api.ts';

/** Which model a device was told of, and what. */
export type Judged = Pick<LoadedModel, 'manifest' | 'report'>;

/** What is said of a model that no device computes as it should; undefined for any other failure. */
export function refusal(thrown: unknown, stores: Stores): Judged | undefined {
  const failure = failureOf(thrown);
  if (failure.tag !== 'ModelWrong' || failure.refusedAt === undefined) return undefined;
  const manifest = segmentations(stores.models.getState()).find(({ id }) => id === failure.model);
  if (!manifest) return undefined;
  const { tolerance } = manifest.golden;
  const measured = { precision: 'fp32', maxDifference: failure.refusedAt, tolerance, since: Date.now() } as const;
  const trust = { verdict: 'refused', ...measured, why: describe(failure) } as const;
  return { manifest, report: { device: 'wasm', deviceName: failure.device, whyNotGpu: undefined, trust } };
}

/**
 * Loads the model where that is still to do.
 * @param waits.anew its golden patch runs again, whatever is kept
 * @throws EosinError BadInput where there is no such model; what loading throws, but for a model that is refused
 */
export async function trustOf(
  { stores, shelf, parts }: RunSessionNeeds,
  id: string,
  waits: Waits & { readonly anew?: boolean },
  tell: (judged: Judged) => void,
): Promise<Trusted> {
  await shelf;
  const manifest = manifestFor(stores, id);
  const { device } = stores.settings.getState();
  const { signal } = waits;
  const judge = async (): Promise<Judged> => {
    const model = await (await parts()).model(manifest.id, { device, signal, onProgress: () => undefined });
    if (waits.anew) await model.judgeAgain(waits);
    return model;
  };
  const judged = await judge().catch((thrown: unknown) => {
    const refused = refusal(thrown, stores);
    if (refused) return refused;
    throw thrown;
  });
  tell(judged);
  const { precision, maxDifference, verdict, why } = judged.report.trust;
  return { device: judged.report.device, precision, maxDifference, verdict, why };
}

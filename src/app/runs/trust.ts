// What a model's golden patch says on the device that computes.
import type { Waits } from '#channel/waits.ts';
import type { LoadedModel } from '#inference/model.ts';
import type { RunSessionNeeds } from '../run-session.ts';
import { manifestFor } from './preparing.ts';
import type { Trusted } from './runs-api.ts';

/**
 * Loads the model where that is still to do.
 * @param waits.anew its golden patch runs again, whatever is kept
 * @throws EosinError BadInput where there is no such model; what loading throws
 */
export async function trustOf(
  { stores, shelf, parts }: RunSessionNeeds,
  id: string,
  waits: Waits & { readonly anew?: boolean },
  tell: (model: LoadedModel) => void,
): Promise<Trusted> {
  await shelf;
  const manifest = manifestFor(stores, id);
  const { device } = stores.settings.getState();
  const { signal } = waits;
  const model = await (await parts()).model(manifest.id, { device, signal, onProgress: () => undefined });
  if (waits.anew) await model.judgeAgain(waits);
  tell(model);
  const { precision, maxDifference, verdict, why } = model.report.trust;
  return { device: model.report.device, precision, maxDifference, verdict, why };
}

import { EosinError } from '#errors/failure.ts';
import type { ModelManifest } from './manifest.ts';
import type { DeviceReport } from './model.ts';
import type { Verdict } from './protocol.ts';

interface OnWasm {
  readonly deviceName: string;
  readonly whyNotGpu: string; //  a sentence
  /** What the golden input said, and when, ms since 1970. */
  readonly verdict: Verdict & { readonly since: number };
  /** The GPU was tried, and left for `whyNotGpu`. */
  readonly fellBack?: boolean;
  /** Why Eosin's own kernels do not compute though they know the graph, a sentence. */
  readonly whyNotOwn?: string | undefined;
}

/**
 * What is told of a model that computes on WASM, the last device there is.
 * @throws EosinError ModelWrong where the golden input came out otherwise
 */
export function wasmReport(
  { id, golden: { tolerance } }: ModelManifest,
  { deviceName, whyNotGpu, verdict: { wrong, maxDifference, since }, fellBack = false, whyNotOwn }: OnWasm,
): DeviceReport {
  if (wrong)
    throw new EosinError({ tag: 'ModelWrong', model: id, device: deviceName, seen: wrong, refusedAt: maxDifference });
  const why = [fellBack ? whyNotGpu : undefined, whyNotOwn].filter(Boolean).join(' ') || undefined;
  const verdict = why === undefined ? 'trusted' : 'fell back';
  const trust = { verdict, precision: 'fp32', maxDifference, tolerance, since, why } as const;
  return { device: 'wasm', deviceName, whyNotGpu, trust };
}

// The trial of an added model, on a worker that ends with it.
import { openChannel } from '#channel/channel.ts';
import type { Waits } from '#channel/waits.ts';
import { type Spawned, spawned } from '#channel/worker-set.ts';
import type { TrialAsked, TrialCalls, TrialFound } from './trial-calls.ts';

const spawnWorker = (): Spawned =>
  spawned(new Worker(new URL('./trial.worker.ts', import.meta.url), { type: 'module', name: 'Trial of a model' }));

/** The patches move. @throws EosinError ModelInvalid; WorkerDied; the signal's reason */
export async function tryModel(asked: TrialAsked, { signal }: Waits, spawn = spawnWorker): Promise<TrialFound> {
  const worker = spawn();
  const channel = openChannel<TrialCalls>(worker.port);
  worker.onError((reason) => channel.close({ tag: 'WorkerDied', label: 'The trial', reason }));
  try {
    return await channel.call('run', asked, { signal, transfer: asked.patches.map(({ buffer }) => buffer) });
  } finally {
    channel.close({ tag: 'UseAfterDispose', label: 'The trial' });
    worker.terminate();
  }
}

/** RGBA pixels → [3 × side × side], value / 255, then less the mean, over the deviation, by channel. */
export function normalised(
  rgba: Uint8ClampedArray,
  mean: readonly [number, number, number],
  std: readonly [number, number, number],
): Float32Array<ArrayBuffer> {
  const count = rgba.length / 4;
  const out = new Float32Array(3 * count);
  for (let c = 0; c < 3; c++) {
    const [offset, scale] = [mean[c] ?? 0, 1 / (std[c] ?? 1)];
    for (let i = 0; i < count; i++) out[c * count + i] = ((rgba[4 * i + c] ?? 0) / 255 - offset) * scale;
  }
  return out;
}

/** What was seen of the features of a few patches, a sentence; undefined where nothing speaks against them. */
export function whatSpeaksAgainst(name: string, rows: readonly Float32Array[]): string | undefined {
  if (rows.some((row) => row.some((value) => !Number.isFinite(value))))
    return `${name} holds a value that is no number`;
  const [first, ...others] = rows;
  const isSame = first !== undefined && others.every((row) => row.every((value, i) => value === first[i]));
  return others.length > 0 && isSame ? `${name} is the same for every patch` : undefined;
}

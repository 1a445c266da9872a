// An attention model over a set of features.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { ModelClass, RowsManifest } from '#inference/manifest.ts';
import type { LoadedRows } from '#inference/model.ts';
import type { Attended } from './attention.ts';
import type { FeatureSet } from './feature-set.ts';

const CHUNK_ROWS = 4096;
export const LEAST_ROWS = 8; // fewer are no bag: attention has nothing to choose from

/** The classes that a slide's prediction is about. */
export function attentionClasses({ outputs }: RowsManifest): readonly ModelClass[] {
  const patch = outputs.find(({ name }) => name === 'patch');
  return patch && 'classes' in patch ? patch.classes : [];
}

/** @throws EosinError BadInput where the model does not read this encoder's features: id, hash, block or its width */
export function checkFits({ id, task, input }: RowsManifest, set: Pick<FeatureSet, 'encoder' | 'blocks'>): void {
  const { encoder, blocks } = set;
  const wanted = input.encoder;
  const refused = (seen: string, todo: string): EosinError =>
    new EosinError({ tag: 'BadInput', what: `${id} on features of ${encoder.id}`, seen, todo });
  if (task !== 'attention') throw refused(`${id} is of the task ${task}`, 'Choose an attention model.');
  if (wanted.id !== encoder.id) throw refused(`it reads those of ${wanted.id}`, `Embed with ${wanted.id}.`);
  if (wanted.sha256 !== encoder.sha256) {
    const versions = `${wanted.sha256.slice(0, 8)}, here ${encoder.sha256.slice(0, 8)}`;
    throw refused(`it learnt on another version (${versions})`, 'Copy both model folders from one release.');
  }
  const channels = blocks.find(({ name }) => name === wanted.output)?.channels;
  if (channels === input.channels) return;
  const seen = channels === undefined ? 'is missing' : `has ${channels} numbers a patch`;
  throw refused(`${wanted.output} ${seen}, it reads ${input.channels}`, 'Choose another encoder.');
}

/** @throws EosinError BadInput for too few patches to compare */
export function checkEnough(rows: number): void {
  if (rows >= LEAST_ROWS) return;
  const seen = `only ${rows} ${rows === 1 ? 'patch' : 'patches'} of tissue, attention needs ${LEAST_ROWS} to compare`;
  throw new EosinError({ tag: 'BadInput', what: 'The region', seen, todo: 'Choose a larger one.' });
}

/**
 * @param since what was said of the set's first rows already; only the later ones are computed
 * @throws EosinError BadInput where they do not fit, for fewer than eight rows, for NaN; what the model throws
 */
export async function attend(model: LoadedRows, set: FeatureSet, waits: Waits, since?: Attended): Promise<Attended> {
  checkFits(model.manifest, set);
  const { rows } = set;
  checkEnough(rows);
  const { input } = model.manifest;
  const classes = attentionClasses(model.manifest).length;
  const attention = new Float32Array(rows);
  const patch = new Float32Array(rows * classes);
  const known = since?.attention.length ?? 0;
  if (since) {
    attention.set(since.attention);
    patch.set(since.patch);
  }
  for (let from = known; from < rows; from += CHUNK_ROWS) {
    const to = Math.min(rows, from + CHUNK_ROWS);
    const features = set.values(input.encoder.output).subarray(from * input.channels, to * input.channels);
    const outputs = await model.run(features, { ...waits, outputs: ['attention', 'patch'] });
    attention.set(outputs.attention?.data ?? [], from);
    patch.set(outputs.patch?.data ?? [], from * classes);
  }
  return { attention, patch, classes };
}

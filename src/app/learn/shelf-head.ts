// A head of the shelf on the open slide's patches: shipped, or one that was saved here and added by the wizard.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { ModelClass, RowsManifest } from '#inference/manifest.ts';
import type { LoadedRows } from '#inference/model.ts';
import type { NamedSet } from '../attention/kept-features.ts';
import type { Said } from './head-desk.ts';
import { checkReads } from './learnt.ts';
import { featuresOf } from './row-sets.ts';

const CHUNK_ROWS = 8192;

const classesOf = ({ outputs }: RowsManifest): readonly ModelClass[] => {
  const found = outputs.find(({ name }) => name === 'classes');
  return found && 'classes' in found ? found.classes : [];
};

/** @throws EosinError BadInput where it reads other features: of another encoder, version or block; what the model throws */
export async function saidByShelf(model: LoadedRows, set: NamedSet, waits: Waits): Promise<Said> {
  const { id, input } = model.manifest;
  const classes = classesOf(model.manifest);
  checkReads({ id, encoder: input.encoder, block: input.encoder.output, classes }, set);
  const { values, rows, cols } = featuresOf(set, input.encoder.output);
  if (cols !== input.channels) {
    const seen = `${input.encoder.output} has ${cols} numbers a patch, ${id} reads ${input.channels}`;
    throw new EosinError({ tag: 'BadInput', what: 'The features', seen, todo: 'Choose another head.' });
  }
  const probabilities = new Float32Array(rows * classes.length);
  for (let from = 0; from < rows; from += CHUNK_ROWS) {
    const part = values.subarray(from * cols, Math.min(rows, from + CHUNK_ROWS) * cols);
    const outputs = await model.run(part, { signal: waits.signal, outputs: ['classes'] });
    probabilities.set(outputs.classes?.data ?? [], from * classes.length);
  }
  return { set, classes, probabilities };
}

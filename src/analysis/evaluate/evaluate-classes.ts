// Pictures through an encoder and a network on its features: a class each, or one for a bag of them.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { RowsManifest } from '#inference/manifest.ts';
import type { LoadedModel, LoadedRows, PatchOutputs } from '#inference/model.ts';
import { levelOf, type Slide } from '#slide/slide.ts';
import type { Point } from '#units/rect.ts';
import { checkFits } from '../attend.ts';
import { pooled } from '../attention.ts';
import { embed, embedPicture } from '../embed.ts';
import { FeatureSet } from '../feature-set.ts';

/** Both are lent. */
export interface Reading {
  readonly encoder: LoadedModel;
  readonly network: LoadedRows;
}

const outputOf = ({ id, outputs }: RowsManifest, name: string) => {
  const found = outputs.find((output) => output.name === name);
  if (found && 'classes' in found) return found;
  const seen = `it has no output ${name} with classes`;
  throw new EosinError({ tag: 'ModelInvalid', model: id, seen, todo: 'Choose another model.' });
};

/** What a tile head, or an attention network, tells apart. @throws EosinError ModelInvalid */
export const classesOf = (manifest: RowsManifest): readonly string[] =>
  outputOf(manifest, manifest.task === 'head' ? 'classes' : 'slide').classes.map(({ name }) => name);

/**
 * A head's probabilities for whole pictures, [pictures × classes].
 * @throws EosinError BadInput where the head reads another encoder's features; what embedPicture and the models throw
 */
export async function tileScores(slides: readonly Slide[], { encoder, network }: Reading, waits: Waits) {
  const { input, id } = network.manifest;
  const set = new FeatureSet(encoder.manifest);
  if (input.encoder.sha256 !== set.encoder.sha256) {
    const seen = `it reads features of ${input.encoder.id}, these are of ${set.encoder.id}`;
    throw new EosinError({ tag: 'BadInput', what: id, seen, todo: 'Choose the encoder that it names.' });
  }
  for (const slide of slides) await embedPicture(slide, encoder, set, waits);
  const outputs = await network.run(set.values(input.encoder.output), { ...waits, outputs: ['classes'] });
  return dataOf(outputs, 'classes');
}

/**
 * An attention network's probabilities for the patches of all these pictures as one bag, on each picture's grid.
 * @throws EosinError BadInput where it reads another encoder's features, or no patch fits; what the models throw
 */
export async function bagScores(slides: readonly Slide[], { encoder, network }: Reading, waits: Waits) {
  const { input, id } = network.manifest;
  const parts: Float32Array[] = [];
  for (const slide of slides) {
    const set = new FeatureSet(encoder.manifest);
    checkFits(network.manifest, set);
    await embedWhole(slide, encoder, set, waits);
    parts.push(Float32Array.from(set.values(input.encoder.output)));
  }
  const features = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    features.set(part, at);
    at += part.length;
  }
  const classes = classesOf(network.manifest).length;
  const outputs = features.length > 0 ? await network.run(features, { ...waits, outputs: ['attention', 'patch'] }) : {};
  const attention = dataOf(outputs, 'attention');
  const { prediction } = pooled({ attention, patch: dataOf(outputs, 'patch'), classes }, undefined);
  if (prediction) return prediction;
  const seen = `its ${slides.length} pictures hold no whole patch of ${input.encoder.id}`;
  throw new EosinError({ tag: 'BadInput', what: `A bag for ${id}`, seen, todo: 'Give larger pictures, check --mpp.' });
}

async function embedWhole(slide: Slide, encoder: LoadedModel, set: FeatureSet, waits: Waits): Promise<void> {
  const { widthPx, heightPx } = levelOf(slide, 0);
  const { mpp } = slide;
  if (!mpp) throw new EosinError({ tag: 'Uncalibrated', name: slide.name });
  const region = { x: 0, y: 0, width: widthPx, height: heightPx };
  const viewCentre = (): Point => ({ x: 0, y: 0 });
  const run = embed({ slide, mpp, region, encoder, set, viewCentre }, waits);
  let next = await run.next();
  for (; !next.done; next = await run.next())
    if (next.value.kind === 'failed') throw new EosinError(next.value.failure);
  if (next.value.failure) throw new EosinError(next.value.failure);
}

const dataOf = (outputs: PatchOutputs, name: string): Float32Array => Float32Array.from(outputs[name]?.data ?? []);

// What the folder of a head says of itself.
import type { ModelName } from '#learn/model-folder.ts';
import type { HeadSummary } from '../stores/learn-store.ts';
import type { LearntHead } from './learnt.ts';

/** @param slide its name: what the head learnt from */
export function nameFor(head: LearntHead, summary: HeadSummary | undefined, slide: string): ModelName {
  const classes = head.classes.map(({ name }) => name).join(', ');
  const labels = summary?.labels ?? 0;
  const figure = summary?.figure;
  const where = summary?.isByPlace
    ? 'blocks of the slide left out in turn'
    : 'patches left out one by one, which flatters';
  return {
    id: `${head.id}-${head.encoder.id}-${head.block}`,
    name: `${summary?.name ?? 'Head'}: ${classes}`,
    summary: `Tells ${classes} apart on ${head.block} of ${head.encoder.id}; learnt in Eosin from ${labels} labelled patches.`,
    licence: 'unknown',
    licenceNote: 'Made by whoever labelled; the terms of the slide and of the encoder apply.',
    data: [`${labels} patches of ${slide}, labelled by hand`],
    metrics: figure
      ? [
          {
            name: `macro F1, labelled patches, ${where}`,
            value: figure.macroF1,
            ci: figure.interval,
          },
        ]
      : [],
    encoder: { ...head.encoder, output: head.block },
  };
}

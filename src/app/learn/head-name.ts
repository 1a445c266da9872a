// What the folder of a head, or of an attention network, says of itself.
import type { ModelName } from '#learn/model-folder.ts';
import type { LearntAttention as AttentionSummary, HeadSummary } from '../stores/learn-store.ts';
import type { LearntAttention, LearntHead } from './learnt.ts';

/**
 * @param slide its name: what the head learnt from
 * @param many what was labelled: 'patches'
 */
export function nameFor(head: LearntHead, summary: HeadSummary | undefined, slide: string, many: string): ModelName {
  const classes = head.classes.map(({ name }) => name).join(', ');
  const labels = summary?.labels ?? 0;
  const figure = summary?.figure;
  const where = summary?.isByPlace
    ? 'blocks of the slide left out in turn'
    : `${many} left out one by one, which flatters`;
  return {
    id: `${head.id}-${head.encoder.id}-${head.block}`,
    name: `${summary?.name ?? 'Head'}: ${classes}`,
    summary: `Tells ${classes} apart on ${head.block} of ${head.encoder.id}; learnt in Eosin from ${labels} labelled ${many}.`,
    licence: 'unknown',
    licenceNote: 'Made by whoever labelled; the terms of the slide and of the encoder apply.',
    data: [`${labels} ${many} of ${slide}, labelled by hand`],
    metrics: figure
      ? [
          {
            name: `macro F1, labelled ${many}, ${where}`,
            value: figure.macroF1,
            ci: figure.interval,
          },
        ]
      : [],
    encoder: { id: head.encoder.id, sha256: head.encoder.sha256, output: head.block },
  };
}

export function nameForAttention(model: LearntAttention, summary: AttentionSummary | undefined): ModelName {
  const classes = model.classes.map(({ name }) => name).join(', ');
  const bags = summary?.bags ?? 0;
  const where = summary?.isByGroup ? 'patients left out in turn' : 'bags left out in turn';
  return {
    id: `${model.id}-${model.encoder.id}-${model.block}`,
    name: `Attention: ${classes}`,
    summary: `Pools ${model.block} of ${model.encoder.id} into ${classes}; learnt in Eosin from ${bags} labelled slides.`,
    licence: 'unknown',
    licenceNote: 'Made by whoever labelled; the terms of the slides and of the encoder apply.',
    data: [`${bags} slides, labelled as a whole`],
    metrics:
      summary && Number.isFinite(summary.auc)
        ? [{ name: `bag AUC, ${where}`, value: summary.auc, ci: summary.interval }]
        : [],
    encoder: { id: model.encoder.id, sha256: model.encoder.sha256, output: model.block },
  };
}

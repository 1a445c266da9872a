// Which models a run is asked for by their ids: some that find objects, and one of attention where wanted, which takes its
// encoder along. They share the tiles they read.
import { EosinError } from '#errors/failure.ts';
import type { ModelManifest } from '#inference/manifest.ts';
import { MOST_TOGETHER } from '../stores/models-store.ts';

export interface ModelsAsked {
  readonly model: string; //              its objects are shown
  readonly others: readonly string[]; // find objects too, each in a run of its own
  readonly attention: string; // 'none' where none is asked for
}

/** @throws EosinError BadInput for what one run cannot do, with what can be done instead */
export function modelsAsked(ids: readonly string[], manifests: readonly ModelManifest[]): ModelsAsked {
  const asked = ids.map((id) => ({ id, task: manifests.find((one) => one.id === id)?.task }));
  const named = (task: ModelManifest['task']): string[] => asked.flatMap((one) => (one.task === task ? [one.id] : []));
  const unknown = asked.find(({ task }) => task === undefined);
  if (unknown && ids.length === 1) return { model: unknown.id, others: [], attention: 'none' }; // the run says why it is not there
  if (unknown) throw refused(`there is none named ${unknown.id}`, 'Take ids of models().');
  const [encoder] = named('encoder');
  if (encoder !== undefined)
    throw refused(
      `${encoder} is an encoder, which finds no objects`,
      'Name an attention model instead, which takes its encoder along, or call embed.',
    );
  const [head] = named('head');
  if (head !== undefined) throw refused(`${head} is a head, which reads features`, 'Call embed, then predict.');
  const [network, ...others] = [...new Set(named('segmentation'))];
  if (network === undefined)
    throw refused(
      ids.join(', ') || 'none of them',
      'Give the id of a segmentation model, and of one attention model where wanted.',
    );
  if (others.length >= MOST_TOGETHER)
    throw refused(
      `${others.length + 1} of them find objects, and ${MOST_TOGETHER} of those are kept in memory`,
      `Name ${MOST_TOGETHER} at most.`,
    );
  const [attention = 'none', other] = named('attention');
  if (other !== undefined)
    throw refused(
      `${attention} and ${other} are both of attention`,
      'Name one. The other attends the same features afterwards: call embed, then attend.',
    );
  return { model: network, others, attention };
}

const refused = (seen: string, todo: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: 'The models', seen, todo });

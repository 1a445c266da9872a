// Which models a run is asked for by their ids: one that finds objects, and one of attention where wanted, which takes its
// encoder along. They share the tiles they read.
import { EosinError } from '#errors/failure.ts';
import type { ModelManifest } from '#inference/manifest.ts';

export interface ModelsAsked {
  readonly model: string;
  readonly attention: string; // 'none' where none is asked for
}

/** @throws EosinError BadInput for what one run cannot do, with what can be done instead */
export function modelsAsked(ids: readonly string[], manifests: readonly ModelManifest[]): ModelsAsked {
  const asked = ids.map((id) => ({ id, task: manifests.find((one) => one.id === id)?.task }));
  const named = (task: ModelManifest['task']): string[] => asked.flatMap((one) => (one.task === task ? [one.id] : []));
  const unknown = asked.find(({ task }) => task === undefined);
  if (unknown && ids.length === 1) return { model: unknown.id, attention: 'none' }; // the run says why it is not there
  if (unknown) throw refused(`there is none named ${unknown.id}`, 'Take ids of models().');
  const [encoder] = named('encoder');
  if (encoder !== undefined)
    throw refused(
      `${encoder} is an encoder, which finds no objects`,
      'Name an attention model instead, which takes its encoder along, or call embed.',
    );
  const [head] = named('head');
  if (head !== undefined) throw refused(`${head} is a head, which reads features`, 'Call embed, then predict.');
  const [network, another] = named('segmentation');
  if (network === undefined)
    throw refused(
      ids.join(', ') || 'none of them',
      'Give the id of one segmentation model, and of one attention model where wanted.',
    );
  if (another !== undefined)
    throw refused(
      `${network} and ${another} both find objects, and those of one would take the place of the other’s`,
      'Analyse with one, save its objects, then analyse with the other.',
    );
  const [attention = 'none', other] = named('attention');
  if (other !== undefined)
    throw refused(
      `${attention} and ${other} are both of attention`,
      'Name one. The other attends the same features afterwards: call embed, then attend.',
    );
  return { model: network, attention };
}

const refused = (seen: string, todo: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: 'The models', seen, todo });

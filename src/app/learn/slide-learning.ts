// What was learnt on a slide, for a session: labels, which heads learn from them, features, attention with what was left out, and
// the networks of this browser. Elsewhere it comes where nothing of its kind is: nobody's labels are written over.
import type { Attended } from '#analysis/attention.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { Slide } from '#slide/slide.ts';
import type { MppXY } from '#units/units.ts';
import type { AttentionSession } from '../attention/attention-session.ts';
import { encodeRows } from '../kept-learning/feature-rows.ts';
import type { LearningKept } from '../kept-learning/label-keeper.ts';
import { headerOf, networkOf, weightsOf } from '../kept-learning/network-keeper.ts';
import { noSlide, type SlideSession } from '../slide-session.ts';
import { attentionModels } from '../stores/models-store.ts';
import type { Stores } from '../stores.ts';
import type { LearnSession } from './learn-session.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export interface Named {
  readonly id: string;
  readonly sha256: string;
}

export type AttentionNamed = Attended & { readonly model: Named; readonly encoder: Named };

export interface SlideLearning {
  readonly labels: LearningKept;
  readonly features: readonly { readonly encoder: Named; readonly records: readonly Bytes[] }[]; // see feature-rows.ts
  readonly attention: AttentionNamed | undefined; // that is shown
  readonly compared: AttentionNamed | undefined; //  with it, of another model
  readonly leftOut: readonly Float64Array[]; // rings, x, y pairs, level-0 px
  readonly networks: readonly { readonly header: Bytes; readonly weights: Bytes }[]; // see network-keeper.ts
}

interface Needs {
  readonly learn: LearnSession;
  readonly attention: AttentionSession;
  readonly slides: SlideSession;
  readonly stores: Stores;
}

const TOGETHER = 512; // rows of a record

export async function learningOfSlide({ learn, attention }: Needs, waits: Waits): Promise<SlideLearning> {
  await learn.open(); // features of the disk are here, too
  waits.signal.throwIfAborted();
  const features = learn.sets.encoders().flatMap((encoder) => {
    const set = learn.sets.of(encoder.id)?.features;
    if (!set) return [];
    const records: Bytes[] = [];
    for (let from = 0; from < set.rows; from += TOGETHER) {
      const rows = Array.from({ length: Math.min(TOGETHER, set.rows - from) }, (_, k) => {
        const [x = 0, y = 0, width = 0, height = 0] = set.boxes.subarray(4 * (from + k), 4 * (from + k) + 4);
        return { row: from + k, box: { x, y, width, height } };
      });
      records.push(encodeRows(set, rows));
    }
    return [{ encoder: set.encoder, records }];
  });
  return {
    labels: learn.kept(),
    features,
    attention: attention.shown(),
    compared: attention.compared(),
    leftOut: attention.leftOutRings(),
    networks: learn.slides.all().map((network) => ({ header: headerOf(network), weights: weightsOf(network.model) })),
  };
}

const taking = new WeakMap<LearnSession, Promise<unknown>>();

/**
 * One after the other, and onto the slide that is open now: once it is left, or its pixel size is another, nothing more comes.
 * @returns what did not come, and why, in sentences
 * @throws EosinError BadInput where a part of it is damaged; the signal's reason; an AbortError where the slide was left
 */
export function takeInLearning(needs: Needs, came: SlideLearning, waits: Waits): Promise<string[]> {
  const { opened, mpp } = needs.slides;
  const [slide, size] = [opened()?.slide, mpp()];
  if (!slide) return Promise.reject(new EosinError(noSlide));
  /** After each wait: what comes next would land on whatever is open then. */
  const still = (): void => {
    waits.signal.throwIfAborted();
    const now = mpp();
    if (opened()?.slide !== slide || now?.x !== size?.x || now?.y !== size?.y)
      throw new DOMException(LEFT, 'AbortError');
  };
  const before = taking.get(needs.learn) ?? Promise.resolve();
  const taken = before.catch(() => undefined).then(() => takeIn(needs, came, { slide, mpp: size, still }, waits));
  taking.set(needs.learn, taken);
  return taken;
}

const LEFT = 'The slide was closed, or its pixel size was changed.';

interface Onto {
  readonly slide: Slide;
  readonly mpp: MppXY | undefined;
  /** @throws where it is not so any more */
  readonly still: () => void;
}

async function takeIn(
  { learn, attention, stores }: Needs,
  came: SlideLearning,
  { slide, mpp, still }: Onto,
  waits: Waits,
): Promise<string[]> {
  still();
  await learn.open();
  still();
  const said: string[] = [];
  if (!learn.takeIn(came.labels))
    said.push('Labels that are on this slide here already stay; those of the session were left out.');
  for (const { encoder, records } of came.features) {
    const known = learn.sets.encoders().find(({ sha256 }) => sha256 === encoder.sha256);
    if (!known || !mpp)
      said.push(`Embeddings of ${encoder.id} were left out: that very encoder is not among the models here.`);
    else {
      const set = attention.work.kept.setOf(known, undefined);
      await attention.keeper.takeIn({ slide, mpp, set }, records, waits);
      still();
    }
  }
  for (const { header, weights } of came.networks) {
    const network = networkOf(header, weights);
    if (network) await learn.slides.takeIn(network);
    still();
  }
  attention.takeLeftOut(came.leftOut);
  for (const attended of [came.compared, came.attention]) {
    if (!attended) continue;
    const model = attentionModels(stores.models.getState()).find(({ sha256 }) => sha256 === attended.model.sha256);
    const encoder = learn.sets.encoders().find(({ sha256 }) => sha256 === attended.encoder.sha256);
    const set = encoder && attention.work.kept.setOf(encoder, undefined);
    if (!model || !encoder || !set)
      said.push(`Attention by ${attended.model.id} was left out: that very model is not among those here.`);
    else if (set.rows < attended.attention.length)
      said.push(`Attention by ${attended.model.id} was left out: fewer patches are embedded here than it saw.`);
    else if (attended === came.compared) attention.work.kept.keepAttended(set, model, attended);
    else attention.show({ model, encoder, set }, attended);
  }
  await learn.open();
  still();
  return said;
}

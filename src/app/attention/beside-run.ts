// A run and the embedding of the same tissue as one sequence of events: after each core the encoder's patches about it, so
// that both read the same tiles while they are at hand; what is left over after the last core. The encoder is asked for with
// the first core that is computed.
import type { EmbedEnd, EmbedEvent } from '#analysis/embed.ts';
import type { RunEnd, RunEvent } from '#analysis/events.ts';
import { type Failure, failureOf } from '#errors/failure.ts';
import { centreOf, type Point } from '#units/rect.ts';

/** How far attention is. */
export interface AttentionEvent {
  readonly kind: 'attention';
  readonly embedded: number; // failed ones included
  readonly toEmbed: number;
}

export interface BesideNeeds {
  readonly events: AsyncGenerator<RunEvent, RunEnd, undefined>; //  taken over
  readonly embedding: AsyncGenerator<EmbedEvent, EmbedEnd, undefined>; // taken over
  /** The patch nearest to this one is embedded next: a core that was just committed; undefined once all are. */
  readonly lookAt: (at: Point | undefined) => void;
  /** Attends what is embedded so far. A failure of it ends attention, never the run. */
  readonly attend: (final: boolean) => Promise<void>;
  readonly fail: (failure: Failure) => void;
  /** Once both are over, or left. */
  readonly end: () => void;
}

const TELL_EVERY = 8; // patches, after the last core

export async function* besideRun(needs: BesideNeeds): AsyncGenerator<RunEvent | AttentionEvent, RunEnd, undefined> {
  const { events, embedding, lookAt, attend, fail, end } = needs;
  const told = { embedded: 0, toEmbed: 0 };
  let over = false;
  let begun = false;

  /** Embeds until so many patches are; attends them. A failure is told once, and is the end of it. */
  const upTo = async (wanted: number): Promise<void> => {
    try {
      while (!over && told.embedded < wanted) {
        const next = await embedding.next();
        if (next.done) {
          over = true;
          if (next.value.failure) fail(next.value.failure);
        } else if (next.value.kind === 'planned') told.toEmbed = next.value.patches;
        else told.embedded++;
      }
      await attend(over);
    } catch (thrown) {
      over = true;
      fail(failureOf(thrown));
    }
  };

  try {
    let [cores, done] = [0, 0];
    for (;;) {
      const next = await events.next();
      if (next.done) {
        if (!next.value.failure) await begin();
        lookAt(undefined);
        // One more asks for the end itself.
        for (let more = told.embedded + TELL_EVERY; !over && !next.value.failure; more += TELL_EVERY) {
          await upTo(more);
          yield { kind: 'attention', ...told };
        }
        return next.value;
      }
      const event = next.value;
      yield event;
      if (event.kind === 'planned') cores = event.patches;
      const isKept = event.kind === 'patch' && event.kept;
      if (isKept)
        done++; // what was found before waits for no encoder
      else if ((event.kind === 'patch' || event.kind === 'failed') && !over) {
        if (!begun) {
          await begin();
          yield { kind: 'attention', ...told };
        }
        lookAt(centreOf(event.core));
        await upTo(Math.floor((told.toEmbed * ++done) / Math.max(1, cores)));
        yield { kind: 'attention', ...told };
      }
    }
  } finally {
    await Promise.allSettled([
      embedding.return({ embedded: 0, failed: 0, failure: undefined }),
      events.return({ patches: 0, failedPatches: 0, areaPx: 0, tissue: undefined, failure: undefined }),
    ]);
    end();
  }

  /** The first event of embedding says how much there is to do. */
  async function begin(): Promise<void> {
    if (begun) return;
    begun = true;
    try {
      const first = await embedding.next();
      if (!first.done && first.value.kind === 'planned') told.toEmbed = first.value.patches;
    } catch (thrown) {
      over = true;
      fail(failureOf(thrown));
    }
  }
}

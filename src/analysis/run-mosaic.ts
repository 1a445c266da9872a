// How a run uses the mosaic of large objects: one call after the other, and built anew from the journal where its worker died.

import { unlessAborted } from '#channel/unless-aborted.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError, failureOf } from '#errors/failure.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import type { PatchOutputs } from '#inference/model.ts';
import type { Rect } from '#units/rect.ts';
import type { Journal } from './journal.ts';
import { packedWith, planeOf } from './outputs.ts';
import type { Patches } from './patches.ts';
import type { PlannedPatch } from './plan.ts';
import type { CoreAt, CoreSpan } from './postprocess/core-at.ts';
import type { CoreMap } from './postprocess/core-map.ts';
import type { LargeColumns, MosaicSetup } from './postprocess/large.ts';
import type { Mosaic, Postprocessor } from './postprocess/postprocessor.ts';
import type { CoreTask } from './postprocess/tasks.ts';

const MOST_DEATHS = 3; // of its worker without one call between them that came back

export interface MosaicNeeds {
  readonly manifest: PatchManifest;
  readonly postprocess: Postprocessor;
  readonly journal: Journal;
}

export interface MosaicPlan {
  readonly patches: Pick<Patches, 'at'>;
  readonly cores: readonly CoreAt[] | CoreSpan;
  readonly around: readonly PlannedPatch[];
}

/**
 * Undefined where the model knows no glands.
 * @throws EosinError ModelInvalid where its windows do not fit its maps
 */
export async function openMosaic(needs: MosaicNeeds, plan: MosaicPlan, waits: Waits): Promise<RunMosaic | undefined> {
  const setup = setupOf(needs.manifest, plan);
  return setup && RunMosaic.open(setup, needs, waits);
}

function setupOf(manifest: PatchManifest, { patches, cores, around }: MosaicPlan): MosaicSetup | undefined {
  const { glands, lumina } = manifest.tasks;
  const stride = packedWith(manifest, 'glands')?.stride;
  const frame = patches.at(0)?.frame;
  if (!glands || !stride || !frame) return undefined;
  const side = (frame.size - 2 * frame.margin) / stride;
  if (!Number.isInteger(side) || !Number.isInteger(frame.margin / stride)) {
    const seen = `its margin of ${frame.margin} px and core of ${side * stride} px are no multiples of its stride ${stride}`;
    throw new EosinError({ tag: 'ModelInvalid', model: manifest.id, seen, todo: 'Correct its manifest.' });
  }
  return {
    side,
    pxX: stride * frame.pxX,
    pxY: stride * frame.pxY,
    um: stride * frame.mpp,
    glands: glands.postprocess,
    lumina: lumina?.postprocess,
    glandClasses: glands.classes,
    lumenClasses: lumina?.classes ?? [],
    cores,
    around: around.map(coreAt),
  };
}

const coreAt = ({ frame: { col, row } }: PlannedPatch): CoreAt => ({ col, row });

/**
 * What the mosaic takes of a patch; undefined where the model knows no glands.
 * @throws EosinError ModelWrong
 */
export function coreTaskOf(
  manifest: PatchManifest,
  { frame }: PlannedPatch,
  outputs: PatchOutputs,
): CoreTask | undefined {
  const glands = planeOf(manifest, outputs, 'glands');
  const { tasks } = manifest;
  if (!glands || !tasks.glands) return undefined;
  const lumina = planeOf(manifest, outputs, 'lumina');
  const um = glands.stride * frame.mpp;
  const settings = { um, glands: tasks.glands.postprocess, lumina: tasks.lumina?.postprocess };
  const maps = { glands: glands.data, lumina: lumina?.data, side: glands.side };
  return { frame, maps, stride: glands.stride, settings };
}

/**
 * The mosaic of one run. Only what the journal has taken may be added: it is what a mosaic whose worker died is built from.
 * Each call rejects with WorkerDied where that happens again and again.
 */
export class RunMosaic implements Disposable {
  readonly #setup: MosaicSetup;
  readonly #needs: MosaicNeeds;
  readonly #added = new Set<string>();
  readonly #skipped = new Map<string, CoreAt>();
  #mosaic: Mosaic;
  #turn: Promise<unknown> = Promise.resolve();
  #deaths = 0;

  private constructor(setup: MosaicSetup, needs: MosaicNeeds, mosaic: Mosaic) {
    this.#setup = setup;
    this.#needs = needs;
    this.#mosaic = mosaic;
  }

  static async open(setup: MosaicSetup, needs: MosaicNeeds, waits: Waits): Promise<RunMosaic> {
    for (let deaths = 0; ; ) {
      try {
        return new RunMosaic(setup, needs, await opened(setup, needs, waits));
      } catch (thrown) {
        waits.signal.throwIfAborted();
        if (failureOf(thrown).tag !== 'WorkerDied' || ++deaths > MOST_DEATHS) throw thrown;
      }
    }
  }

  /** Takes the map over. A core that is there already is not added twice. */
  add(col: number, row: number, core: CoreMap, waits: Waits): Promise<void> {
    return this.#inTurn(waits, async (during) => {
      const key = keyOf(col, row);
      if (this.#added.has(key)) return;
      this.#added.add(key);
      // Built anew, it has this core from the journal.
      await this.#alive(during, (mosaic) => mosaic.add(col, row, core, during));
    });
  }

  /** This core will not come. */
  skip(col: number, row: number, waits: Waits): Promise<void> {
    return this.#inTurn(waits, async (during) => {
      this.#skipped.set(keyOf(col, row), { col, row });
      await this.#alive(during, (mosaic) => mosaic.skip(col, row, during));
    });
  }

  wanted(region: Rect, waits: Waits): Promise<readonly CoreAt[]> {
    return this.#inTurn(waits, (during) => this.#answer(during, (mosaic) => mosaic.wanted(region, during)));
  }

  collect(final: boolean, waits: Waits): Promise<LargeColumns> {
    return this.#inTurn(waits, (during) => this.#answer(during, (mosaic) => mosaic.collect(final, during)));
  }

  [Symbol.dispose](): void {
    this.#mosaic[Symbol.dispose]();
  }

  /** Calls never overlap: what is added while a mosaic is built anew would be in it twice. An abort settles at once. */
  #inTurn<T>(waits: Waits, work: (during: Waits) => Promise<T>): Promise<T> {
    const start = (): Promise<T> => {
      waits.signal.throwIfAborted();
      return work(waits);
    };
    const turn = this.#turn.then(start, start);
    this.#turn = turn.catch(() => undefined);
    return unlessAborted(turn, waits.signal);
  }

  /** Asks until an answer comes. */
  async #answer<T>(waits: Waits, ask: (mosaic: Mosaic) => Promise<T>): Promise<T> {
    for (;;) {
      const answer = await this.#alive(waits, ask);
      if (answer) return answer.value;
    }
  }

  /** Undefined where the worker died at this call and the mosaic was built anew. */
  async #alive<T>(waits: Waits, call: (mosaic: Mosaic) => Promise<T>): Promise<{ readonly value: T } | undefined> {
    try {
      const value = await call(this.#mosaic);
      this.#deaths = 0;
      return { value };
    } catch (thrown) {
      waits.signal.throwIfAborted();
      await this.#buildAnew(thrown, waits);
      return undefined;
    }
  }

  async #buildAnew(thrown: unknown, waits: Waits): Promise<void> {
    let why = thrown;
    for (;;) {
      if (failureOf(why).tag !== 'WorkerDied' || ++this.#deaths > MOST_DEATHS) throw why;
      try {
        this.#mosaic[Symbol.dispose]();
        this.#mosaic = await this.#needs.postprocess.openMosaic(this.#setup, waits);
        await this.#refill(waits);
        return;
      } catch (again) {
        waits.signal.throwIfAborted();
        why = again;
      }
    }
  }

  async #refill(waits: Waits): Promise<void> {
    const missing = new Set(this.#added);
    for await (const { col, row, core } of this.#needs.journal.entries(waits)) {
      if (core && missing.delete(keyOf(col, row))) await this.#mosaic.add(col, row, core, waits);
    }
    for (const { col, row } of this.#skipped.values()) await this.#mosaic.skip(col, row, waits);
  }
}

/** One that comes after an abort is closed. */
async function opened(setup: MosaicSetup, { postprocess }: MosaicNeeds, waits: Waits): Promise<Mosaic> {
  const opening = postprocess.openMosaic(setup, waits);
  try {
    return await unlessAborted(opening, waits.signal);
  } catch (thrown) {
    opening.then(
      (late) => late[Symbol.dispose](),
      () => undefined,
    );
    throw thrown;
  }
}

const keyOf = (col: number, row: number): string => `${col},${row}`;

// The networks that are loaded: the last few that computed something. The longest unused one is released.
import { unlessAborted } from '#channel/unless-aborted.ts';
import type { Waits } from '#channel/waits.ts';
import type { JudgedModel } from '#inference/model.ts';

/** Owns what it loads; what it gives is lent. */
export class ModelsInUse {
  readonly #most: number;
  readonly #loaded = new Map<string, JudgedModel>(); // in the order of use, the latest last
  readonly #loading = new Map<string, Promise<unknown>>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Loads what is not there; who asks for the same meanwhile waits for it. @throws what `load` throws; the signal's reason */
  async get(key: string, load: () => Promise<JudgedModel>, { signal }: Waits): Promise<JudgedModel> {
    for (;;) {
      const there = this.#loaded.get(key);
      if (there) {
        this.#used(key, there);
        return there;
      }
      const loading = this.#loading.get(key);
      if (!loading) break;
      await unlessAborted(
        loading.catch(() => undefined), // told to whoever began it; tried anew for this one
        signal,
      );
    }
    const loading = load();
    this.#loading.set(key, loading);
    try {
      const model = this.#watched(key, await loading);
      this.#used(key, model);
      return model;
    } finally {
      this.#loading.delete(key);
    }
  }

  #used(key: string, model: JudgedModel): void {
    this.#loaded.delete(key);
    this.#loaded.set(key, model);
    for (const [oldest, unused] of this.#loaded) {
      if (this.#loaded.size <= this.#most) break;
      this.#loaded.delete(oldest);
      unused[Symbol.dispose]();
    }
  }

  /** The same, where every patch counts as use: a run keeps its network, whatever else is loaded beside it. */
  #watched(key: string, model: JudgedModel): JudgedModel {
    const watched: JudgedModel = {
      manifest: model.manifest,
      get report() {
        return model.report;
      },
      get window() {
        return model.window;
      },
      get ahead() {
        return model.ahead;
      },
      run: (patch, options) => {
        if (this.#loaded.get(key) === watched) this.#used(key, watched);
        return model.run(patch, options);
      },
      giveBack: (memory) => model.giveBack(memory),
      judgeAgain: (waits) => model.judgeAgain(waits),
      [Symbol.dispose]: () => model[Symbol.dispose](),
    };
    return watched;
  }
}

// Runs: one after the other, each from what is asked to objects in the stores. Cancelling settles at once, keeps what is
// there, and leaves the run waiting for a while so that it can go on where it stopped.
import type { Waits } from '#channel/waits.ts';
import { EosinError, failureOf } from '#errors/failure.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import type { DeviceReport, LoadedModel } from '#inference/model.ts';
import type { Rect } from '#units/rect.ts';
import type { Viewer } from '#viewer/viewer-api.ts';
import type { RunResult } from './console.d.ts';
import type { FoundObjects } from './found-objects.ts';
import type { LazyAttention } from './lazy-attention.ts';
import { type RegionsAsked, runRegionOf } from './regions-asked.ts';
import { Run, type RunTold } from './run.ts';
import type { RunParts } from './run-parts.ts';
import { noSlide, type SlideSession } from './slide-session.ts';
import { attentionModels, segmentations } from './stores/models-store.ts';
import type { RegionChoice } from './stores/run-store.ts';
import type { DeviceChoice } from './stores/settings-store.ts';
import { notify } from './stores/window-store.ts';
import type { Stores } from './stores.ts';
import { plural } from './words.ts';

export interface RunAsked {
  readonly model?: string | undefined;
  /** The attention model to take along; 'none', or undefined: as the settings say. */
  readonly attention?: string | undefined;
  readonly region?: Rect | 'view' | 'tissue' | undefined;
  readonly device?: DeviceChoice | undefined;
}

export interface RunSession {
  readonly regions: RegionsAsked;
  /** Waits for the runs before it. A cancelled run resolves with what was done. */
  analyse(asked: RunAsked, waits: Waits): Promise<RunResult>;
  /** The same from a button: failures become notices. */
  analyseChoice(choice: RegionChoice): Promise<void>;
  cancel(): void;
  canGoOn(): boolean;
  goOn(): Promise<void>;
  onProgress(tell: (told: RunTold) => void): () => void;
}

const GO_ON_SECONDS = 10; // UI.md: a notice offers it that long

export interface RunSessionNeeds {
  readonly slides: SlideSession;
  readonly stores: Stores;
  readonly found: FoundObjects;
  readonly viewer: Viewer;
  readonly regions: RegionsAsked;
  readonly parts: () => Promise<RunParts>;
  readonly attention: Pick<LazyAttention, 'session'>;
  readonly shelf: Promise<void>; // settled once the list of models was read, or could not be
}

export function createRunSession(needs: RunSessionNeeds): RunSession {
  const { slides, stores, found, viewer, regions } = needs;
  const listeners = new Set<(told: RunTold) => void>();
  let queue: Promise<unknown> = Promise.resolve();
  let running: { cancel(): void; drop(reason: unknown): void } | undefined;
  let waiting: { run: Run; timer: ReturnType<typeof setTimeout> } | undefined;
  let lastRun = 0;
  let toldReport: DeviceReport | undefined;

  const dropWaiting = (): void => {
    if (!waiting) return;
    clearTimeout(waiting.timer);
    waiting.run[Symbol.dispose]();
    waiting = undefined;
  };
  slides.onChange(() => {
    running?.drop(new DOMException('The slide was closed.', 'AbortError'));
    dropWaiting();
    found.clear();
    viewer.setRun(undefined);
    stores.run.setState({ ended: undefined, problem: undefined });
    stores.view.setState({ rectangle: undefined, measured: undefined, pointer: undefined });
    stores.selection.setState({ selected: undefined });
  });

  /** One run at a time; a failed one never blocks the next. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    stores.run.setState(({ queued }) => ({ queued: queued + 1 }));
    const start = (): Promise<T> => {
      stores.run.setState(({ queued }) => ({ queued: queued - 1 }));
      return work();
    };
    const turn = queue.then(start, start);
    queue = turn.catch(() => undefined);
    return turn;
  };

  const manifestFor = (asked: string | undefined): PatchManifest => {
    const state = stores.models.getState();
    const { manifests, chosen, problem } = state;
    const manifest = segmentations(state).find(({ id }) => id === (asked ?? chosen));
    if (manifest) return manifest;
    const other = manifests.find(({ id }) => id === asked);
    const seen =
      asked === undefined
        ? 'none is at hand'
        : other
          ? `${asked} is of the task ${other.task}, not segmentation`
          : `there is no ${asked}`;
    throw new EosinError(problem ?? { tag: 'BadInput', what: 'The model', seen, todo: 'Choose one of the list.' });
  };

  const takesAttention = ({ attention }: RunAsked): boolean => {
    if (attention !== undefined) return attention !== 'none';
    return stores.settings.getState().attentionBeside && attentionModels(stores.models.getState()).length > 0;
  };

  const prepare = async (asked: RunAsked, choice: RegionChoice, waits: Waits): Promise<Run> => {
    const slide = slides.opened()?.slide;
    if (!slide) throw new EosinError(noSlide);
    const mpp = slides.mpp();
    if (!mpp) throw new EosinError({ tag: 'Uncalibrated', name: slide.name });
    await needs.shelf;
    const manifest = manifestFor(asked.model);
    const device = asked.device ?? stores.settings.getState().device;
    const id = `run-${++lastRun}`;
    stores.run.setState({
      progress: { ...blank, since: performance.now(), run: id, region: choice, phase: 'loading' },
      problem: undefined,
    });
    const given = asked.region ?? 'view';
    const [parts, region] = await Promise.all([
      needs.parts(),
      regions.resolve(choice === 'rectangle' && typeof given === 'string' ? 'rectangle' : given, waits),
    ]);
    const onProgress = (bytes: number, total: number): void =>
      stores.run.setState(({ progress }) =>
        progress ? { progress: { ...progress, loadedBytes: bytes, totalBytes: total } } : {},
      );
    const model = await parts.model(manifest.id, { device, signal: waits.signal, onProgress });
    const beside = takesAttention(asked)
      ? await (await needs.attention.session()).work.beside(
          { slide, mpp, region, device, model: asked.attention, onProgress },
          waits,
        )
      : undefined;
    tellDevice(model);
    const runRegion = await runRegionOf(region);
    waits.signal.throwIfAborted();
    found.beginRun(manifest);
    const left = new AbortController();
    const events = parts.analyse(
      {
        slide: beside?.slide ?? slide,
        mpp,
        region,
        model,
        postprocess: parts.postprocess,
        journal: parts.openJournal(),
        viewCentre: () => viewer.view().centre,
      },
      { signal: left.signal },
    );
    return new Run({
      id,
      choice,
      device,
      mpp,
      model,
      region,
      events: beside?.events(events, { signal: left.signal }) ?? events,
      beside,
      left,
      asked: runRegion,
      ...needs,
      tell: (told) => {
        tellDevice(model); // a GPU that was lost on the way hands over to another device
        tell(told);
      },
    });
  };

  const tellDevice = ({ report }: LoadedModel): void => {
    if (report === toldReport) return;
    toldReport = report;
    const { device, deviceName: name, whyNotGpu, trust } = report;
    const { maxDifference, tolerance, verdict, why } = trust;
    stores.run.setState({ device: { device, name, whyNotGpu, maxDifference, tolerance, verdict, why } });
  };
  const tell = (told: RunTold): void => {
    for (const listener of listeners) listener(told);
  };

  /** Drives a run to its end, to a cancel (it then waits), or to the caller's abort (it is dropped). */
  const drive = async (run: Run, cancelled: AbortSignal, waits: Waits): Promise<RunResult> => {
    try {
      const end = await run.drive({ signal: AbortSignal.any([cancelled, waits.signal]) });
      if (end === 'stopped' && waits.signal.aborted) {
        run[Symbol.dispose]();
        throw waits.signal.reason;
      }
      if (end === 'stopped') {
        waiting = { run, timer: setTimeout(dropWaiting, GO_ON_SECONDS * 1000) };
        const text = `Cancelled after ${plural(run.done, 'patch', 'patches')}. What was found stays.`;
        notify(stores.window, { text, action: { label: 'Go on', command: 'run.goOn' }, seconds: GO_ON_SECONDS });
      }
      return run.result();
    } finally {
      tellDevice(run.model);
      stores.run.setState({ progress: undefined });
      found.endRun();
    }
  };

  const turn = (start: (waits: Waits) => Promise<Run>, { signal }: Waits): Promise<RunResult> =>
    inTurn(async () => {
      signal.throwIfAborted();
      dropWaiting();
      const [cancelled, dropped] = [new AbortController(), new AbortController()];
      running = {
        cancel: () => cancelled.abort(new DOMException('The run was cancelled.', 'AbortError')),
        drop: (reason) => dropped.abort(reason),
      };
      const all = { signal: AbortSignal.any([signal, dropped.signal]) };
      try {
        const run = await start({ signal: AbortSignal.any([all.signal, cancelled.signal]) });
        return await drive(run, cancelled.signal, all);
      } catch (thrown) {
        stores.run.setState({ progress: undefined });
        if (cancelled.signal.aborted) notify(stores.window, { text: 'Cancelled before the first patch.', seconds: 4 });
        else if (!all.signal.aborted) stores.run.setState({ problem: failureOf(thrown) });
        throw thrown;
      } finally {
        running = undefined;
      }
    });

  const choiceOf = (region: RunAsked['region']): RegionChoice =>
    region === undefined || region === 'view' ? 'view' : region === 'tissue' ? 'tissue' : 'rectangle';

  return {
    regions,
    analyse: (asked, waits) => turn((all) => prepare(asked, choiceOf(asked.region), all), waits),
    async analyseChoice(choice) {
      const region = choice === 'rectangle' ? stores.view.getState().rectangle : choice;
      await turn((all) => prepare({ region }, choice, all), { signal: new AbortController().signal });
    },
    cancel: () => running?.cancel(),
    canGoOn: () => waiting !== undefined,
    async goOn() {
      if (!waiting) return;
      const { run, timer } = waiting;
      clearTimeout(timer);
      waiting = undefined;
      await turn(async () => run, { signal: new AbortController().signal });
    },
    onProgress(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const blank = {
  loadedBytes: 0,
  totalBytes: undefined,
  done: 0,
  total: 0,
  failed: 0,
  patchesPerSecond: 0,
  secondsLeft: undefined,
  since: 0,
  areaMm2: undefined,
  plannedPx: 0,
  embedded: 0,
  toEmbed: 0,
  around: 0,
} as const;

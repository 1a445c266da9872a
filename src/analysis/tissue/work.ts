// Where the pixels and cells of a tissue search are looked at: a worker of its own, or this thread.
import { openChannel, type Port } from '#channel/channel.ts';
import type { Waits } from '#channel/waits.ts';
import { assert } from '#errors/failure.ts';
import type { Rect } from '#units/rect.ts';
import { type Cells, coloursOfStrip, type StripTask } from './colours.ts';
import type { TissueEdits } from './edits.ts';
import { type FoundTissue, type Measured, measure, tissueOf } from './rules.ts';

/** Cells of one slide: strip by strip from the top, then the tissue as often as it is asked for. */
export interface TissueWork extends Disposable {
  begin(cells: Cells, slide: Rect, waits: Waits): Promise<void>;
  /** Takes the pictures over. `row` is the strip's first. */
  strip(task: StripTask, row: number, waits: Waits): Promise<void>;
  /** @throws EosinError TooLittleTissue */
  find(edits: TissueEdits, waits: Waits): Promise<FoundTissue>;
}

export type TissueCalls = {
  begin: { in: { cells: Cells; slide: Rect }; out: undefined };
  strip: { in: { task: StripTask; row: number }; out: undefined };
  find: { in: TissueEdits; out: FoundTissue };
};

export function inlineTissueWork(): TissueWork {
  let [cells, slide, rgb]: [Cells | undefined, Rect | undefined, Uint8Array<ArrayBuffer>] = [
    undefined,
    undefined,
    new Uint8Array(),
  ];
  let measured: Measured | undefined;
  return {
    begin: async (given, whole) => {
      [cells, slide, rgb] = [given, whole, new Uint8Array(3 * given.cols * given.rows)];
      measured = undefined;
    },
    strip: async (task, row, waits) => {
      const colours = await coloursOfStrip(task, waits);
      assert(cells, 'A strip came before the cells were told.');
      rgb.set(colours, 3 * row * cells.cols);
    },
    find: async (edits, { signal }) => {
      signal.throwIfAborted();
      assert(cells && slide, 'Tissue was asked for before the cells were told.');
      measured ??= measure({ ...cells, rgb }, slide);
      return tissueOf(measured, edits);
    },
    [Symbol.dispose]: () => undefined,
  };
}

/** A worker as far as this needs it. */
export interface TissueThread extends Port {
  terminate(): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'error', listener: (event: ErrorEvent) => void): void;
}

const LABEL = 'Tissue';

const spawnWorker = (): TissueThread =>
  new Worker(new URL('./tissue.worker.ts', import.meta.url), { type: 'module', name: LABEL });

/** Ends with its disposal. If it dies, each call fails by what it died of. */
export function openTissueWork(spawn: () => TissueThread = spawnWorker): TissueWork {
  const worker = spawn();
  const channel = openChannel<TissueCalls>(worker);
  worker.addEventListener('error', (event) => {
    channel.close({ tag: 'WorkerDied', label: LABEL, reason: event.message || 'it could not be started' });
    worker.terminate();
  });
  return {
    begin: async (cells, slide, waits) => void (await channel.call('begin', { cells, slide }, waits)),
    strip: async (task, row, waits) => {
      const transfer = task.tiles.map(({ image }) => ('rgba' in image ? image.rgba.buffer : image));
      await channel.call('strip', { task, row }, { ...waits, transfer });
    },
    find: (edits, waits) => channel.call('find', edits, waits),
    [Symbol.dispose]: () => {
      channel.close({ tag: 'UseAfterDispose', label: LABEL });
      worker.terminate();
    },
  };
}

// Measuring in a worker of its own, started with the first call. One that died fails its calls; the next starts another.
import { spawned, WorkerSet } from '#channel/worker-set.ts';
import { buffersOf } from '#objects/columns.ts';
import type { Raster } from '#slide/slide.ts';
import type { MeasureCalls } from './measure-calls.ts';
import type { MeasureWork } from './measure-work.ts';

/** What goes in moves there: outlines, points, pictures are the worker's after a call. */
export function openMeasuring(): MeasureWork & Disposable {
  const set = new WorkerSet<MeasureCalls>(
    () => spawned(new Worker(new URL('./measure.worker.ts', import.meta.url), { type: 'module', name: 'Measuring' })),
    'Measuring',
  );
  const channel = () => (set.members[0] ?? set.start()).channel;
  return {
    shapes: (task, waits) => {
      const { ring, ringStart } = task.outlines;
      return channel().call('shapes', task, { ...waits, transfer: [ring.buffer, ringStart.buffer] });
    },
    distances: (task, waits) => channel().call('distances', task, waits),
    glandsAround: (task, waits) => channel().call('glandsAround', task, { ...waits, transfer: [task.points.buffer] }),
    countsIn: (task, waits) => channel().call('countsIn', task, { ...waits, transfer: [task.points.buffer] }),
    order: (task, waits) => channel().call('order', task, { ...waits, transfer: [task.values.buffer] }),
    stains: (task, waits) =>
      channel().call('stains', task, { ...waits, transfer: [...buffersOf(task.objects), ...buffersIn([task.image])] }),
    estimate: (task, waits) => channel().call('estimate', task, { ...waits, transfer: buffersIn(task.images) }),
    [Symbol.dispose]: () => set.close(),
  };
}

const buffersIn = (images: readonly Raster[]): Transferable[] =>
  images.map((image) => ('rgba' in image ? image.rgba.buffer : image));

import { moved, type Port, serve } from '#channel/channel.ts';
import type { MeasureCalls } from './measure-calls.ts';
import { measureWork } from './measure-work.ts';

declare const self: Port;

serve<MeasureCalls>(self, {
  shapes: async (task, waits) => {
    const shapes = await measureWork.shapes(task, waits);
    return moved(
      shapes,
      Object.values(shapes).map(({ buffer }) => buffer),
    );
  },
  distances: async (task, waits) => {
    const columns = await measureWork.distances(task, waits);
    return moved(
      columns,
      columns.map(({ buffer }) => buffer),
    );
  },
  glandsAround: async (task, waits) => {
    const rows = await measureWork.glandsAround(task, waits);
    return moved(rows, [rows.buffer]);
  },
  countsIn: async (task, waits) => {
    const counts = await measureWork.countsIn(task, waits);
    return moved(counts, [counts.buffer]);
  },
  order: async (task, waits) => {
    const rows = await measureWork.order(task, waits);
    return moved(rows, [rows.buffer]);
  },
  stains: async (task, waits) => {
    const sums = await measureWork.stains(task, waits);
    return moved(sums, [sums.buffer]);
  },
  estimate: (task, waits) => measureWork.estimate(task, waits),
});

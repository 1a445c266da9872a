import { moved, type Port, serve } from '#channel/channel.ts';
import { inlineTissueWork, type TissueCalls } from './work.ts';

declare const self: Port;

const work = inlineTissueWork();

serve<TissueCalls>(self, {
  begin: async ({ cells, slide }, waits) => void (await work.begin(cells, slide, waits)),
  strip: async ({ task, row }, waits) => void (await work.strip(task, row, waits)),
  find: async (edits, waits) => {
    const found = await work.find(edits, waits);
    const rings = [...found.outlines, ...found.pen, ...found.folds];
    return moved(found, [found.mask.mask.buffer, ...rings.map(({ buffer }) => buffer)]);
  },
});

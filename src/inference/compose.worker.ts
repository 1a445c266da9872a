import { moved, type Port, serve } from '#channel/channel.ts';
import type { ComposeCalls } from './compose-calls.ts';
import { CanvasComposer } from './kernels/compose-canvas.ts';
import { closeImages } from './patch-images.ts';

declare const self: Port;

const canvas = new CanvasComposer();

serve<ComposeCalls>(self, {
  compose: ({ patch, input, into }) => {
    try {
      if (into) {
        canvas.composeInto(into, patch, input);
        return into;
      }
      const values = canvas.compose(patch, input);
      return moved(values, [values.buffer]);
    } finally {
      closeImages(patch);
    }
  },
});

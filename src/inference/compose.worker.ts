import { moved, type Port, serve } from '#channel/channel.ts';
import { movable } from '#channel/movable.ts';
import type { ComposeCalls } from './compose-calls.ts';
import { CanvasComposer } from './kernels/compose-canvas.ts';
import { closeImages } from './patch-images.ts';

declare const self: Port;

const canvas = new CanvasComposer();

serve<ComposeCalls>(self, {
  compose: ({ patch, input, into }) => {
    try {
      canvas.composeInto(into, patch, input);
      return moved(into, movable([into.buffer]));
    } finally {
      closeImages(patch);
    }
  },
});

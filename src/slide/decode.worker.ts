import { moved, type Port, serve } from '#channel/channel.ts';
import type { DecodeCalls } from './decode-calls.ts';
import { unpackBlock } from './unpack.ts';

declare const self: Port;

serve<DecodeCalls>(self, {
  unpack: async (block) => {
    const pixels = await unpackBlock(block);
    return moved(pixels, [pixels.rgba.buffer]);
  },
});

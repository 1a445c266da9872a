import wasmUrl from '@cornerstonejs/codec-openjpeg/decodewasm?url';
import { moved, type Port, serve } from '#channel/channel.ts';
import type { DecodeCalls } from './decode-calls.ts';
import { jpeg2000Decoder } from './decode-jpeg2000.ts';
import { newLook } from './jpeg-look.ts';
import type { Pixels } from './slide.ts';
import { unpackBlock, valueRangeOf } from './unpack.ts';

declare const self: Port;

const jpeg2000 = jpeg2000Decoder(async () => {
  const response = await fetch(wasmUrl);
  if (!response.ok) throw new Error(`the server answered ${response.status} for the JPEG 2000 decoder`);
  return response.arrayBuffer();
});
const look = newLook();
const handedOver = (pixels: Pixels) => moved(pixels, [pixels.rgba.buffer]);

serve<DecodeCalls>(self, {
  unpack: async (block) => handedOver(await unpackBlock(block)),
  range: valueRangeOf,
  soundness: ({ jpegs, lengths }) => {
    let at = 0;
    const found = look(lengths.map((length) => jpegs.subarray(at, (at += length))));
    return moved({ found, jpegs }, [jpegs.buffer]);
  },
  jpeg2000: async (tile) => handedOver(await jpeg2000.pixels(tile)),
  jpeg2000Range: jpeg2000.range,
});

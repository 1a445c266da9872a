import { moved, type Port, serve } from '#channel/channel.ts';
import { differenceOf } from './grid-difference.ts';
import { buffersOfMaps, type SubtractCalls } from './subtract-calls.ts';

declare const self: Port;

serve<SubtractCalls>(self, {
  difference: ({ here, there, by }) => {
    const made = differenceOf(here, there, by);
    return moved(made, buffersOfMaps([made.map, made.here, made.there]));
  },
});

// The altering of patches, for any port.
import { moved, type Port, serve } from '#channel/channel.ts';
import { Random } from '#learn/random.ts';
import { restain, turned } from '#stain/restain.ts';
import type { AlterCalls } from './alter-calls.ts';

export function serveAlter(port: Port): void {
  serve<AlterCalls>(port, {
    alter: ({ rgba, side, seed }) => {
      const random = new Random(seed);
      const out = turned(rgba, side, random.below(4), random.below(2) === 1);
      restain(out, () => random.next());
      return moved({ rgba: out }, [out.buffer]);
    },
  });
}

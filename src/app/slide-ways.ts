// The ways to a slide, each loaded when first taken.
import { mustBeReadable } from './readable-address.ts';
import type { SlideWays } from './slide-session.ts';

/** An address may end in #channel=2: the second channel of a slide that has several. The host never sees that part. */
function withoutChannel(address: string): { readonly from: string; readonly channel: number | undefined } {
  const [, from = address, number] = /^(.*)#channel=(\d+)$/.exec(address) ?? [];
  return { from, channel: number === undefined ? undefined : Number(number) - 1 };
}

export function slideWays(): SlideWays {
  let opener: Promise<import('#slide/open-in-tab.ts').SlideOpener> | undefined;
  return {
    async sample(seed) {
      const { openPhantom } = await import('#phantom/open-phantom.ts');
      const slide = openPhantom(seed);
      return { slide, truth: (kind, region) => slide.truth(kind, region) };
    },
    async read(from, { signal }, channel, onEarlyPicture) {
      if (typeof from === 'string') mustBeReadable(from);
      opener ??= import('#slide/open-in-tab.ts').then(({ openerInTab }) => openerInTab());
      const { open } = await opener;
      const asked = typeof from === 'string' ? withoutChannel(from) : { from, channel: undefined };
      const how = { signal, channel: channel ?? asked.channel, onEarlyPicture };
      return { slide: await open(asked.from, how), truth: undefined };
    },
  };
}

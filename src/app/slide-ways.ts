// The ways to a slide, each loaded when first taken.
import { chosenIn } from './chosen-in.ts';
import { mustBeReadable } from './readable-address.ts';
import type { SlideWays } from './slide-session.ts';

export function slideWays(): SlideWays {
  let opener: Promise<import('#slide/open-in-tab.ts').SlideOpener> | undefined;
  return {
    async sample(seed) {
      const { openPhantom } = await import('#phantom/open-phantom.ts');
      const slide = openPhantom(seed);
      return { slide, truth: (kind, region) => slide.truth(kind, region) };
    },
    async read(from, { signal }, chosen, onEarlyPicture) {
      if (typeof from === 'string') mustBeReadable(from);
      opener ??= import('#slide/open-in-tab.ts').then(({ openerInTab }) => openerInTab());
      const { open } = await opener;
      const said = typeof from === 'string' ? chosenIn(from) : { from, chosen: undefined };
      const how = { signal, chosen: chosen ?? said.chosen, onEarlyPicture };
      return { slide: await open(said.from, how), truth: undefined };
    },
  };
}

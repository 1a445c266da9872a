// The ways to a slide, each loaded when first taken.
import type { SlideWays } from './slide-session.ts';

export function slideWays(): SlideWays {
  let opener: Promise<import('#slide/open-in-tab.ts').SlideOpener> | undefined;
  return {
    async sample(seed) {
      const { openPhantom } = await import('#phantom/open-phantom.ts');
      const slide = openPhantom(seed);
      return { slide, truth: (kind, region) => slide.truth(kind, region) };
    },
    async read(from, waits) {
      opener ??= import('#slide/open-in-tab.ts').then(({ openerInTab }) => openerInTab());
      const { open } = await opener;
      return { slide: await open(from, waits), truth: undefined };
    },
  };
}

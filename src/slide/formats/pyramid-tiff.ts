// Any other TIFF or BigTIFF, as libvips, QuPath and cameras write them: the first page is level 0, unless it is a larger one
// made smaller; pages and SubIFDs that are level 0 made smaller are the other levels.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { channelOf, channelProperties, channelsOf, shownOf } from '../grey.ts';
import { withHalves } from '../halves.ts';
import type { Reading } from '../page-tile.ts';
import type { Tiff } from '../tiff.ts';
import { isColour, type Page, SUBFILE, TAG, whyUnreadable } from '../tiff-page.ts';
import type { SlideFormat } from './format.ts';
import { isReduced, mppOfResolution, pagesOf, tiffProperties, tiffSlide } from './tiff-slide.ts';

/** What OpenSlide calls the maker of a TIFF that no maker's mark is in. */
export const GENERIC = 'generic-tiff';

export const pyramidTiff: SlideFormat = {
  name: 'TIFF',
  matches: ({ tiff }) => tiff !== undefined,
  async open({ tiff }, reading, waits) {
    if (!tiff) throw new EosinError({ tag: 'Unexpected', reason: 'A TIFF was expected.' });
    const all = [tiff.first, ...(await pagesOf(tiff.chain.slice(1), reading, waits))];
    const first = baseOf(all, tiff.first);
    const others = all.filter((page) => page !== first);
    const pages = await levelsBelow(tiff, first, others, reading, waits);
    const several = !isColour(first) && first.samples > 1 && !first.extraSample && whyUnreadable(first) === undefined;
    const names = several ? Array.from({ length: first.samples }, (_, i) => `Channel ${i + 1}`) : [];
    const channel = channelOf(reading, names.length);
    const shown = await shownOf(pages, channel, reading, waits);
    const properties: Record<string, string> = {
      'openslide.vendor': GENERIC,
      ...(await tiffProperties(first.directory, waits)),
      ...channelProperties(names, channel),
    };
    const mpp = await mppOfResolution(first.directory, waits);
    if (mpp) {
      properties['openslide.mpp-x'] = String(mpp.x);
      properties['openslide.mpp-y'] = String(mpp.y);
    }
    const format = tiff.big ? 'BigTIFF' : 'TIFF';
    const channels = channelsOf(names, channel, shown.range);
    const facts = { format, vendor: undefined, mpp, objective: undefined, properties, channels };
    return tiffSlide({ levels: withHalves(pages, { absent: 'glass', shown }), facts }, reading, waits);
  },
};

/** The first page; where that is a thumbnail or a small level, the largest one, which it shows made smaller. */
function baseOf(pages: readonly Page[], first: Page): Page {
  const shown = pages.filter((page) => !(page.subfileType & SUBFILE.mask) && whyUnreadable(page) === undefined);
  const largest = shown.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a), first);
  const isSmall = Boolean(first.subfileType & SUBFILE.reduced) || isReduced(first, largest, largest);
  return isSmall ? largest : first;
}

/** The base, then its SubIFDs and those of the other pages that are the base made smaller; largest first. */
export async function levelsBelow(
  tiff: Pick<Tiff, 'below'>,
  base: Page,
  others: readonly Page[],
  reading: Reading,
  waits: Waits,
): Promise<Page[]> {
  const offsets = await base.directory.numbers(TAG.subIfds, waits);
  const below = await tiff.below(offsets.slice(0, 64), waits);
  const found = [...others, ...(await pagesOf(below, reading, waits))];
  const levels = [base];
  for (const page of found.sort((a, b) => b.width - a.width)) {
    const previous = levels.at(-1) ?? base;
    if (page.subfileType & SUBFILE.mask || page.samples !== base.samples || whyUnreadable(page) !== undefined) continue;
    if (isReduced(page, base, previous)) levels.push(page);
  }
  return levels;
}

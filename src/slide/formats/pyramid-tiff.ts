// Any other TIFF or BigTIFF, as libvips, Bio-Formats, QuPath and cameras write them: the first page is level 0; pages and
// SubIFDs that are it made smaller are the other levels.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { MppXY } from '#units/units.ts';
import type { Reading } from '../page-tile.ts';
import { type Page, TAG, whyUnreadable } from '../tiff-page.ts';
import type { SeenTiff, SlideFormat } from './format.ts';
import { attributesOf, isOmeXml, omeMpp } from './ome.ts';
import { isReduced, mppOfResolution, pagesOf, tiffProperties, tiffSlide } from './tiff-slide.ts';

export const pyramidTiff: SlideFormat = {
  name: 'TIFF',
  matches: ({ tiff }) => tiff !== undefined,
  async open({ tiff }, reading, waits) {
    if (!tiff) throw new EosinError({ tag: 'Unexpected', reason: 'A TIFF was expected.' });
    const levels = await levelsOf(tiff, reading, waits);
    const properties = await tiffProperties(tiff.first.directory, waits);
    const ome = isOmeXml(tiff.first.description) ? attributesOf(tiff.first.description, 'Pixels') : undefined;
    for (const [name, value] of ome ?? []) properties[`ome.${name}`] = value;
    const mpp: MppXY | undefined = ome ? omeMpp(ome) : await mppOfResolution(tiff.first.directory, waits);
    if (mpp) {
      properties['openslide.mpp-x'] = String(mpp.x);
      properties['openslide.mpp-y'] = String(mpp.y);
    }
    const format = ome ? 'OME-TIFF' : tiff.big ? 'BigTIFF' : 'TIFF';
    const facts = { format, vendor: undefined, mpp, objective: undefined, properties };
    return tiffSlide({ levels: levels.map((page) => ({ page, absent: 'glass' })), facts }, reading, waits);
  },
};

async function levelsOf(tiff: SeenTiff, reading: Reading, waits: Waits): Promise<Page[]> {
  const { first } = tiff;
  const offsets = await first.directory.numbers(TAG.subIfds, waits);
  const below = await tiff.below(offsets.slice(0, 64), waits);
  const others = [...(await pagesOf(tiff.chain.slice(1), reading, waits)), ...(await pagesOf(below, reading, waits))];
  const levels = [first];
  for (const page of others.sort((a, b) => b.width - a.width)) {
    const previous = levels.at(-1) ?? first;
    if (page.subfileType & MASK || page.samples !== first.samples || whyUnreadable(page) !== undefined) continue;
    if (isReduced(page, first, previous)) levels.push(page);
  }
  return levels;
}

const MASK = 4; // bit of NewSubfileType

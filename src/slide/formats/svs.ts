// Aperio SVS is a tiled TIFF whose first ImageDescription starts with "Aperio". Its pages that are not tiled are the
// thumbnail (the second page), the label and the macro, named in their own descriptions.
import { EosinError } from '#errors/failure.ts';
import { withHalves } from '../halves.ts';
import { type Page, whyUnreadable } from '../tiff-page.ts';
import type { SlideFormat } from './format.ts';
import { isReduced, pagesOf, plausibleMpp, tiffProperties, tiffSlide } from './tiff-slide.ts';

export const svs: SlideFormat = {
  name: 'Aperio SVS',
  matches: ({ tiff }) => tiff?.first.description.startsWith('Aperio') ?? false,
  async open({ tiff }, reading, waits) {
    if (!tiff) throw new EosinError({ tag: 'Unexpected', reason: 'An SVS is a TIFF.' });
    const pages = [tiff.first, ...(await pagesOf(tiff.chain.slice(1), reading, waits))];
    const aperio = parseDescription(tiff.first.description);
    const properties = await tiffProperties(tiff.first.directory, waits);
    properties['openslide.vendor'] = 'aperio';
    properties['openslide.comment'] = tiff.first.description;
    for (const [key, value] of aperio) properties[`aperio.${key}`] = value;

    const size = Number(aperio.get('MPP')?.replace(',', '.')); // some write it as their country does
    const mpp = plausibleMpp(size, size);
    if (mpp) {
      properties['openslide.mpp-x'] = String(mpp.x);
      properties['openslide.mpp-y'] = String(mpp.y);
    }
    const power = Number(aperio.get('AppMag'));
    const objective = power > 0 && power <= 200 ? power : undefined;
    if (objective !== undefined) properties['openslide.objective-power'] = String(objective);

    const stored = pages.filter((page, i) => i === 0 || isLevel(page, tiff.first)).sort((a, b) => b.width - a.width);
    const associated = new Map(
      pages.flatMap((page, i) => {
        const named = associatedName(page, i);
        return named ? [[named, page] as const] : [];
      }),
    );
    const facts = { format: svs.name, vendor: 'aperio', mpp, objective, properties };
    return tiffSlide({ levels: withHalves(stored, { absent: 'gap' }), facts, associated }, reading, waits);
  },
};

/**
 * Levels are tiled, smaller than level 0, and neither label nor macro, which newer scanners may tile as well; packed otherwise than
 * level 0 (JPEG below JPEG 2000) only where they have its shape.
 */
const isLevel = (page: Page, first: Page): boolean =>
  page.tiled &&
  namedIn(page.description) === undefined &&
  page.width < first.width &&
  page.height < first.height &&
  (page.compression === first.compression || isReduced(page, first, first)) &&
  whyUnreadable(page) === undefined;

function associatedName(page: Page, index: number): string | undefined {
  if (index === 0) return undefined;
  const named = namedIn(page.description);
  if (named) return named;
  if (page.tiled) return undefined;
  if (index === 1) return 'thumbnail';
  return page.subfileType === 1 ? 'label' : page.subfileType === 9 ? 'macro' : undefined;
}

/** "label 387x463" on a line of its own. */
const namedIn = (description: string): 'label' | 'macro' | undefined => {
  const line = description.split('\n')[1] ?? '';
  return line.startsWith('label ') ? 'label' : line.startsWith('macro ') ? 'macro' : undefined;
};

/** "…|AppMag = 20|MPP = 0.4990": the name and value pairs after the first bar. */
function parseDescription(description: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const part of description.split('|').slice(1)) {
    const at = part.indexOf('=');
    if (at > 0) pairs.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  return pairs;
}

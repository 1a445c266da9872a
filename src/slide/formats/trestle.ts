// Trestle (MedScan): a tiled TIFF whose description says by how much the tiles of each level overlap. Its resolution tags hold
// the size of a pixel in µm.
import { EosinError } from '#errors/failure.ts';
import { composedLevel } from '../composed.ts';
import { layeredSlide, type ReadableLevel } from '../layered-slide.ts';
import type { Reading } from '../page-tile.ts';
import type { Page } from '../tiff-page.ts';
import { gridOf, type PageLevel, tileReaderOf } from '../tile-reader.ts';
import type { SlideFormat } from './format.ts';
import { assertReadable, pagesOf, plausibleMpp, profileOf, resolutionOf, tiffProperties } from './tiff-slide.ts';

export const trestle: SlideFormat = {
  name: 'Trestle',
  matches: ({ tiff }) =>
    (tiff?.software.startsWith('MedScan') && tiff.first.tiled && tiff.first.description !== '') ?? false,
  async open({ tiff }, reading, waits) {
    if (!tiff) throw new EosinError({ tag: 'Unexpected', reason: 'A Trestle slide is a TIFF.' });
    const { first } = tiff;
    const pages = [first, ...(await pagesOf(tiff.chain.slice(1), reading, waits))];
    const said = parseDescription(first.description);
    const overlaps = (said.get('OverlapsXY') ?? '').split(' ').filter(Boolean).map(Number);
    const levels = pages
      .map((page, i) => ({ page, x: overlaps[2 * i] ?? 0, y: overlaps[2 * i + 1] ?? 0 }))
      .filter(({ page }, i) => i === 0 || (page.tiled && page.width < first.width))
      .map(({ page, x, y }, i) => levelOf(page, { x, y }, i, reading))
      .sort((a, b) => b.grid.widthPx - a.grid.widthPx);
    const properties = await tiffProperties(first.directory, waits);
    properties['openslide.vendor'] = 'trestle';
    for (const [key, value] of said) properties[`trestle.${key}`] = value;
    const { x = Number.NaN, y = Number.NaN } = await resolutionOf(first.directory, waits);
    const mpp = plausibleMpp(x, y);
    if (mpp) {
      properties['openslide.mpp-x'] = String(mpp.x);
      properties['openslide.mpp-y'] = String(mpp.y);
    }
    const power = Number(said.get('Objective Power'));
    const objective = power > 0 && power <= 200 ? power : undefined;
    if (objective !== undefined) properties['openslide.objective-power'] = String(objective);
    const facts = { format: trestle.name, vendor: 'trestle', mpp, objective, properties };
    return layeredSlide({ levels, facts, colourProfile: await profileOf(first, waits) }, reading);
  },
};

/** "Objective Power=20;OverlapsXY= 64 64 32 32;": names and values between semicolons. */
function parseDescription(description: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const part of description.split(';')) {
    const at = part.indexOf('=');
    if (at > 0) pairs.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  return pairs;
}

/** @param overlap of neighbouring tiles, in pixels of the level */
function levelOf(page: Page, overlap: { x: number; y: number }, index: number, reading: Reading): ReadableLevel {
  assertReadable(page, reading);
  const level: PageLevel = { page, absent: 'gap' };
  const stored = gridOf(level);
  const read = tileReaderOf(level, reading);
  const { tileWidth, tileHeight, widthPx, heightPx } = stored;
  const step = (size: number, less: number): number => (less > 0 && less <= size / 2 ? size - less : size);
  const [stepX, stepY] = [step(tileWidth, overlap.x), step(tileHeight, overlap.y)];
  if (stepX === tileWidth && stepY === tileHeight) return { grid: stored, read };
  const [columns, rows] = [Math.ceil(widthPx / tileWidth), Math.ceil(heightPx / tileHeight)];
  const grid = {
    ...stored,
    widthPx: widthPx - (columns - 1) * (tileWidth - stepX),
    heightPx: heightPx - (rows - 1) * (tileHeight - stepY),
  };
  const touching = (from: number, length: number, step: number, size: number, count: number): number[] => {
    const first = Math.max(0, Math.floor((from - size) / step) + 1);
    const end = Math.min(count, Math.ceil((from + length) / step));
    return Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i);
  };
  return composedLevel(grid, (area) =>
    touching(area.y, area.height, stepY, tileHeight, rows).flatMap((row) =>
      touching(area.x, area.width, stepX, tileWidth, columns).map((col) => ({
        x: col * stepX,
        y: row * stepY,
        width: Math.min(tileWidth, widthPx - col * tileWidth),
        height: Math.min(tileHeight, heightPx - row * tileHeight),
        read: (waits) => read({ level: index, col, row }, waits),
      })),
    ),
  );
}

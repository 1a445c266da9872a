// Bright objects on black, as fluorescence is seen: models of stained tissue find nothing reliable in it.
import type { Waits } from '#channel/waits.ts';
import { isAbort } from '#errors/failure.ts';
import { pixelsOf, release } from '#slide/raster.ts';
import { columnsOf, levelOf, rowsOf, type Slide } from '#slide/slide.ts';
import type { SlideSession } from '../slide-session.ts';
import type { Stores } from '../stores.ts';

const UNSCANNED = 12; //  of 255: scanners fill what they left out with black, beside stained tissue too
const DARK = 90; //       of 255: stained tissue is lighter, the darkest blood too
const LOOKED_AT = 20_000; // pixels

/** True where most of what is no plain black is dark, or next to nothing is. @param rgba [n × 4] */
export function isDarkField(rgba: Uint8ClampedArray): boolean {
  const step = 4 * Math.max(1, Math.floor(rgba.length / 4 / LOOKED_AT));
  let [seen, scanned, dark] = [0, 0, 0];
  for (let i = 0; i + 2 < rgba.length; i += step) {
    const brightest = Math.max(rgba[i] ?? 0, rgba[i + 1] ?? 0, rgba[i + 2] ?? 0);
    seen++;
    if (brightest <= UNSCANNED) continue;
    scanned++;
    if (brightest < DARK) dark++;
  }
  return scanned < 0.02 * seen || dark > 0.5 * scanned;
}

/** By the tile in the middle of the smallest level. @throws what reading throws */
async function looksDark(slide: Slide, waits: Waits): Promise<boolean> {
  const at = slide.levels.length - 1;
  const level = levelOf(slide, at);
  const middle = { level: at, col: Math.floor(columnsOf(level) / 2), row: Math.floor(rowsOf(level) / 2) };
  const raster = await slide.readTile(middle, waits);
  const { rgba } = pixelsOf(raster);
  release(raster);
  return isDarkField(rgba);
}

/** Of the slide on screen, into its store; nothing once another one is there. What cannot be read is told by the slide. */
export async function tellDark(
  slides: Pick<SlideSession, 'opened'>,
  store: Stores['slide'],
  waits: Waits,
): Promise<void> {
  const slide = slides.opened()?.slide;
  if (!slide) return;
  const isLeft = (): boolean => waits.signal.aborted || slides.opened()?.slide !== slide;
  try {
    const isDark = await looksDark(slide, waits);
    if (!isLeft()) store.setState({ isDark });
  } catch (thrown) {
    if (!isLeft() && !isAbort(thrown)) console.warn(thrown);
  }
}

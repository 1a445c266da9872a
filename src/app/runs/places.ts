// Where a run's slide is: the one on screen, or one that is opened behind it for the run alone.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { phantomSeed } from '#phantom/phantom-name.ts';
import type { Slide } from '#slide/slide.ts';
import type { MppXY } from '#units/units.ts';
import { noSlide, type SlideSession, type SlideWays } from '../slide-session.ts';
import type { Stores } from '../stores.ts';
import { opensFrom, type RunSource } from './run-source.ts';

export interface Place extends Disposable {
  readonly slide: Slide; //                    of the place
  readonly mpp: MppXY; //                      of level 0
  readonly fingerprint: string;
  readonly address: string | undefined; //     from where it can be opened again
  readonly isOnScreen: boolean;
}

/** @throws EosinError BadInput where no slide is open; Uncalibrated */
export async function placeOnScreen(slides: SlideSession, stores: Stores, waits: Waits): Promise<Place> {
  const slide = slides.opened()?.slide;
  if (!slide) throw new EosinError(noSlide);
  const mpp = slides.mpp();
  if (!mpp) throw new EosinError({ tag: 'Uncalibrated', name: slide.name });
  const address = stores.slide.getState().open?.address;
  const fingerprint = await slide.fingerprint(waits);
  return { slide, mpp, fingerprint, address, isOnScreen: true, [Symbol.dispose]: () => undefined };
}

/**
 * @param mpp of level 0, as the run was begun with; the slide's own where it is new
 * @throws EosinError what opening throws; Uncalibrated; the signal's reason
 */
export async function placeBehind(
  ways: SlideWays,
  source: RunSource,
  mpp: MppXY | undefined,
  waits: Waits,
): Promise<Place> {
  const from = await opensFrom(source, waits);
  const seed = typeof from === 'string' ? phantomSeed(from) : undefined;
  const { slide } = await (seed === undefined ? ways.read(from, waits) : ways.sample(seed, waits));
  try {
    const size = mpp ?? slide.mpp;
    if (!size) throw new EosinError({ tag: 'Uncalibrated', name: slide.name });
    const fingerprint = await slide.fingerprint(waits);
    const address = typeof source === 'string' ? source : undefined;
    return {
      slide,
      mpp: size,
      fingerprint,
      address,
      isOnScreen: false,
      [Symbol.dispose]: () => slide[Symbol.dispose](),
    };
  } catch (thrown) {
    slide[Symbol.dispose]();
    throw thrown;
  }
}

// What 'this view', 'the rectangle' and 'all tissue' mean on the open slide, and how much work they are.
import type { Region } from '#analysis/plan.ts';
import type { TissueMask } from '#analysis/tissue-mask.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { SharedJob } from '#slide/shared-job.ts';
import type { Slide } from '#slide/slide.ts';
import { contains, intersect, isEmpty, type Rect } from '#units/rect.ts';
import type { RunRegion } from './found-objects.ts';
import { noSlide, type SlideSession } from './slide-session.ts';
import { chosenManifest } from './stores/models-store.ts';
import type { RegionChoice } from './stores/run-store.ts';
import type { Stores } from './stores.ts';
import { tissueAreaIn } from './tissue-area.ts';

export interface Work {
  readonly patches: number;
  readonly areaPx: number; //   to be analysed
  readonly slidePx: number; //  of the whole slide
}

export interface RegionsAsked {
  /** @throws EosinError BadInput for a region off the slide; TooLittleTissue */
  resolve(asked: Rect | RegionChoice, waits: Waits): Promise<Region>;
  /** Undefined while there is nothing to plan: no slide, no pixel size, no model, no rectangle. */
  work(choice: RegionChoice, waits: Waits): Promise<Work | undefined>;
  /** Found once a slide, then kept. Each caller can leave: the search ends when nobody waits for it. */
  tissue(waits: Waits): Promise<TissueMask>;
}

/** What a run over this region looks at and counts. */
export async function runRegionOf(region: Region): Promise<RunRegion> {
  if ('mask' in region) {
    const { isTissueAt } = await import('#analysis/tissue-mask.ts');
    return { isIn: ({ x, y }) => isTissueAt(region, x, y), areaIn: (part) => tissueAreaIn(region, part) };
  }
  return {
    isIn: ({ x, y }) => contains(region, x, y),
    areaIn: (part) => {
      const { width, height } = intersect(part, region);
      return width * height;
    },
  };
}

type Search = (slide: Slide, waits: Waits) => Promise<TissueMask>;

const searchLazily: Search = async (slide, waits) => {
  const { findTissue } = await import('#analysis/tissue.ts');
  return findTissue(slide, waits);
};

export function regionsAsked(
  slides: SlideSession,
  stores: Stores,
  visible: () => Rect,
  search = searchLazily,
): RegionsAsked {
  let tissue: SharedJob<TissueMask> | undefined;
  slides.onChange(() => {
    tissue = undefined;
  });
  const wholeSlide = (): Rect => {
    const info = stores.slide.getState().open?.info;
    if (!info) throw new EosinError(noSlide);
    return { x: 0, y: 0, width: info.widthPx, height: info.heightPx };
  };
  const found = (waits: Waits): Promise<TissueMask> => {
    const slide = slides.opened()?.slide;
    if (!slide) throw new EosinError(noSlide);
    if (!tissue || tissue.abandoned) {
      const job = new SharedJob<TissueMask>(async (during) => {
        try {
          return await search(slide, during);
        } catch (thrown) {
          if (tissue === job) tissue = undefined; // the next one to ask tries anew
          throw thrown;
        }
      });
      tissue = job;
    }
    return tissue.join(waits);
  };
  const resolve = async (asked: Rect | RegionChoice, waits: Waits): Promise<Region> => {
    if (asked === 'tissue') return found(waits);
    const rect = asked === 'view' ? visible() : asked === 'rectangle' ? stores.view.getState().rectangle : asked;
    const part = rect && intersect(rect, wholeSlide());
    if (part && !isEmpty(part)) return part;
    const seen = rect ? 'nothing of it lies on the slide' : 'no rectangle is drawn';
    throw new EosinError({ tag: 'BadInput', what: 'The region', seen, todo: 'Draw a rectangle on the tissue.' });
  };
  return {
    resolve,
    tissue: found,
    async work(choice, waits) {
      const slide = slides.opened()?.slide;
      const mpp = slides.mpp();
      const manifest = chosenManifest(stores.models.getState());
      if (!slide || !mpp || !manifest || (choice === 'rectangle' && !stores.view.getState().rectangle))
        return undefined;
      const [{ planPatches }, region] = await Promise.all([import('#analysis/plan.ts'), resolve(choice, waits)]);
      const plan = planPatches({ slide, mpp, region, input: manifest.input, viewCentre: { x: 0, y: 0 } });
      const whole = wholeSlide();
      return { patches: plan.patches.length, areaPx: plan.areaPx, slidePx: whole.width * whole.height };
    },
  };
}

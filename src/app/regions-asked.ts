// What 'this view', 'the rectangle' and 'all tissue' mean on the open slide, and how much work they are.
import type { Region } from '#analysis/plan.ts';
import type { TissueMask } from '#analysis/tissue-mask.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { ModelManifest } from '#inference/manifest.ts';
import { intersect, isEmpty, type Rect } from '#units/rect.ts';
import { noSlide, type SlideSession } from './slide-session.ts';
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
  /** Found once a slide, then kept. */
  tissue(waits: Waits): Promise<TissueMask>;
}

/** Level-0 px² of a part of the slide that a run over this region counts. */
export const areaWithin = (region: Region): ((part: Rect) => number) =>
  'mask' in region
    ? (part) => tissueAreaIn(region, part)
    : (part) => {
        const { width, height } = intersect(part, region);
        return width * height;
      };

export function regionsAsked(slides: SlideSession, stores: Stores, visible: () => Rect): RegionsAsked {
  let tissue: Promise<TissueMask> | undefined;
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
    tissue ??= import('#analysis/tissue.ts')
      .then(({ findTissue }) => findTissue(slide, waits))
      .catch((thrown: unknown) => {
        tissue = undefined;
        throw thrown;
      });
    return tissue;
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
      const manifest = chosen(stores);
      if (!slide || !mpp || !manifest || (choice === 'rectangle' && !stores.view.getState().rectangle))
        return undefined;
      const [{ planPatches }, region] = await Promise.all([import('#analysis/plan.ts'), resolve(choice, waits)]);
      const plan = planPatches({ slide, mpp, region, input: manifest.input, viewCentre: { x: 0, y: 0 } });
      const whole = wholeSlide();
      return { patches: plan.patches.length, areaPx: plan.areaPx, slidePx: whole.width * whole.height };
    },
  };
}

const chosen = (stores: Stores): ModelManifest | undefined => {
  const { manifests, chosen } = stores.models.getState();
  return manifests.find(({ id }) => id === chosen);
};

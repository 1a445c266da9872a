// What 'this view', 'what is drawn' and 'all tissue' mean on the open slide, and how much work they are.
import type { Region } from '#analysis/region.ts';
import type { TissueEdits } from '#analysis/tissue/edits.ts';
import type { TissueMask } from '#analysis/tissue/mask.ts';
import type { FoundTissue } from '#analysis/tissue/rules.ts';
import type { TissueFinder } from '#analysis/tissue/tissue.ts';
import type { Waits } from '#channel/waits.ts';
import { EosinError, failureOf } from '#errors/failure.ts';
import { SharedJob } from '#slide/shared-job.ts';
import type { Slide } from '#slide/slide.ts';
import { intersect, isEmpty, type Rect } from '#units/rect.ts';
import { noSlide, type SlideSession } from './slide-session.ts';
import { chosenManifest } from './stores/models-store.ts';
import type { RegionChoice } from './stores/run-store.ts';
import type { Stores } from './stores.ts';

export interface Work {
  readonly patches: number;
  readonly areaPx: number; //   to be analysed
  readonly slidePx: number; //  of the whole slide
}

export interface RegionsAsked {
  /** @throws EosinError BadInput for a region off the slide; TooLittleTissue */
  resolve(asked: Region | RegionChoice, waits: Waits): Promise<Region>;
  /** Undefined while there is nothing to plan: no slide, no pixel size, no model, nothing drawn. */
  work(choice: RegionChoice, waits: Waits): Promise<Work | undefined>;
  /** As the user has it now. The slide is read once. Each caller can leave: the search ends when nobody waits for it. */
  tissue(waits: Waits): Promise<TissueMask>;
  /** The same with its outlines, pen marks and folds. */
  foundTissue(waits: Waits): Promise<FoundTissue>;
}

/** Undefined where nothing of it lies there. A rectangle is cut to the slide. */
async function onSlide(region: Region, slide: Rect): Promise<Region | undefined> {
  if ('width' in region) {
    const part = intersect(region, slide);
    return isEmpty(part) ? undefined : part;
  }
  const { areaPx } = await import('#analysis/region.ts');
  return areaPx(region, slide) > 0 ? region : undefined;
}

type Search = (slide: Slide, waits: Waits) => Promise<TissueFinder>;

const searchLazily: Search = async (slide, waits) => {
  const { openTissue } = await import('#analysis/tissue/tissue.ts');
  return openTissue(slide, waits);
};

/** The slide's tissue under the edits of the moment, found once for the same edits. */
function tissueOfSlide(slides: SlideSession, stores: Stores, search: Search): (waits: Waits) => Promise<FoundTissue> {
  let opening: SharedJob<TissueFinder> | undefined;
  let finder: TissueFinder | undefined;
  let finding: { readonly edits: TissueEdits; readonly job: SharedJob<FoundTissue> } | undefined;
  const forget = (): void => {
    finder?.[Symbol.dispose]();
    [opening, finder, finding] = [undefined, undefined, undefined];
  };
  slides.onChange(forget);
  const opened = (waits: Waits): Promise<TissueFinder> => {
    const slide = slides.opened()?.slide;
    if (!slide) throw new EosinError(noSlide);
    if (!opening || opening.abandoned) {
      const job = new SharedJob<TissueFinder>(async (during) => {
        try {
          const found = await search(slide, during);
          if (opening === job) finder = found;
          else found[Symbol.dispose](); // another slide has come
          return found;
        } catch (thrown) {
          if (opening === job) opening = undefined; // the next one to ask tries anew
          throw thrown;
        }
      });
      opening = job;
    }
    return opening.join(waits);
  };
  const find = async (edits: TissueEdits, waits: Waits): Promise<FoundTissue> => {
    const used = await opened(waits);
    try {
      const found = await used.find(edits, waits);
      if (finder === used && stores.regions.getState().edits === edits)
        stores.regions.setState({ tissue: found.facts });
      return found;
    } catch (thrown) {
      if (finder === used && failureOf(thrown).tag === 'WorkerDied') forget(); // the next one to ask tries anew
      throw thrown;
    }
  };
  return (waits) => {
    const { edits } = stores.regions.getState();
    if (finding?.edits !== edits || finding.job.abandoned) {
      const job = new SharedJob<FoundTissue>(async (during) => {
        try {
          return await find(edits, during);
        } catch (thrown) {
          if (finding?.job === job) finding = undefined;
          throw thrown;
        }
      });
      finding = { edits, job };
    }
    return finding.job.join(waits);
  };
}

export function regionsAsked(
  slides: SlideSession,
  stores: Stores,
  visible: () => Rect,
  search = searchLazily,
): RegionsAsked {
  const tissue = tissueOfSlide(slides, stores, search);
  const wholeSlide = (): Rect => {
    const info = stores.slide.getState().open?.info;
    if (!info) throw new EosinError(noSlide);
    return { x: 0, y: 0, width: info.widthPx, height: info.heightPx };
  };
  const resolve = async (asked: Region | RegionChoice, waits: Waits): Promise<Region> => {
    if (asked === 'tissue') return (await tissue(waits)).mask;
    const region = asked === 'view' ? visible() : asked === 'rectangle' ? stores.regions.getState().drawn : asked;
    const part = region && (await onSlide(region, wholeSlide()));
    if (part) return part;
    const seen = region ? 'nothing of it lies on the slide' : 'nothing is drawn';
    throw new EosinError({ tag: 'BadInput', what: 'The region', seen, todo: 'Draw a rectangle on the tissue.' });
  };
  return {
    resolve,
    tissue: async (waits) => (await tissue(waits)).mask,
    foundTissue: tissue,
    async work(choice, waits) {
      const slide = slides.opened()?.slide;
      const mpp = slides.mpp();
      const manifest = chosenManifest(stores.models.getState());
      if (!slide || !mpp || !manifest || (choice === 'rectangle' && !stores.regions.getState().drawn)) return undefined;
      const [{ planPatches }, region] = await Promise.all([import('#analysis/plan.ts'), resolve(choice, waits)]);
      const plan = planPatches({ slide, mpp, region, input: manifest.input, viewCentre: { x: 0, y: 0 } });
      const whole = wholeSlide();
      return { patches: plan.patches.length, areaPx: plan.areaPx, slidePx: whole.width * whole.height };
    },
  };
}

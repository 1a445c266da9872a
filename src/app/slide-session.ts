// The open slide: opens another in its place, keeps its pixel size, hands it to whoever reads. Owns the slide.
import { unhurried, type Waits } from '#channel/waits.ts';
import { EosinError, failureOf, isAbort } from '#errors/failure.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { phantomSeed } from '#phantom/phantom-name.ts';
import type { EarlyPicture } from '#slide/early-picture.ts';
import type { SlideSource } from '#slide/open.ts';
import type { Chosen, Slide } from '#slide/slide.ts';
import type { Rect } from '#units/rect.ts';
import { type MppXY, mpp } from '#units/units.ts';
import type { ViewChange, Viewer } from '#viewer/viewer-api.ts';
import { chosenIn, withShown } from './chosen-in.ts';
import type { SlideInfo } from './console.d.ts';
import type { EarlyStage } from './early-stage.ts';
import { type Kept, SlideTabs } from './slide-tabs.ts';
import type { RunLayer } from './stores/layers-store.ts';
import { type Origin, titleOfSlide } from './stores/slide-store.ts';
import type { Stores } from './stores.ts';

/** A slide that was opened, and its truth where it is synthetic. */
export interface Opened {
  readonly slide: Slide;
  readonly truth: ((kind: RunLayer, region: Rect) => ObjectColumns) | undefined;
}

/** The ways in, loaded when first needed. */
export interface SlideWays {
  sample(seed: number, waits: Waits): Promise<Opened>;
  /**
   * @param chosen of a slide with several channels or focal planes; as an address says, where it is left out
   * @param onEarlyPicture gets all of the slide, small, before it is open, where that can be had
   */
  read(
    from: SlideSource,
    waits: Waits,
    chosen?: Chosen,
    onEarlyPicture?: (picture: EarlyPicture) => void,
  ): Promise<Opened>;
}

export interface SlideSession {
  opened(): Opened | undefined;
  /** Level 0, as the slide says it or the user set it. */
  mpp(): MppXY | undefined;
  /**
   * Opens in a tab of its own, anew where the source is open already; when that fails, what was open stays. A later call
   * takes over from an earlier one.
   */
  open(source: SlideSource, waits: Waits): Promise<SlideInfo>;
  /** Closes the one on screen; nothing comes in its place. */
  close(): void;
  setMpp(size: { x: number; y: number }): void;
  /** Calls when another slide has come, or none: whatever belonged to the last one ends then. */
  onChange(listener: () => void): () => void;
}

/** The same with the tabs of slides that are open beside the one on screen. */
export interface TabbedSlides extends SlideSession {
  /** Shows another channel or focal plane of a slide with several, at the same view; the choice is kept for the slide. */
  choose(chosen: Chosen, waits: Waits): Promise<void>;
  /** Brings a tab back on screen as it was left, or the one on screen anew; findings only where its slide is the same still. */
  showTab(id: number, waits: Waits): Promise<void>;
  /** The tab after the one on screen (1), or before it (−1), round the end. */
  tabBeside(step: 1 | -1): number | undefined;
  /** Of the one on screen: the tab beside it comes, where there is one. */
  closeTab(id: number, waits: Waits): Promise<void>;
  /** `keep` is asked when the slide is about to leave the screen; what it gives is put back when that slide is. */
  onLeave(keep: () => Kept | undefined): void;
}

const originOf = (source: SlideSource): Origin =>
  typeof source !== 'string' ? 'disk' : phantomSeed(source) !== undefined ? 'sample' : 'address';

/** What to call a source before its slide has a name. */
export const nameOf = (source: SlideSource): string => {
  if (typeof source !== 'string') {
    if (source instanceof Blob) return source instanceof File ? source.name : 'A file';
    return 'getFileHandle' in source ? source.name : folderOf(source);
  }
  if (phantomSeed(source) !== undefined) return `Sample ${source.slice('phantom:'.length)}`;
  const last = source.split(/[?#]/)[0]?.split('/').pop() || source;
  try {
    return decodeURIComponent(last);
  } catch {
    return last; // a stray per cent sign: shown as it is
  }
};

/** What files that were picked together are called: their folder, where they have one. */
function folderOf(files: readonly File[]): string {
  const [first] = files;
  return first?.webkitRelativePath.split('/')[0] || first?.name || 'Files';
}

export const infoOf = (slide: Slide, size: MppXY | undefined): SlideInfo => ({
  name: slide.name,
  format: slide.format,
  vendor: slide.vendor,
  widthPx: slide.levels[0]?.widthPx ?? 0,
  heightPx: slide.levels[0]?.heightPx ?? 0,
  mpp: size && { x: size.x, y: size.y },
  objective: slide.objective,
  levels: slide.levels.map(({ widthPx, heightPx, downsample }) => ({ widthPx, heightPx, downsample })),
  associated: [...slide.associated],
  properties: { ...slide.properties },
});

/** @param stage shows what comes of a slide before it is open; nothing does where it is left out */
export function createSlideSession(ways: SlideWays, viewer: Viewer, stores: Stores, stage?: EarlyStage): TabbedSlides {
  const { slide: store, window: windowStore } = stores;
  const listeners = new Set<() => void>();
  const keepers: (() => Kept | undefined)[] = [];
  const tabs = new SlideTabs();
  let current: (Opened & { mpp: MppXY | undefined }) | undefined;
  let opening: AbortController | undefined;
  let lastId = 0;

  /** @param asked what is shown; as the address says, or as it was last chosen for the slide, where that is left out */
  const read = async (
    source: SlideSource,
    asked: Chosen | undefined,
    onEarly: ((picture: EarlyPicture) => void) | undefined,
    waits: Waits,
  ): Promise<Opened> => {
    const seed = typeof source === 'string' ? phantomSeed(source) : undefined;
    if (seed !== undefined) return ways.sample(seed, waits);
    const said = asked ?? (typeof source === 'string' ? chosenIn(source).chosen : {});
    const opened = await ways.read(source, waits, said, onEarly);
    const { channels, planes } = opened.slide;
    const kept = stores.settings.getState();
    const channel = keptOf(said.channel, channels, kept.channels[keyOf(opened.slide, channels)]);
    const plane = keptOf(said.plane, planes, kept.planes[keyOf(opened.slide, planes)]);
    if (channel === channels?.shown && plane === planes?.shown) return opened;
    opened.slide[Symbol.dispose]();
    return ways.read(source, waits, { channel, plane });
  };

  const leave = (): void => {
    if (!current) return;
    const { centre, zoom, rotation, flipped } = viewer.view();
    const { mppSetByUser = false } = store.getState().open ?? {};
    const kept = keepers.flatMap((keep) => keep() ?? []);
    tabs.leave({
      print: kept.length > 0 ? printOf(current.slide) : undefined,
      view: { centre, zoom, rotation, flipped },
      mpp: mppSetByUser ? current.mpp : undefined,
      kept,
    });
  };

  const drop = (): void => {
    const last = current;
    current = undefined;
    windowStore.setState(({ notice }) => (notice?.ofSlide ? { notice: undefined } : {}));
    viewer.close();
    for (const listener of listeners) listener();
    last?.slide[Symbol.dispose]();
  };

  /** @param tab that it comes back to; a new one otherwise */
  const show = async (opened: Opened, source: SlideSource, { tab, as, chosen }: Asked, waits: Waits) => {
    leave();
    drop();
    const origin = originOf(source);
    const left = tabs.enter(source, titleOfSlide({ info: infoOf(opened.slide, undefined), origin }), tab);
    const setByUser = left?.mpp ?? as?.mpp;
    const size = setByUser ?? opened.slide.mpp;
    current = { ...opened, mpp: size };
    const info = infoOf(opened.slide, size);
    const address = typeof source === 'string' ? withShown(source, opened.slide) : undefined;
    store.setState({
      open: {
        id: ++lastId,
        info,
        origin,
        address,
        mppSetByUser: setByUser !== undefined,
        channels: opened.slide.channels,
        planes: opened.slide.planes,
      },
      tabs: tabs.all,
      tab: tabs.shown,
      opening: undefined,
      problem: undefined,
      gaps: 0,
      isDark: false,
    });
    windowStore.setState({
      popover: info.mpp ? undefined : 'calibration',
      announcement: `${titleOfSlide({ info, origin })} is open.`,
    });
    if (chosen) keep(opened.slide, stores);
    const first = left?.view ?? as?.view ?? (origin === 'sample' ? middleOf(info) : undefined);
    const drawn = viewer.open(opened.slide, waits, first);
    if (setByUser) viewer.setMpp(setByUser);
    for (const { putBack } of left?.kept ?? []) putBack();
    await drawn;
    return info;
  };

  /** Its bytes are the same: what was found on it may be put back. */
  const isAsLeft = async (tab: number, slide: Slide): Promise<boolean> => {
    const before = tab === tabs.shown && current ? printOf(current.slide) : tabs.printOf(tab);
    return !before || (await before) === (await printOf(slide));
  };

  const open = async (source: SlideSource, asked: Asked, { signal }: Waits): Promise<SlideInfo> => {
    opening?.abort(new DOMException('Another slide was opened.', 'AbortError'));
    const mine = new AbortController();
    opening = mine;
    const both = AbortSignal.any([signal, mine.signal]);
    store.setState({ opening: nameOf(source), problem: undefined });
    let takeAway = (): void => undefined;
    // Only where nothing is on screen: what is told there would be another slide's.
    const onEarly = stage && !current ? (picture: EarlyPicture): void => void (takeAway = stage(picture)) : undefined;
    try {
      const opened = await read(source, asked.chosen, onEarly, { signal: both });
      const tab = asked.tab !== undefined && (await isAsLeft(asked.tab, opened.slide)) ? asked.tab : undefined;
      if (both.aborted) opened.slide[Symbol.dispose]();
      both.throwIfAborted();
      return await show(opened, source, { ...asked, tab }, { signal: both });
    } catch (thrown) {
      if (opening === mine) {
        const failure = failureOf(thrown);
        const isAddress = typeof source === 'string' && failure.tag !== 'BadInput'; // else there is no host to ask
        const address = isAddress ? source : undefined;
        const problem = isAbort(thrown) ? undefined : { name: nameOf(source), address, failure };
        store.setState({ opening: undefined, problem });
      }
      throw thrown;
    } finally {
      takeAway(); // the slide itself is drawn, or never will be
    }
  };

  const close = (): void => {
    opening?.abort(new DOMException('The slide was closed.', 'AbortError'));
    if (tabs.shown !== undefined) tabs.close(tabs.shown);
    drop();
    store.setState({
      ...{ open: undefined, opening: undefined, problem: undefined, gaps: 0, isDark: false },
      ...{ tabs: tabs.all, tab: undefined },
    });
  };

  const showTab = async (id: number, waits: Waits): Promise<void> => {
    const source = tabs.sourceOf(id);
    if (source !== undefined) await open(source, { tab: id }, waits);
  };

  return {
    opened: () => current,
    mpp: () => current?.mpp,
    open: (source, waits) => open(source, {}, waits),
    showTab,
    tabBeside: (step) => tabs.next(step),
    async closeTab(id, waits) {
      const next = tabs.beside(id);
      if (id === tabs.shown) {
        close();
        if (next !== undefined) await showTab(next, waits);
      } else {
        tabs.close(id);
        store.setState({ tabs: tabs.all });
      }
    },
    close,
    onLeave: (keep) => void keepers.push(keep),
    setMpp({ x, y }) {
      const { open } = store.getState();
      if (!current || !open) throw new EosinError(noSlide);
      if (!(x > 0.01 && x < 100 && y > 0.01 && y < 100)) {
        const seen = `${x} × ${y} µm`;
        throw new EosinError({ tag: 'BadInput', what: 'The pixel size', seen, todo: 'Give 0.01 to 100 µm a pixel.' });
      }
      const size = { x: mpp(x), y: mpp(y) };
      current.mpp = size;
      viewer.setMpp(size);
      store.setState({ open: { ...open, info: { ...open.info, mpp: { x, y } }, mppSetByUser: true } });
      windowStore.setState({ popover: undefined });
    },
    async choose(chosen, waits) {
      const source = tabs.shown === undefined ? undefined : tabs.sourceOf(tabs.shown);
      const { open: shown } = store.getState();
      if (!current || source === undefined || !shown) return;
      const channel = chosen.channel ?? shown.channels?.shown;
      const plane = chosen.plane ?? shown.planes?.shown;
      if (channel !== undefined && !shown.channels?.names[channel]) return;
      if (plane !== undefined && !shown.planes?.names[plane]) return;
      const { centre, zoom, rotation, flipped } = viewer.view();
      const as = { view: { centre, zoom, rotation, flipped }, mpp: shown.mppSetByUser ? current.mpp : undefined };
      await open(source, { chosen: { channel, plane }, as }, waits);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** How a slide is opened: into which tab, with which channel and focal plane, looked at as it was before. */
interface Asked {
  readonly tab?: number | undefined;
  readonly chosen?: Chosen;
  readonly as?: { readonly view: ViewChange; readonly mpp: MppXY | undefined };
}

interface Several {
  readonly names: readonly string[];
  readonly shown: number;
}

/** By what a choice is kept: nothing is read for it. */
const keyOf = ({ name, levels }: Slide, several: Several | undefined): string =>
  [name, levels[0]?.widthPx, levels[0]?.heightPx, ...(several?.names ?? [])].join(' ');

/** What is shown: what was asked for; else what was last chosen, where the slide has it. */
const keptOf = (asked: number | undefined, several: Several | undefined, kept: number | undefined) =>
  asked === undefined && kept !== undefined && several?.names[kept] !== undefined ? kept : several?.shown;

/** What is shown of the slide is shown when it is opened again. */
function keep(slide: Slide, { settings }: Stores): void {
  const { channels, planes } = slide;
  const of = (several: Several | undefined) => (several ? { [keyOf(slide, several)]: several.shown } : {});
  settings.setState((kept) => ({
    channels: { ...kept.channels, ...of(channels) },
    planes: { ...kept.planes, ...of(planes) },
  }));
}

/** Undefined where it cannot be read any more, or the page has no checksums. */
export const printOf = (slide: Slide): Promise<string | undefined> =>
  slide.fingerprint(unhurried()).catch(() => undefined);

export const noSlide = {
  tag: 'BadInput',
  what: 'No slide is open',
  seen: 'nothing to work on',
  todo: 'Open a file, an address or the sample first.',
} as const;

const SAMPLE_MAGNIFICATION = 10;

/** The sample opens on its middle, which is tissue in every seed, rather than on mostly glass. */
const middleOf = ({ widthPx, heightPx }: SlideInfo): ViewChange => ({
  centre: { x: widthPx / 2, y: heightPx / 2 },
  magnification: SAMPLE_MAGNIFICATION,
});

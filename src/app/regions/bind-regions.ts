// When regions are drawn, changed and shown, and what is kept of them while another slide is open.
import type { RegionChoices, RegionState } from '../stores/region-store.ts';
import { openRegions } from '../stores/region-store.ts';
import type { OpenSlide } from '../stores/slide-store.ts';
import type { RegionBench, RegionDesk } from './region-desk.ts';

/** Does nothing, and loads nothing, until a region is drawn or shown. */
export function bindRegions(bench: RegionBench): void {
  const { viewer, stores } = bench;
  let loading: Promise<RegionDesk> | undefined;
  const desk = (): Promise<RegionDesk> =>
    (loading ??= import('./region-desk.ts').then(({ RegionDesk }) => new RegionDesk(bench)));
  // In Learn what is drawn gives labels.
  const isLearning = (): boolean => stores.settings.getState().workspace === 'learn';
  viewer.on('piece', (piece) => !isLearning() && void desk().then((one) => one.piece(piece)));
  viewer.on('corner', (corner) => void desk().then((one) => one.corner(corner)));
  viewer.on('stroke', (stroke) => void desk().then((one) => one.stroke(stroke)));
  const showDrawn = (): void => {
    if (loading || stores.regions.getState().drawn) void desk().then((one) => one.showDrawn());
  };
  const showTissue = (): void => {
    if (loading || stores.settings.getState().region === 'tissue') void desk().then((one) => one.showTissue());
  };
  stores.settings.subscribe(({ region }, before) => {
    if (region === before.region) return;
    showDrawn();
    showTissue();
  });
  stores.regions.subscribe((state: RegionState, before) => {
    if (state.drawn !== before.drawn) showDrawn();
    if (state.edits !== before.edits) showTissue();
    if (state.brushPx !== before.brushPx) viewer.setBrushSize(state.brushPx);
  });
  keepWithSlide(bench, showTissue);
}

/** What was drawn on a slide is there again when it is opened again, as long as the tab lives. */
function keepWithSlide({ stores, viewer }: RegionBench, shown: () => void): void {
  const kept = new Map<string, RegionChoices>();
  stores.slide.subscribe(({ open }, { open: before }) => {
    if (open?.id === before?.id) return;
    const { drawn, edits, past } = stores.regions.getState();
    if (before && past.length > 0) kept.set(nameOf(before), { drawn, edits });
    openRegions(stores.regions, open && kept.get(nameOf(open)));
    viewer.setRegion(undefined);
    shown();
  });
}

/** The same name and size is the same slide here: a session in one tab rarely has two. */
const nameOf = ({ info, address }: OpenSlide): string => [address ?? info.name, info.widthPx, info.heightPx].join('|');

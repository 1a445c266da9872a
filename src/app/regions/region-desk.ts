// Loaded with the first region that is drawn or shown: what the tools draw becomes the region, and the region is shown.
import { areaPx } from '#analysis/region.ts';
import type { FoundTissue } from '#analysis/tissue/rules.ts';
import type { BrushStroke, DrawnPiece, RegionCorner } from '#viewer/viewer-api.ts';
import type { RegionsAsked } from '../regions-asked.ts';
import { changeRegion, changeTissue, type Drawn } from '../stores/region-store.ts';
import { areaUm2, count, measure } from '../words.ts';
import type { Workbench } from '../workbench.ts';
import { marksOf, withCorner, withPiece } from './drawn.ts';

/** What regions need of the workbench. */
export interface RegionBench extends Pick<Workbench, 'viewer' | 'stores'> {
  readonly runs: { readonly regions: Pick<RegionsAsked, 'foundTissue'> };
}

const MM2_FROM = 1e5; // µm²: larger areas read better in mm²

export class RegionDesk {
  readonly #bench: RegionBench;
  #isShowing = false;
  #isOutdated = false;

  constructor(bench: RegionBench) {
    this.#bench = bench;
  }

  piece(piece: DrawnPiece): void {
    const { stores, viewer } = this.#bench;
    const drawn = withPiece(stores.regions.getState().drawn, piece);
    stores.settings.setState({ region: 'rectangle' });
    changeRegion(stores.regions, { drawn });
    if (piece.does === 'replace') viewer.setTool('move'); // with Shift or Alt more pieces are to come
  }

  corner(corner: RegionCorner): void {
    const { regions } = this.#bench.stores;
    const drawn = withCorner(regions.getState().drawn, corner);
    changeRegion(regions, { drawn }, `corner ${corner.piece}/${corner.corner}`);
  }

  stroke(stroke: BrushStroke): void {
    const { stores } = this.#bench;
    stores.settings.setState({ region: 'tissue' });
    changeTissue(stores.regions, { strokes: [...stores.regions.getState().edits.strokes, stroke] });
  }

  showDrawn(): void {
    const { viewer, stores } = this.#bench;
    const { drawn } = stores.regions.getState();
    const shown = drawn && stores.settings.getState().region === 'rectangle' ? drawn : undefined;
    viewer.setRegion(shown && { ...marksOf(shown), label: this.#areaOf(shown) });
  }

  /** Of what lies on the slide. */
  #areaOf(drawn: Drawn): string {
    const { open } = this.#bench.stores.slide.getState();
    const { widthPx = 0, heightPx = 0, mpp } = open?.info ?? {};
    const px = areaPx(drawn, { x: 0, y: 0, width: widthPx, height: heightPx });
    if (!mpp) return `${count(px)} px²`;
    const um2 = px * mpp.x * mpp.y;
    return um2 < MM2_FROM ? areaUm2(um2) : `${measure(um2 / 1e6)} mm²`;
  }

  /**
   * The dashed line around the tissue, while all of it is to be analysed. Edits come faster than tissue is found: one
   * search at a time, and the last edits are always searched for.
   */
  async showTissue(): Promise<void> {
    this.#isOutdated = true;
    if (this.#isShowing) return;
    this.#isShowing = true;
    try {
      while (this.#isOutdated) {
        this.#isOutdated = false;
        this.#show(await this.#tissue());
      }
    } finally {
      this.#isShowing = false;
    }
  }

  /** Undefined where none is to be shown, or none was found: the panel says why. */
  async #tissue(): Promise<FoundTissue | undefined> {
    const { stores, runs } = this.#bench;
    if (!stores.slide.getState().open || stores.settings.getState().region !== 'tissue') return undefined;
    const left = new AbortController();
    const abort = (): void => left.abort(new DOMException('Another outline is asked for.', 'AbortError'));
    const leaves = [
      stores.settings.subscribe(({ region }) => region !== 'tissue' && abort()),
      stores.slide.subscribe(({ open }, before) => open?.id !== before.open?.id && abort()),
    ];
    try {
      return await runs.regions.foundTissue({ signal: left.signal });
    } catch {
      return undefined;
    } finally {
      for (const leave of leaves) leave();
    }
  }

  #show(found: FoundTissue | undefined): void {
    const { viewer, stores } = this.#bench;
    const { pen, folds } = stores.regions.getState().edits;
    const hatched = (name: string, rings: readonly Float64Array[] = [], what = name): void =>
      viewer.setOutline(name, rings.length > 0 ? { rings, dashed: false, hatched: what } : undefined);
    viewer.setOutline('tissue', found && { rings: found.outlines, dashed: true });
    hatched('pen', found?.pen, pen === 'leave out' ? 'Pen, left out' : 'Pen, kept');
    hatched('folds', found?.folds, folds === 'leave out' ? 'Fold, left out' : 'Fold, kept');
  }
}

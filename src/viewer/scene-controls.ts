// The part of a Viewer that changes what is drawn over the slide: each call sets a value and asks for a frame.
import type { ColourBy } from '#objects/colour-by.ts';
import type { ObjectKind } from '#objects/columns.ts';
import { isSameGrid, type ValueGrid } from '#objects/grid.ts';
import type { Selection } from '#objects/selection.ts';
import type { Rect } from '#units/rect.ts';
import { emptyScene } from './overlay/scene.ts';
import type {
  AnalysedParts,
  ClassMap,
  GridStyle,
  LayerStyle,
  Marks,
  ObjectSource,
  Outline,
  PatchGrid,
  PatchMap,
  PatchMapStyle,
  RegionMarks,
  RunAreas,
  Selected,
} from './viewer-api.ts';

export abstract class SceneControls {
  protected readonly scene = emptyScene();

  /** Asks for a frame of the overlay; with 'findings' objects and maps are painted anew, not only marks. */
  protected abstract invalidate(what: 'findings' | 'marks'): void;

  setObjects(kind: ObjectKind, source: ObjectSource | undefined): void {
    if (source) this.scene.objects.set(kind, source);
    else this.scene.objects.delete(kind);
    this.invalidate('findings');
  }

  setLayerStyle(kind: ObjectKind, style: LayerStyle): void {
    this.scene.styles.set(kind, style);
    this.invalidate('findings');
  }

  setGrid(grid: ValueGrid | undefined, style: GridStyle): void {
    const had = this.scene.grid;
    const isSame = isSameGrid(had?.grid, grid) && JSON.stringify(had?.style) === JSON.stringify(grid && style);
    this.scene.grid = grid && { grid, style };
    this.invalidate(isSame ? 'marks' : 'findings'); // a divider that moves sets it too
  }

  setPatchMap(map: PatchMap | undefined, style: PatchMapStyle): void {
    this.scene.patchMap = map && { map, style };
    this.invalidate('findings');
  }

  setClassMap(map: ClassMap | undefined): void {
    this.scene.classMap = map;
    this.invalidate('findings');
  }

  setMark(box: Rect | undefined): void {
    this.scene.mark = box;
    this.invalidate('marks');
  }

  setTissue(tone: 'auto' | 'stained'): void {
    this.scene.tissue = tone;
    this.invalidate('findings');
  }

  setOutline(name: string, outline: Outline | undefined): void {
    const outlines = new Map(this.scene.outlines);
    if (outline) outlines.set(name, outline);
    else outlines.delete(name);
    this.scene.outlines = outlines;
    this.invalidate('marks');
  }

  /** What marks places, whatever layers show. */
  marks(): Marks {
    const { outlines, run, patchGrid, selected, brushed, rulers } = this.scene;
    return { outlines, region: this.scene.region, run, patchGrid, selected, brushed, rulers };
  }

  /** Another viewer's marks in place of its own. */
  setMarks(marks: Marks): void {
    const before = this.marks();
    if (sameMarks(marks, before)) return;
    Object.assign(this.scene, marks);
    if (marks.brushed !== before.brushed) this.invalidate('findings');
    this.setRegion(marks.region);
  }

  setRegion(region: RegionMarks | undefined): void {
    this.scene.region = region;
    this.invalidate('marks');
  }

  setAnalysed(parts: AnalysedParts): void {
    if (this.scene.analysed?.version === parts.version) return;
    this.scene.analysed = parts;
    this.invalidate('findings');
  }

  setRun(areas: RunAreas | undefined): void {
    const failed = this.scene.run?.failed.length ?? 0;
    this.scene.run = areas;
    this.invalidate(failed === (areas?.failed.length ?? 0) ? 'marks' : 'findings'); // findings leave failed patches out
  }

  setPatchGrid(grid: PatchGrid | undefined): void {
    this.scene.patchGrid = grid;
    this.invalidate('marks');
  }

  setBrushed(brushed: Selection | undefined): void {
    this.scene.brushed = brushed;
    this.invalidate('findings');
  }

  setColourBy(kind: ObjectKind, by: ColourBy | undefined): void {
    if (by) this.scene.colourBy.set(kind, by);
    else this.scene.colourBy.delete(kind);
    this.invalidate('findings');
  }

  setSelection(selected: Selected | undefined): void {
    this.scene.selected = selected;
    this.invalidate('marks');
  }
}

const sameMarks = (a: Marks, b: Marks): boolean =>
  a.region === b.region &&
  a.outlines === b.outlines &&
  a.run === b.run &&
  a.patchGrid === b.patchGrid &&
  a.selected === b.selected &&
  a.brushed === b.brushed &&
  a.rulers === b.rulers;

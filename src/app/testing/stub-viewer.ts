// A viewer without a screen, for tests of what drives one. It remembers the view and what was last drawn.
import type { Rect } from '#units/rect.ts';
import type { Marks, RunAreas, View, ViewChange, Viewer } from '#viewer/viewer-api.ts';

export interface StubViewer extends Viewer {
  readonly drawn: { run: RunAreas | undefined; first: ViewChange | undefined; opened: number; closed: number };
}

const nothing = (): undefined => undefined;

export function stubViewer(visible: Rect = { x: 0, y: 0, width: 100, height: 100 }): StubViewer {
  let view: View = { centre: { x: 50, y: 50 }, zoom: 1, magnification: undefined, rotation: 0, flipped: false };
  let marks: Marks = {
    ...{ region: undefined, outlines: new Map(), run: undefined, patchGrid: undefined },
    ...{ selected: undefined, brushed: undefined, rulers: [] },
  };
  const drawn: StubViewer['drawn'] = { run: undefined, first: undefined, opened: 0, closed: 0 };
  return {
    drawn,
    open: async (_slide, _waits, first) => {
      drawn.opened++;
      drawn.first = first;
    },
    close: () => void drawn.closed++,
    setMpp: nothing,
    view: () => view,
    setView: async (change) => {
      view = { ...view, ...change };
    },
    place: (change) => {
      view = { ...view, ...change };
    },
    zoomTo: nothing,
    zoomStep: nothing,
    fit: nothing,
    rotate: nothing,
    flip: nothing,
    glideTo: nothing,
    visibleRect: () => visible,
    toSlide: (x, y) => ({ x, y }),
    toScreen: (x, y) => ({ x, y }),
    scaleBar: () => ({ lengthPx: 100, label: '100 px' }),
    showsAll: () => false,
    tool: () => 'move',
    setTool: nothing,
    clearDrawing: nothing,
    setSlide: nothing,
    setSlideFilter: nothing,
    setColours: async () => undefined,
    setObjects: nothing,
    setLayerStyle: nothing,
    setGrid: nothing,
    setTissue: nothing,
    setOutline: nothing,
    setRegion: nothing,
    setBrushSize: nothing,
    setAnalysed: nothing,
    setRun: (run) => {
      drawn.run = run;
    },
    setSelection: nothing,
    setBrushed: nothing,
    setColourBy: nothing,
    settled: async () => undefined,
    setPatchGrid: nothing,
    setPatchMap: nothing,
    setSwipe: nothing,
    setClassMap: nothing,
    setMark: nothing,
    legend: () => ({ layers: [], grid: undefined, patchMap: undefined, classMap: undefined }),
    gaps: () => [],
    retryGaps: nothing,
    snapshot: async () => new Blob(),
    on: () => nothing,
    tell: nothing,
    marks: () => marks,
    setMarks: (next) => {
      marks = next;
    },
    setBeside: nothing,
    [Symbol.dispose]: nothing,
  };
}

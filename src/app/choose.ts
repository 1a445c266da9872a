// What a box or a lasso around objects chooses: those that are drawn, of the layer in hand. Loaded with the first one.
import { difference, type Selection, union } from '#objects/selection.ts';
import { rowsWithin } from '#objects/within.ts';
import type { DrawnPiece } from '#viewer/viewer-api.ts';
import type { MeasureSession } from './measures/measure-session.ts';
import type { LayersState, ObjectLayer } from './stores/layers-store.ts';
import { OBJECT_LAYERS } from './stores/objects-store.ts';
import { notify } from './stores/window-store.ts';
import { plural } from './words.ts';
import type { Workbench } from './workbench.ts';

export type ChooseNeeds = Pick<Workbench, 'stores' | 'found'> & {
  readonly measures: { loaded(): Pick<MeasureSession, 'clear'> | undefined };
};

const WORDS: Record<ObjectLayer, readonly [one: string, many: string]> = {
  nuclei: ['nucleus', 'nuclei'],
  glands: ['gland', 'glands'],
  lumina: ['lumen', 'lumina'],
  annotations: ['annotation', 'annotations'],
};

const ORDER: readonly ObjectLayer[] = ['nuclei', 'glands', 'lumina', 'annotations'];

/** What is taken away goes off what is chosen; else the selected layer where it holds objects, else the first that shows some. */
function layerInHand(
  layers: LayersState,
  has: (kind: ObjectLayer) => boolean,
  chosen: ObjectLayer | undefined,
): ObjectLayer | undefined {
  const selected = OBJECT_LAYERS.find((kind) => kind === layers.selected);
  const usable = (kind: ObjectLayer | undefined): boolean => kind !== undefined && layers[kind].shown && has(kind);
  return [chosen, selected, ...ORDER].find(usable);
}

/** Of two panes the one that is drawn in is in hand, and its layers count. */
export function choose({ stores, found, measures }: ChooseNeeds, { does, ring }: DrawnPiece): void {
  const layers = stores.layersInHand.getState();
  const before = stores.selection.getState().brushed;
  const has = (one: ObjectLayer): boolean => found.has(one) && found.store(one).counts.count > 0;
  const kind = layerInHand(layers, has, does === 'subtract' ? before?.kind : undefined);
  if (!kind) {
    notify(stores.window, { text: 'No layer with objects is shown. Show one first.', tone: 'warn', seconds: 4 });
    return;
  }
  const { live } = found.store(kind);
  const { hiddenClasses, threshold } = layers[kind];
  const { classIndex, probability } = live.columns;
  const rows = rowsWithin(live, ring).filter(
    (row) => !hiddenClasses.includes(classIndex[row] ?? 0) && (probability[row] ?? 0) >= threshold,
  );
  const brushed = combined(before, { kind, rows }, does);
  measures.loaded()?.clear(); // a filter that chose before says nothing of what is chosen now
  stores.selection.setState({ brushed: brushed.rows.length > 0 ? brushed : undefined });
  const [one, many] = WORDS[brushed.kind];
  notify(stores.window, { text: `${plural(brushed.rows.length, one, many)} selected.`, seconds: 4 });
}

function combined(before: Selection | undefined, drawn: Selection, does: DrawnPiece['does']): Selection {
  if (does === 'replace') return drawn;
  const kept = before ?? { kind: drawn.kind, rows: new Uint32Array(0) };
  return does === 'add' ? union(kept, drawn) : difference(kept, drawn);
}

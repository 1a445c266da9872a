import { expect, test } from 'vitest';
import { parsePatchManifest } from '#inference/parse-manifest.ts';
import { ColumnsBuilder } from '#objects/builder.ts';
import type { ObjectClass, ObjectColumns, ObjectKind } from '#objects/columns.ts';
import type { DrawnPiece } from '#viewer/viewer-api.ts';
import sibling from '../../e2e/fixtures/models/cerberus-sibling/model.json';
import { choose } from './choose.ts';
import { FoundObjects } from './found-objects.ts';
import { setObjectLayer, setShown, toggleClass } from './stores/layers-store.ts';
import { slideAlone } from './stores/panes-store.ts';
import { createStores } from './stores.ts';

const manifest = parsePatchManifest(sibling);
const MARK: readonly ObjectClass[] = [{ name: 'Mark', color: '#c80000' }];

/** Squares of 4 px around (10, 10), (20, 10), (30, 10) ...: class and probability of each. */
function inARow(kind: ObjectKind, of: readonly (readonly [classIndex: number, probability: number])[]): ObjectColumns {
  const builder = new ColumnsBuilder(kind, kind === 'annotations' ? MARK : (manifest.tasks[kind]?.classes ?? []));
  for (const [k, [classIndex, probability]] of of.entries()) {
    const [x, y] = [10 * (k + 1), 10];
    const ring = [x - 2, y - 2, x + 2, y - 2, x + 2, y + 2, x - 2, y + 2];
    builder.add({ classIndex, probability, x, y, areaPx: 16, ring });
  }
  return builder.copy();
}

/** Four nuclei in a row, of two classes and rising probability, two glands and an annotation at the same places. */
function desk() {
  const stores = createStores(undefined);
  const found = new FoundObjects((state) => stores.objects.setState(state));
  let cleared = 0;
  const measures = { loaded: () => ({ clear: () => void cleared++ }) };
  found.beginRun(manifest);
  found.bring(
    inARow('nuclei', [
      [0, 0.25],
      [1, 0.5],
      [0, 0.75],
      [1, 0.875],
    ]),
  );
  found.bring(
    inARow('glands', [
      [0, 0.9],
      [0, 0.9],
    ]),
  );
  found.endRun();
  found.bring(inARow('annotations', [[0, 1]]));
  /** What is chosen once everything from `from` to `to` along the row was drawn around, and what was said. */
  const drawn = (does: DrawnPiece['does'], from: number, to: number) => {
    choose({ stores, found, measures }, { does, ring: Float64Array.of(from, 0, to, 0, to, 20, from, 20) });
    const { brushed } = stores.selection.getState();
    const { notice } = stores.window.getState();
    return [brushed?.kind, brushed ? Array.from(brushed.rows, (row) => 10 * (row + 1)) : [], notice?.text];
  };
  return { stores, found, drawn, cleared: () => cleared };
}

test('what is drawn around replaces what was chosen; Shift adds to it, Alt takes away', () => {
  const { stores, drawn, cleared } = desk();
  expect(drawn('replace', 5, 15)).toEqual(['nuclei', [10], '1 nucleus selected.']);
  expect(drawn('replace', 15, 35)).toEqual(['nuclei', [20, 30], '2 nuclei selected.']);
  expect(drawn('add', 25, 45)).toEqual(['nuclei', [20, 30, 40], '3 nuclei selected.']);
  expect(drawn('subtract', 0, 35)).toEqual(['nuclei', [40], '1 nucleus selected.']);
  expect(drawn('replace', 50, 60)).toEqual([undefined, [], '0 nuclei selected.']);
  expect(drawn('subtract', 0, 35)).toEqual([undefined, [], '0 nuclei selected.']);
  expect(drawn('add', 0, 100)).toEqual(['nuclei', [10, 20, 30, 40], '4 nuclei selected.']);
  expect(cleared()).toBe(7); // a filter's words would be of something else
  stores.selection.setState({ brushed: undefined });
  expect(drawn('subtract', 0, 100)).toEqual([undefined, [], '0 nuclei selected.']);
});

test('the layer in hand is the selected one, or the first that is shown', () => {
  const { stores, drawn } = desk();
  stores.layers.setState({ selected: 'glands' });
  expect(drawn('replace', 0, 100)).toEqual(['glands', [10, 20], '2 glands selected.']);
  setShown(stores.layers, 'glands', false); // selected, but not on screen
  expect(drawn('replace', 0, 100)).toEqual(['nuclei', [10, 20, 30, 40], '4 nuclei selected.']);
  setShown(stores.layers, 'nuclei', false);
  expect(drawn('replace', 0, 100)).toEqual(['annotations', [10], '1 annotation selected.']); // lumina hold nothing
  setShown(stores.layers, 'annotations', false);
  expect(drawn('replace', 0, 15)).toEqual(['annotations', [10], 'No layer with objects is shown. Show one first.']);
  stores.layers.setState({ selected: 'lumina' }); // shown, and empty
  setShown(stores.layers, 'nuclei', true);
  expect(drawn('replace', 0, 15)).toEqual(['nuclei', [10], '1 nucleus selected.']);
});

test('only what is drawn is chosen: no hidden class, nothing below the threshold', () => {
  const { stores, drawn } = desk();
  toggleClass(stores.layers, 'nuclei', 1);
  expect(drawn('replace', 0, 100)).toEqual(['nuclei', [10, 30], '2 nuclei selected.']);
  setObjectLayer(stores.layers, 'nuclei', { threshold: 0.75 });
  expect(drawn('replace', 0, 100)).toEqual(['nuclei', [30], '1 nucleus selected.']);
  toggleClass(stores.layers, 'nuclei', 1);
  expect(drawn('replace', 0, 100)).toEqual(['nuclei', [30, 40], '2 nuclei selected.']);
  setObjectLayer(stores.layers, 'nuclei', { threshold: 0.5 });
  expect(drawn('replace', 0, 100)).toEqual(['nuclei', [20, 30, 40], '3 nuclei selected.']);
});

test('of two layers the one chosen last stands, and what is taken away goes off it', () => {
  const { stores, drawn } = desk();
  drawn('replace', 0, 25);
  stores.layers.setState({ selected: 'glands' });
  expect(drawn('subtract', 15, 25)).toEqual(['nuclei', [10], '1 nucleus selected.']);
  expect(drawn('add', 15, 25)).toEqual(['glands', [20], '1 gland selected.']);
  setShown(stores.layers, 'glands', false); // nothing of what is chosen is on screen: it stays
  expect(drawn('subtract', 0, 100)).toEqual(['glands', [20], '1 gland selected.']);
});

test('what was removed is not chosen', () => {
  const { found, drawn } = desk();
  found.store('nuclei').removeWhere({ x: 15, y: 0, width: 10, height: 20 });
  const [, rows, said] = drawn('replace', 0, 100);
  expect([rows, said]).toEqual([[10, 30, 40], '3 nuclei selected.']);
});

test('of two panes the layers of the one that was drawn in choose', () => {
  const { stores, drawn } = desk();
  stores.besideLayers.setState(slideAlone(stores.layers.getState()));
  stores.panes.setState({ beside: true, inHand: 'right' });
  expect(drawn('replace', 0, 100).at(2)).toBe('No layer with objects is shown. Show one first.');
  setShown(stores.besideLayers, 'glands', true); // alone: on the left nuclei would come first
  expect(drawn('replace', 0, 15)).toEqual(['glands', [10], '1 gland selected.']);
  setShown(stores.besideLayers, 'nuclei', true);
  setObjectLayer(stores.besideLayers, 'nuclei', { threshold: 0.75 });
  toggleClass(stores.besideLayers, 'nuclei', 1);
  expect(drawn('replace', 0, 100)).toEqual(['nuclei', [30], '1 nucleus selected.']);
  stores.panes.setState({ inHand: 'left' });
  expect(drawn('replace', 0, 100)).toEqual(['nuclei', [10, 20, 30, 40], '4 nuclei selected.']);
});

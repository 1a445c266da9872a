import { expect, test } from 'vitest';
import { random } from '#objects/testing/random.ts';
import { Labels, MOST_CLASSES } from './labels.ts';

test('a label is given, changed, taken away, and each step undone', () => {
  let told = 0;
  const labels = new Labels(() => told++);
  const [a, b] = [labels.addClass('Tumour'), labels.addClass(' Stroma ')];
  labels.label(['p', 'q'], a);
  labels.label(['q', 'r'], b);
  labels.label(['p'], undefined);
  expect([...labels.entries()]).toEqual([
    ['q', b],
    ['r', b],
  ]);
  labels.undo();
  expect(labels.of('p')).toBe(a);
  labels.undo();
  expect([labels.of('q'), labels.of('r')]).toEqual([a, undefined]);
  labels.redo();
  expect([labels.of('q'), labels.of('r')]).toEqual([b, b]);
  expect([labels.canUndo, labels.canRedo, told]).toEqual([true, true, 8]);
  labels.label(['p'], a); // as it is: no step
  expect(labels.canRedo).toBe(true);
});

test('undo and redo, any number of them, come back to where they were', () => {
  const next = random(5);
  const labels = new Labels();
  for (const name of 'abc') labels.addClass(name);
  const seen = [labels.kept()];
  for (let i = 0; i < 100; i++) {
    const places = Array.from({ length: 1 + Math.floor(next() * 4) }, () => `${Math.floor(next() * 12)}`);
    const of = Math.floor(next() * 4);
    labels.label(places, of === 3 ? undefined : of);
    seen.push(labels.kept());
  }
  const sorted = ({ labels: all }: { labels: readonly (readonly [string, number])[] }) =>
    [...all].sort(([a], [b]) => (a < b ? -1 : 1));
  const distinct = seen.filter(
    (one, i) => i === 0 || JSON.stringify(sorted(one)) !== JSON.stringify(sorted(seen[i - 1] ?? one)),
  );
  while (labels.canUndo) labels.undo();
  expect(labels.size).toBe(0);
  while (labels.canRedo) labels.redo();
  expect(sorted(labels.kept())).toEqual(sorted(distinct.at(-1) ?? labels.kept()));
});

test('a class goes with its labels; names are unlike; there is a colour for each', () => {
  const labels = new Labels();
  for (let i = 0; i < MOST_CLASSES; i++) labels.addClass(`${i}`);
  expect(new Set(labels.classes.map(({ color }) => color)).size).toBe(MOST_CLASSES);
  expect(() => labels.addClass('one more')).toThrow(/there are 9 already/);
  expect(labels.addClass('3')).toBe(3);
  expect(() => labels.renameClass(1, '2')).toThrow(/there is one named 2/);
  expect(() => labels.addClass('  ')).toThrow(/no name/);
  labels.label(['p'], 1);
  labels.label(['q'], 4);
  labels.removeClass(1);
  expect([...labels.entries()]).toEqual([['q', 3]]);
  expect([labels.canUndo, labels.classes[3]?.name]).toEqual([false, '4']);
});

test('kept and restored: the same', () => {
  const labels = new Labels();
  labels.label(['p'], labels.addClass('Tumour'));
  const again = new Labels();
  again.restore(JSON.parse(JSON.stringify(labels.kept())));
  expect(again.kept()).toEqual(labels.kept());
});

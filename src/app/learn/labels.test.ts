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
  expect(labels.classes[3]?.name).toBe('4');
  labels.undo();
  expect([labels.classes.length, labels.classes[1]?.name, labels.of('p'), labels.of('q')]).toEqual([
    MOST_CLASSES,
    '1',
    1,
    4,
  ]);
  labels.redo();
  expect([...labels.entries()]).toEqual([['q', 3]]);
});

test('several changes as one step; a failure in the middle leaves what was done undoable', () => {
  let told = 0;
  const labels = new Labels(() => told++);
  labels.asOne(() => {
    labels.label(['p'], labels.addClass('a'));
    labels.label(['q'], labels.addClass('b'));
  });
  expect([told, labels.size, labels.classes.length]).toEqual([1, 2, 2]);
  expect(() =>
    labels.asOne(() => {
      labels.label(['r'], 0);
      labels.addClass(' ');
    }),
  ).toThrow(/no name/);
  expect(labels.of('r')).toBe(0);
  labels.undo();
  expect(labels.of('r')).toBeUndefined();
  labels.undo();
  expect([labels.size, labels.classes.length, labels.canUndo]).toEqual([0, 0, false]);
  labels.redo();
  expect([...labels.entries()]).toEqual([
    ['p', 0],
    ['q', 1],
  ]);
});

test('classes and labels in any order, undone and redone, come back to where they were', () => {
  const next = random(11);
  const labels = new Labels();
  const seen = [JSON.stringify(sorted(labels))];
  for (let i = 0; i < 150; i++) {
    const [kind, at] = [next(), Math.floor(next() * Math.max(1, labels.classes.length))];
    if (kind < 0.15 && labels.classes.length < MOST_CLASSES) labels.addClass(`${i}`);
    else if (kind < 0.25) labels.removeClass(at);
    else if (kind < 0.35 && labels.classes[at]) labels.renameClass(at, `${i}`);
    else if (labels.classes[at]) labels.label([`${Math.floor(next() * 12)}`], at);
    const now = JSON.stringify(sorted(labels));
    if (now !== seen.at(-1)) seen.push(now);
  }
  for (const before of seen.slice(0, -1).toReversed()) {
    labels.undo();
    expect(JSON.stringify(sorted(labels))).toBe(before);
  }
  for (const after of seen.slice(1)) {
    labels.redo();
    expect(JSON.stringify(sorted(labels))).toBe(after);
  }
});

/** Classes, and labels whatever their order. */
function sorted(labels: Labels): unknown {
  const kept = labels.kept();
  return { classes: kept.classes, labels: [...kept.labels].sort(([a], [b]) => (a < b ? -1 : 1)) };
}

test('kept and restored: the same', () => {
  const labels = new Labels();
  labels.label(['p'], labels.addClass('Tumour'));
  const again = new Labels();
  again.restore(JSON.parse(JSON.stringify(labels.kept())));
  expect(again.kept()).toEqual(labels.kept());
});

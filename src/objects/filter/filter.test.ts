import { expect, test } from 'vitest';
import { type CompiledFilter, compileFilter, type RowValues, type Vocabulary } from './compile.ts';
import { parseFilter } from './parse.ts';
import { type FilterFault, isFault, quoted } from './tokens.ts';

const words: Vocabulary = {
  numbers: ['area', 'circularity', 'haematoxylin_mean'],
  flags: ['in_gland'],
  classes: ['Epithelial', 'Inflammatory', 'Connective'],
  kindNames: ['nucleus', 'nuclei'],
  otherKindNames: ['gland', 'glands', 'lumen', 'lumina'],
};

function compiled(text: string): CompiledFilter | FilterFault {
  const parsed = parseFilter(text);
  return isFault(parsed) ? parsed : compileFilter(parsed, words);
}

const nan = Number.NaN;
const columns: Readonly<Record<string, Float32Array>> = {
  area: Float32Array.of(30, 45, 60, nan, 0.7),
  circularity: Float32Array.of(0.5, 0.9, 0.7, 0.2, nan),
  in_gland: Float32Array.of(1, 0, 1, nan, 0),
};
const values: RowValues = {
  column: (name) => columns[name] ?? new Float32Array(5),
  classIndex: Uint8Array.of(0, 1, 2, 0, 1),
};

function rowsOf(text: string): number[] {
  const filter = compiled(text);
  if (isFault(filter)) throw new Error(`${filter.at}: ${filter.seen}. ${filter.todo}`);
  const test = filter.over(values);
  return [0, 1, 2, 3, 4].filter(test);
}

test.each([
  ['area > 40', [1, 2]],
  ['area > 40 and class == "nucleus" and in_gland', [2]],
  ['area > 40 or in_gland', [0, 1, 2]],
  ['not in_gland', [1, 3, 4]],
  ['in_gland == false', [1, 3, 4]],
  ['40 < area <= 60', [1, 2]],
  ['area == 0.7', [4]],
  ['area != 45', [0, 2, 4]],
  ['not area == 45', [0, 2, 3, 4]],
  ['class == "epithelial"', [0, 3]],
  ['"Epithelial" != class', [1, 2, 4]],
  ['class in ("Epithelial", \'connective\')', [0, 2, 3]],
  ['class not in ("Epithelial")', [1, 2, 4]],
  ['class == "gland"', []],
  ['area in (30, 60)', [0, 2]],
  ['area * circularity > 41 or -area > -1', [2, 4]],
  ['area - 5 - 5 > 30', [1, 2]],
  ['(area > 40 OR area < 1) AND NOT circularity > 0.8', [2, 4]],
  ['true and area<31', [0, 4]],
])('%s', (text, rows) => {
  expect(rowsOf(text)).toEqual(rows);
});

test.each([
  ['', 0, 0, 'the end', 'Write a measure, a number or a name in quotes.'],
  ['area >', 6, 0, 'the end', 'Write a measure, a number or a name in quotes.'],
  ['area > 40 class', 10, 5, 'class', 'Join conditions with and, or; or end here.'],
  ['area = 40', 5, 1, '=', 'Write ==.'],
  ['area > 40 && in_gland', 10, 2, '&&', 'Write and.'],
  ['aera > 40', 0, 4, 'aera, which is no measure', 'Did you mean area?'],
  ['class == "epitelial"', 9, 11, '"epitelial", which is no class', 'Did you mean "Epithelial"?'],
  [
    'class == "mitosis"',
    9,
    9,
    '"mitosis", which is no class',
    'Known are "Epithelial", "Inflammatory", "Connective", "nucleus".',
  ],
  [
    'class == 3',
    9,
    1,
    'a number',
    'Write the name of a class in quotes: "Epithelial", "Inflammatory", "Connective", "nucleus".',
  ],
  ['class < "Epithelial"', 0, 20, 'an order of classes', 'Use ==, != or in (...).'],
  ['in_gland and area', 13, 4, 'a number', 'Compare it: area > 40.'],
  ['area > "40"', 7, 4, '"40" beside a number', 'Compare numbers with numbers.'],
  ['class == "Epithelial', 9, 1, 'a quote that is not closed', 'Close it with ".'],
  ['(area > 40', 10, 0, 'the end', 'Write ).'],
  ['area in 40', 8, 2, '40', 'Write a list after in: in ("a", "b").'],
  ['area in (40; 50)', 11, 1, ';', 'Leave it out.'],
  [
    'constructor > 3',
    0,
    11,
    'constructor, which is no measure',
    'Known are class, area, circularity, haematoxylin_mean, in_gland.',
  ],
])('%s tells the place', (text, at, length, seen, todo) => {
  expect(compiled(text)).toEqual({ at, length, seen, todo });
});

test('a name with quotes of either kind, or both, can be written, and a fault names it so', () => {
  const classes = ['"a"', "b's", `'"><script>`, '"', 'plain'];
  for (const [index, name] of classes.entries()) {
    const filter = parseFilter(`class == ${quoted(name)}`);
    const made = isFault(filter) ? filter : compileFilter(filter, { ...words, classes });
    if (isFault(made)) throw new Error(`${name}: ${made.seen}`);
    const isChosen = made.over({ ...values, classIndex: Uint8Array.of(0, 1, 2, 3, 4) });
    expect([0, 1, 2, 3, 4].filter(isChosen), name).toEqual([index]);
  }
  expect(compiled(`class == "6"" o'clock"`)).toMatchObject({ seen: `"6"" o'clock", which is no class` });
  expect(compiled('class == "a""')).toMatchObject({ seen: 'a quote that is not closed', at: 12 });
});

test('deep nesting and long texts are refused, not run into', () => {
  expect(compiled(`${'('.repeat(5000)}area > 1${')'.repeat(4000)}`)).toMatchObject({ todo: 'Nest fewer parentheses.' });
  expect(compiled(`${'not '.repeat(2000)}in_gland`)).toMatchObject({ todo: 'Write fewer not in a row.' });
  expect(compiled(`${'-'.repeat(2000)}area > 1`)).toMatchObject({ todo: 'Write fewer minus signs in a row.' });
  expect(compiled(' '.repeat(10_001))).toMatchObject({ todo: 'Write a shorter filter.' });
});

/** A random condition beside what it says of a row, worked out without parsing. */
type Oracle = { text: string; says: (row: number) => boolean };

function madeUp(random: () => number, depth: number): Oracle {
  const pick = <T>(of: readonly [T, ...T[]]): T => of[Math.floor(random() * of.length)] ?? of[0];
  if (depth > 0 && random() < 0.7) {
    const [a, b] = [madeUp(random, depth - 1), madeUp(random, depth - 1)];
    const way = random();
    if (way < 0.2) return { text: `not (${a.text})`, says: (row) => !a.says(row) };
    if (way < 0.6) return { text: `(${a.text}) and (${b.text})`, says: (row) => a.says(row) && b.says(row) };
    return { text: `${a.text} or (${b.text})`, says: (row) => a.says(row) || b.says(row) };
  }
  const way = random();
  if (way < 0.2) return { text: 'in_gland', says: (row) => columns.in_gland?.[row] === 1 };
  if (way < 0.4) {
    const index = Math.floor(random() * 3);
    return { text: `class == "${words.classes[index]}"`, says: (row) => values.classIndex[row] === index };
  }
  const name = pick(['area', 'circularity']);
  const by = pick(['<', '<=', '>', '>=', '==', '!=']);
  const limit = pick([0.2, 0.5, 0.7, 30, 45, 60]);
  return {
    text: `${name}${random() < 0.5 ? ' ' : ''}${by} ${limit}`,
    says: (row) => {
      const [at, than] = [columns[name]?.[row] ?? nan, Math.fround(limit)];
      if (Number.isNaN(at)) return false;
      if (by === '==' || by === '!=') return (at === than) === (by === '==');
      return by.startsWith('<') ? at < than || (by === '<=' && at === than) : at > than || (by === '>=' && at === than);
    },
  };
}

test.each([11, 12, 13, 14])('filters say what a plain oracle says (seed %i)', (seed) => {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (let k = 0; k < 400; k++) {
    const { text, says } = madeUp(random, 4);
    expect(rowsOf(text), text).toEqual([0, 1, 2, 3, 4].filter(says));
  }
});

test.each([21, 22])('whatever is typed, there is an answer or a place within the text (seed %i)', (seed) => {
  let state = seed;
  const random = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % n;
  };
  const pieces = [
    'area',
    'class',
    '"Epithelial"',
    '>',
    '==',
    '(',
    ')',
    ' and ',
    ' or ',
    ' not ',
    ' in ',
    ',',
    '4',
    '-',
    '.',
    '"',
    'é',
    '🙂',
    '=',
    '__proto__',
  ];
  for (let k = 0; k < 2000; k++) {
    const text = Array.from({ length: 1 + random(9) }, () => pieces[random(pieces.length)]).join('');
    const filter = compiled(text);
    if (!isFault(filter)) continue;
    expect(filter.at).toBeGreaterThanOrEqual(0);
    expect(filter.at + filter.length).toBeLessThanOrEqual(text.length);
  }
});

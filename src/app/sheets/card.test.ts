import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseCard, spansOf } from './card.ts';

test('paragraphs, lists, tables, code and what stands in them', () => {
  const card = parseCard(
    [
      '# Name',
      '',
      'One pass. **Research',
      'use only.**',
      '## Data',
      '- first, `a.csv`',
      '- second',
      '  goes on',
      '',
      '| set | value |',
      '|---|---:|',
      '| [A](https://example.org/a) | 0.9 |',
      '```',
      '# not a title',
      '```',
      '### Limits and failures',
      'None known.',
    ].join('\n'),
  );
  expect(card.intro).toEqual([
    {
      kind: 'paragraph',
      spans: [
        { kind: 'text', text: 'One pass. ' },
        { kind: 'strong', text: 'Research use only.' },
      ],
    },
  ]);
  expect(card.sections.map(({ title }) => title)).toEqual(['Data']);
  const [list, table, code] = card.sections[0]?.blocks ?? [];
  expect(list).toMatchObject({
    kind: 'list',
    items: [[{ text: 'first, ' }, { kind: 'code', text: 'a.csv' }], [{ text: 'second goes on' }]],
  });
  expect(table).toMatchObject({
    kind: 'table',
    head: [[{ text: 'set' }], [{ text: 'value' }]],
    rows: [[[{ kind: 'link', text: 'A', href: 'https://example.org/a' }], [{ text: '0.9' }]]],
  });
  expect(code).toEqual({ kind: 'code', text: '# not a title' });
  expect(card.limits).toEqual([{ kind: 'paragraph', spans: [{ kind: 'text', text: 'None known.' }] }]);
});

test('markup and addresses of other kinds stay text', () => {
  const line = '<img src=x onerror=alert(1)> [a](javascript:alert(1)) 2 * 3 ** 4';
  expect(spansOf(line)).toEqual([{ kind: 'text', text: line }]);
});

test('a fence that never closes, an empty card and a lone bar end', () => {
  expect(parseCard('```\nabc').intro).toEqual([{ kind: 'code', text: 'abc' }]);
  expect(parseCard('')).toEqual({ intro: [], limits: [], sections: [] });
  expect(parseCard('|').intro).toHaveLength(1);
});

const shelf = 'public/models';
const shipped = readdirSync(shelf, { withFileTypes: true }).filter((entry) => entry.isDirectory());
test.each(shipped.map(({ name }) => name))('the card of %s says what it is for and what limits it', (name) => {
  const card = parseCard(readFileSync(join(shelf, name, 'README.md'), 'utf8'));
  const said = JSON.stringify(card.intro);
  expect(said).toContain('Research use only');
  expect(said).toContain('not for diagnosis');
  expect(card.limits.length).toBeGreaterThan(0);
  expect(card.sections.map(({ title }) => title)).toContain('Figures');
  expect(JSON.stringify(card)).not.toContain('**'); // all of its forms are known
});

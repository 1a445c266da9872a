// A model's card is Markdown by its authors: the few forms that cards use become plain blocks. Nothing in it is ever markup.

export type Span =
  | { readonly kind: 'text' | 'strong' | 'code'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly href: string };

export type Block =
  | { readonly kind: 'paragraph'; readonly spans: readonly Span[] }
  | { readonly kind: 'list'; readonly items: readonly (readonly Span[])[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'table'; readonly head: readonly Span[][]; readonly rows: readonly Span[][][] };

export interface CardSection {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export interface Card {
  readonly intro: readonly Block[]; //       before the first section: what it is for
  readonly limits: readonly Block[]; //      of the section whose title starts with 'Limits'; empty where there is none
  readonly sections: readonly CardSection[]; // all others, in the card's order
}

const SPAN = /\*\*(?<strong>[^*]+)\*\*|`(?<code>[^`]+)`|\[(?<text>[^\]]+)\]\((?<href>https?:[^)\s]+)\)/g;

/** Text with strong words, code and links to the web; anything else stays as it was written. */
export function spansOf(line: string): Span[] {
  const spans: Span[] = [];
  let from = 0;
  const plain = (to: number): void => {
    if (to > from) spans.push({ kind: 'text', text: line.slice(from, to) });
  };
  for (const found of line.matchAll(SPAN)) {
    plain(found.index);
    const { strong, code, text, href } = found.groups ?? {};
    if (strong !== undefined) spans.push({ kind: 'strong', text: strong });
    else if (code !== undefined) spans.push({ kind: 'code', text: code });
    else if (text !== undefined && href !== undefined) spans.push({ kind: 'link', text, href });
    from = found.index + found[0].length;
  }
  plain(line.length);
  return spans;
}

const isRow = (line: string): boolean => line.startsWith('|');
const isRule = (line: string): boolean => /^\|[\s|:-]+$/.test(line);
const isItem = (line: string): boolean => /^([-*]|\d+\.) /.test(line);
const isFence = (line: string): boolean => line.startsWith('```');
const isPlain = (line: string): boolean => line !== '' && !isRow(line) && !isItem(line) && !isFence(line);

const cellsOf = (line: string): Span[][] =>
  line
    .replace(/^\||\|$/g, '')
    .split('|')
    .map((cell) => spansOf(cell.trim()));

/** The lines from `at` on that hold. */
function run(lines: readonly string[], at: number, holds: (line: string) => boolean): string[] {
  let end = at;
  while (end < lines.length && holds(lines[end] ?? '')) end++;
  return lines.slice(at, end);
}

function blocksOf(lines: readonly string[]): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    if (isRow(line)) {
      const rows = run(lines, at, isRow);
      at += rows.length;
      const [head, ...rest] = rows.filter((row) => !isRule(row)).map(cellsOf);
      if (head) blocks.push({ kind: 'table', head, rows: rest });
    } else if (isItem(line)) {
      const items: string[] = [];
      // A line that follows without a mark goes on with the item before it.
      for (const each of run(lines, at, (one) => isItem(one) || isPlain(one))) {
        at++;
        if (isItem(each)) items.push(each.replace(/^\S+ /, ''));
        else items.push(`${items.pop() ?? ''} ${each.trim()}`);
      }
      blocks.push({ kind: 'list', items: items.map(spansOf) });
    } else if (isFence(line)) {
      const code = run(lines, at + 1, (one) => !isFence(one));
      at += code.length + 2;
      blocks.push({ kind: 'code', text: code.join('\n') });
    } else if (line === '') {
      at++;
    } else {
      const paragraph = run(lines, at, isPlain);
      at += paragraph.length;
      blocks.push({ kind: 'paragraph', spans: spansOf(paragraph.join(' ')) });
    }
  }
  return blocks;
}

/** Never throws: what it does not know is text. */
export function parseCard(text: string): Card {
  const parts: { title: string; lines: string[] }[] = [{ title: '', lines: [] }];
  let isCode = false;
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trimEnd();
    if (isFence(line)) isCode = !isCode;
    const title = isCode ? undefined : /^#{1,6} +(.+)$/.exec(line)?.[1];
    if (title === undefined) parts.at(-1)?.lines.push(line);
    else if (!line.startsWith('# ')) parts.push({ title, lines: [] }); // the card's own title stands in the panel's head
  }
  const [intro, ...sections] = parts.map(({ title, lines }): CardSection => ({ title, blocks: blocksOf(lines) }));
  const isLimits = ({ title }: CardSection): boolean => /^limit/i.test(title);
  return {
    intro: intro?.blocks ?? [],
    limits: sections.find(isLimits)?.blocks ?? [],
    sections: sections.filter((section) => !isLimits(section)),
  };
}

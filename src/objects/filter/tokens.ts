// The words of a filter.

/** A place in the text: 0-based, in UTF-16 units, as text fields count. */
export interface Place {
  readonly at: number;
  readonly length: number;
}

/** Why a filter cannot be used: what stands at the place, what to write instead. */
export interface FilterFault extends Place {
  readonly seen: string;
  readonly todo: string;
}

export type Token = Place &
  (
    | { readonly is: 'number'; readonly value: number }
    | { readonly is: 'text'; readonly value: string }
    | { readonly is: 'name'; readonly value: string }
    | { readonly is: 'sign'; readonly value: Sign }
    | { readonly is: 'end' }
  );

const SIGNS = ['==', '!=', '<=', '>=', '<', '>', '(', ')', ',', '+', '-', '*', '/'] as const;
export type Sign = (typeof SIGNS)[number];

export const isFault = (value: object): value is FilterFault => 'todo' in value && 'seen' in value;

/** What a person means who writes it as other languages do. */
const FOREIGN: Readonly<Record<string, string>> = {
  '=': '==',
  '&&': 'and',
  '&': 'and',
  '||': 'or',
  '|': 'or',
  '!': 'not',
};

const SPACE = /\s+/y;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const TEXT = /"((?:[^"]|"")*)"|'((?:[^']|'')*)'/y; // a quote within is written twice
const UNKNOWN = /&&|\|\||./uy;

export function tokensOf(text: string): readonly Token[] | FilterFault {
  const tokens: Token[] = [];
  let at = 0;
  const matched = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  while (at < text.length) {
    const space = matched(SPACE);
    if (space) {
      at += space[0].length;
      continue;
    }
    const token =
      numberAt(matched(NUMBER), at) ?? nameAt(matched(NAME), at) ?? textAt(matched(TEXT), at) ?? signAt(text, at);
    if (!token) return unknownAt(matched(UNKNOWN)?.[0] ?? '', at);
    tokens.push(token);
    at += token.length;
  }
  tokens.push({ is: 'end', at, length: 0 });
  return tokens;
}

const numberAt = (found: RegExpExecArray | null, at: number): Token | undefined =>
  found ? { is: 'number', value: Number(found[0]), at, length: found[0].length } : undefined;

const nameAt = (found: RegExpExecArray | null, at: number): Token | undefined =>
  found ? { is: 'name', value: found[0], at, length: found[0].length } : undefined;

const textAt = (found: RegExpExecArray | null, at: number): Token | undefined =>
  found
    ? {
        is: 'text',
        value: found[1]?.replaceAll('""', '"') ?? found[2]?.replaceAll("''", "'") ?? '',
        at,
        length: found[0].length,
      }
    : undefined;

function signAt(text: string, at: number): Token | undefined {
  const value = SIGNS.find((sign) => text.startsWith(sign, at));
  return value && { is: 'sign', value, at, length: value.length };
}

function unknownAt(seen: string, at: number): FilterFault {
  const length = seen.length;
  if (seen === '"' || seen === "'")
    return { at, length, seen: 'a quote that is not closed', todo: `Close it with ${seen}.` };
  const meant = FOREIGN[seen];
  return { at, length, seen, todo: meant ? `Write ${meant}.` : 'Leave it out.' };
}

/** A text as a filter writes it. */
export const quoted = (text: string): string =>
  text.includes('"') && !text.includes("'") ? `'${text}'` : `"${text.replaceAll('"', '""')}"`;

/** As an error names a token. */
export function written(token: Token): string {
  if (token.is === 'end') return 'the end';
  if (token.is === 'text') return quoted(token.value);
  return String(token.value);
}

// From the text of a filter to its expression.
//
//   expression = conjunction { "or" conjunction }
//   conjunction = negation { "and" negation }
//   negation   = "not" negation | comparison
//   comparison = sum [ { ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) sum } | [ "not" ] "in" "(" literal { "," literal } ")" ]
//   sum        = product { ( "+" | "-" ) product }
//   product    = factor { ( "*" | "/" ) factor }
//   factor     = [ "-" ] ( number | text | name | "true" | "false" | "(" expression ")" )
import { type FilterFault, isFault, type Place, type Token, tokensOf, written } from './tokens.ts';

const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='] as const;
export type Comparison = (typeof COMPARISONS)[number];
export type Arithmetic = '+' | '-' | '*' | '/';

export type Literal = Place & { readonly is: 'literal'; readonly value: number | string | boolean };

export type Expression = Place &
  (
    | { readonly is: 'literal'; readonly value: number | string | boolean }
    | { readonly is: 'name'; readonly name: string }
    | { readonly is: 'not'; readonly of: Expression }
    | { readonly is: 'minus'; readonly of: Expression }
    | { readonly is: 'and' | 'or'; readonly left: Expression; readonly right: Expression }
    | { readonly is: 'arithmetic'; readonly by: Arithmetic; readonly left: Expression; readonly right: Expression }
    | { readonly is: 'compare'; readonly by: Comparison; readonly left: Expression; readonly right: Expression }
    | { readonly is: 'in'; readonly of: Expression; readonly among: readonly Literal[]; readonly negated: boolean }
  );

const LONGEST = 10_000; // characters
const DEEPEST = 200; //    expressions within each other

/** Never throws. Names and types are checked when it is compiled. */
export function parseFilter(text: string): Expression | FilterFault {
  if (text.length > LONGEST)
    return { at: LONGEST, length: 1, seen: `more than ${LONGEST} characters`, todo: 'Write a shorter filter.' };
  const tokens = tokensOf(text);
  if (isFault(tokens)) return tokens;
  try {
    return new Parser(tokens).all();
  } catch (thrown) {
    if (thrown instanceof Stop) return thrown.fault;
    throw thrown;
  }
}

/** Leaves the recursion at the first fault; never leaves this file. */
class Stop extends Error {
  readonly fault: FilterFault;
  constructor(fault: FilterFault) {
    super(fault.seen);
    this.fault = fault;
  }
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  all(): Expression {
    const expression = this.#or();
    if (this.#token.is !== 'end') this.#fail('Join conditions with and, or; or end here.');
    return expression;
  }

  get #token(): Token {
    const token = this.#tokens[Math.min(this.#next, this.#tokens.length - 1)];
    return token ?? { is: 'end', at: 0, length: 0 };
  }

  #fail(todo: string, token = this.#token): never {
    throw new Stop({ at: token.at, length: token.length, seen: written(token), todo });
  }

  #or(): Expression {
    if (++this.#depth > DEEPEST) this.#fail('Nest fewer parentheses.');
    let left = this.#and();
    while (this.#word('or')) left = joined('or', left, this.#and());
    this.#depth--;
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#word('and')) left = joined('and', left, this.#not());
    return left;
  }

  #not(): Expression {
    const { at } = this.#token;
    if (!this.#word('not')) return this.#comparison();
    if (++this.#depth > DEEPEST) this.#fail('Write fewer not in a row.');
    const of = this.#not();
    this.#depth--;
    return { is: 'not', of, at, length: of.at + of.length - at };
  }

  /** 40 < area <= 60 means both comparisons. */
  #comparison(): Expression {
    const first = this.#sum();
    const among = this.#among(first);
    if (among) return among;
    let left = first;
    let all: Expression | undefined;
    for (let by = this.#sign(COMPARISONS); by; by = this.#sign(COMPARISONS)) {
      const right = this.#sum();
      const one: Expression = { is: 'compare', by, left, right, ...spanOf(left, right) };
      all = all ? joined('and', all, one) : one;
      left = right;
    }
    return all ?? first;
  }

  #among(of: Expression): Expression | undefined {
    const begun = this.#next;
    const negated = this.#word('not');
    if (!this.#word('in')) {
      this.#next = begun;
      return undefined;
    }
    if (!this.#sign(['('])) this.#fail('Write a list after in: in ("a", "b").');
    const among: Literal[] = [];
    do among.push(this.#literal());
    while (this.#sign([',']));
    const end = this.#token;
    if (!this.#sign([')'])) this.#fail('Write , or ).');
    return { is: 'in', of, among, negated, at: of.at, length: end.at + end.length - of.at };
  }

  #literal(): Literal {
    const { at } = this.#token;
    const minus = this.#sign(['-']) !== undefined;
    const token = this.#token;
    if (token.is === 'number' || (token.is === 'text' && !minus)) {
      this.#next++;
      const value = token.is === 'number' && minus ? -token.value : token.value;
      return { is: 'literal', value, at, length: token.at + token.length - at };
    }
    return this.#fail('Write a number, or a name in quotes.');
  }

  #sum(): Expression {
    let left = this.#product();
    for (let by = this.#sign(['+', '-']); by; by = this.#sign(['+', '-'])) {
      const right = this.#product();
      left = { is: 'arithmetic', by, left, right, ...spanOf(left, right) };
    }
    return left;
  }

  #product(): Expression {
    let left = this.#factor();
    for (let by = this.#sign(['*', '/']); by; by = this.#sign(['*', '/'])) {
      const right = this.#factor();
      left = { is: 'arithmetic', by, left, right, ...spanOf(left, right) };
    }
    return left;
  }

  #factor(): Expression {
    const token = this.#token;
    if (this.#sign(['-'])) {
      if (++this.#depth > DEEPEST) this.#fail('Write fewer minus signs in a row.');
      const of = this.#factor();
      this.#depth--;
      return { is: 'minus', of, at: token.at, length: of.at + of.length - token.at };
    }
    if (this.#sign(['('])) {
      const inner = this.#or();
      const end = this.#token;
      if (!this.#sign([')'])) this.#fail('Write ).');
      return { ...inner, at: token.at, length: end.at + end.length - token.at };
    }
    const { at, length } = token;
    if (token.is === 'number' || token.is === 'text') {
      this.#next++;
      return { is: 'literal', value: token.value, at, length };
    }
    if (token.is === 'name' && !KEYWORDS.has(token.value.toLowerCase())) {
      this.#next++;
      const word = token.value.toLowerCase();
      if (word === 'true' || word === 'false') return { is: 'literal', value: word === 'true', at, length };
      return { is: 'name', name: token.value, at, length };
    }
    return this.#fail('Write a measure, a number or a name in quotes.');
  }

  /** Goes on where the next token is this keyword, in capitals or not. */
  #word(word: string): boolean {
    const token = this.#token;
    if (token.is !== 'name' || token.value.toLowerCase() !== word) return false;
    this.#next++;
    return true;
  }

  #sign<T extends string>(wanted: readonly T[]): T | undefined {
    const token = this.#token;
    const found = token.is === 'sign' ? wanted.find((sign) => sign === token.value) : undefined;
    if (found !== undefined) this.#next++;
    return found;
  }
}

const KEYWORDS = new Set(['and', 'or', 'not', 'in']);

const spanOf = (left: Place, right: Place): Place => ({ at: left.at, length: right.at + right.length - left.at });

const joined = (is: 'and' | 'or', left: Expression, right: Expression): Expression => ({
  is,
  left,
  right,
  ...spanOf(left, right),
});

// From a filter's expression to a test of rows. Closures over columns: nothing is evaluated as code.
import { closestTo } from './closest.ts';
import type { Arithmetic, Comparison, Expression } from './parse.ts';
import { type FilterFault, isFault, type Place, quoted } from './tokens.ts';

/** What a filter may name. */
export interface Vocabulary {
  readonly numbers: readonly string[]; // measures
  readonly flags: readonly string[]; //   measures that are 1 or 0: true or false
  readonly classes: readonly string[]; // by classIndex
  /** What the kind itself is called: `class == "nucleus"` holds for every nucleus, whatever its class. */
  readonly kindNames: readonly string[];
  /** What other kinds are called: known words that hold for no row. */
  readonly otherKindNames: readonly string[];
}

/** Where the values of the rows are; a measure that the filter names must be there. */
export interface RowValues {
  readonly column: (name: string) => Float32Array;
  readonly classIndex: Uint8Array;
}

export interface CompiledFilter {
  readonly uses: readonly string[]; // measures whose columns it reads
  /** A test of rows. A comparison with a value that is not known (NaN) is false, whichever it is. */
  over(values: RowValues): (row: number) => boolean;
}

type Num = { readonly is: 'number'; readonly make: (values: RowValues) => (row: number) => number };
type Bool = { readonly is: 'boolean'; readonly make: (values: RowValues) => (row: number) => boolean };
type Class = { readonly is: 'class' };
type Text = { readonly is: 'text'; readonly value: string };
type Typed = Num | Bool | Class | Text;

/** Never throws: what does not fit is told with its place. */
export function compileFilter(expression: Expression, vocabulary: Vocabulary): CompiledFilter | FilterFault {
  const uses = new Set<string>();
  const typed = new Compiler(vocabulary, uses).of(expression);
  if (isFault(typed)) return typed;
  if (typed.is !== 'boolean') return notTrueOrFalse(expression, typed);
  return { uses: [...uses], over: typed.make };
}

class Compiler {
  readonly #words: Vocabulary;
  readonly #uses: Set<string>;

  constructor(words: Vocabulary, uses: Set<string>) {
    this.#words = words;
    this.#uses = uses;
  }

  of(expression: Expression): Typed | FilterFault {
    switch (expression.is) {
      case 'literal':
        return literal(expression.value);
      case 'name':
        return this.#name(expression.name, expression);
      case 'minus': {
        const of = this.#number(expression.of);
        return isFault(of) ? of : { is: 'number', make: (values) => negative(of.make(values)) };
      }
      case 'not': {
        const of = this.#boolean(expression.of);
        return isFault(of) ? of : { is: 'boolean', make: (values) => opposite(of.make(values)) };
      }
      case 'and':
      case 'or':
        return this.#joined(expression.is, expression.left, expression.right);
      case 'arithmetic': {
        const [left, right] = [this.#number(expression.left), this.#number(expression.right)];
        if (isFault(left)) return left;
        if (isFault(right)) return right;
        const { by } = expression;
        return { is: 'number', make: (values) => reckoned(by, left.make(values), right.make(values)) };
      }
      case 'compare':
        return this.#compare(expression.by, expression.left, expression.right);
      case 'in':
        return this.#among(expression);
    }
  }

  #name(name: string, place: Place): Typed | FilterFault {
    if (name === 'class') return { is: 'class' };
    const { numbers, flags } = this.#words;
    if (numbers.includes(name)) {
      this.#uses.add(name);
      return { is: 'number', make: ({ column }) => numberIn(column(name)) };
    }
    if (flags.includes(name)) {
      this.#uses.add(name);
      return { is: 'boolean', make: ({ column }) => flagOf(column(name)) };
    }
    const known = ['class', ...numbers, ...flags];
    const closest = closestTo(name, known);
    const todo = closest ? `Did you mean ${closest}?` : `Known are ${known.join(', ')}.`;
    return { ...placeOf(place), seen: `${name}, which is no measure`, todo };
  }

  #number(expression: Expression): Num | FilterFault {
    const typed = this.of(expression);
    if (isFault(typed) || typed.is === 'number') return typed;
    return { ...placeOf(expression), seen: said(typed), todo: 'Write a number or a measure that is one.' };
  }

  #boolean(expression: Expression): Bool | FilterFault {
    const typed = this.of(expression);
    if (isFault(typed) || typed.is === 'boolean') return typed;
    return notTrueOrFalse(expression, typed);
  }

  #joined(is: 'and' | 'or', leftOf: Expression, rightOf: Expression): Bool | FilterFault {
    const [left, right] = [this.#boolean(leftOf), this.#boolean(rightOf)];
    if (isFault(left)) return left;
    if (isFault(right)) return right;
    const make = (values: RowValues): ((row: number) => boolean) => {
      const [a, b] = [left.make(values), right.make(values)];
      return is === 'and' ? (row) => a(row) && b(row) : (row) => a(row) || b(row);
    };
    return { is: 'boolean', make };
  }

  #compare(by: Comparison, leftOf: Expression, rightOf: Expression): Bool | FilterFault {
    const [left, right] = [this.of(leftOf), this.of(rightOf)];
    if (isFault(left)) return left;
    if (isFault(right)) return right;
    if (left.is === 'number' && right.is === 'number')
      return { is: 'boolean', make: (values) => compared(by, left.make(values), right.make(values)) };
    const isEqual = by === '==';
    const order = !isEqual && by !== '!=';
    if (left.is === 'boolean' && right.is === 'boolean' && !order) {
      const make = (values: RowValues): ((row: number) => boolean) => {
        const [a, b] = [left.make(values), right.make(values)];
        return (row) => (a(row) === b(row)) === isEqual;
      };
      return { is: 'boolean', make };
    }
    if (left.is === 'class' && right.is === 'text')
      return order ? orderOfClasses(leftOf, rightOf) : this.#class([{ value: right.value, place: rightOf }], !isEqual);
    if (left.is === 'text' && right.is === 'class')
      return order ? orderOfClasses(leftOf, rightOf) : this.#class([{ value: left.value, place: leftOf }], !isEqual);
    if (left.is === 'class')
      return {
        ...placeOf(rightOf),
        seen: said(right),
        todo: `Write the name of a class in quotes: ${this.#classes()}.`,
      };
    return { ...placeOf(rightOf), seen: `${said(right)} beside ${said(left)}`, todo: 'Compare numbers with numbers.' };
  }

  #among({ of, among, negated }: Extract<Expression, { is: 'in' }>): Bool | FilterFault {
    const typed = this.of(of);
    if (isFault(typed)) return typed;
    if (typed.is === 'class') {
      const names: { value: string; place: Place }[] = [];
      for (const place of among) {
        if (typeof place.value !== 'string')
          return {
            ...placeOf(place),
            seen: String(place.value),
            todo: `Write class names in quotes: ${this.#classes()}.`,
          };
        names.push({ value: place.value, place });
      }
      return this.#class(names, negated);
    }
    if (typed.is !== 'number')
      return { ...placeOf(of), seen: said(typed), todo: 'Ask for a measure or for class: class in ("a", "b").' };
    const values: number[] = [];
    for (const place of among) {
      if (typeof place.value !== 'number')
        return { ...placeOf(place), seen: quoted(String(place.value)), todo: 'Write numbers.' };
      values.push(Math.fround(place.value));
    }
    const make = (rows: RowValues): ((row: number) => boolean) => {
      const value = typed.make(rows);
      return (row) => {
        const at = value(row);
        return !Number.isNaN(at) && values.includes(Math.fround(at)) !== negated;
      };
    };
    return { is: 'boolean', make };
  }

  /** Whether the class is one of these, in capitals or not. */
  #class(names: readonly { value: string; place: Place }[], negated: boolean): Bool | FilterFault {
    const { classes, kindNames, otherKindNames } = this.#words;
    const isMeant = new Uint8Array(256);
    for (const { value, place } of names) {
      const name = value.toLowerCase();
      const index = classes.findIndex((known) => known.toLowerCase() === name);
      if (index >= 0) isMeant[index] = 1;
      else if (kindNames.includes(name)) isMeant.fill(1);
      else if (!otherKindNames.includes(name)) {
        const closest = closestTo(value, classes);
        const todo = closest ? `Did you mean ${quoted(closest)}?` : `Known are ${this.#classes()}.`;
        return { ...placeOf(place), seen: `${quoted(value)}, which is no class`, todo };
      }
    }
    const meant = negated ? 0 : 1;
    return {
      is: 'boolean',
      make:
        ({ classIndex }) =>
        (row) =>
          isMeant[classIndex[row] ?? 0] === meant,
    };
  }

  #classes(): string {
    return [...this.#words.classes, ...this.#words.kindNames.slice(0, 1)].map(quoted).join(', ');
  }
}

const placeOf = ({ at, length }: Place): Place => ({ at, length });

function literal(value: number | string | boolean): Typed {
  if (typeof value === 'number') return { is: 'number', make: () => () => value };
  if (typeof value === 'boolean') return { is: 'boolean', make: () => () => value };
  return { is: 'text', value };
}

const numberIn =
  (column: Float32Array) =>
  (row: number): number =>
    column[row] ?? Number.NaN;
const flagOf =
  (column: Float32Array) =>
  (row: number): boolean =>
    column[row] === 1;
const negative =
  (of: (row: number) => number) =>
  (row: number): number =>
    -of(row);
const opposite =
  (of: (row: number) => boolean) =>
  (row: number): boolean =>
    !of(row);

function reckoned(by: Arithmetic, a: (row: number) => number, b: (row: number) => number): (row: number) => number {
  switch (by) {
    case '+':
      return (row) => a(row) + b(row);
    case '-':
      return (row) => a(row) - b(row);
    case '*':
      return (row) => a(row) * b(row);
    case '/':
      return (row) => a(row) / b(row);
  }
}

/** Columns are 32-bit: both sides are rounded so, and 0.7 equals what was computed as 0.7. */
function compared(by: Comparison, a: (row: number) => number, b: (row: number) => number): (row: number) => boolean {
  const { fround } = Math;
  switch (by) {
    case '==':
      return (row) => fround(a(row)) === fround(b(row));
    case '!=':
      return (row) => {
        const [left, right] = [fround(a(row)), fround(b(row))];
        return left < right || left > right;
      };
    case '<':
      return (row) => fround(a(row)) < fround(b(row));
    case '<=':
      return (row) => fround(a(row)) <= fround(b(row));
    case '>':
      return (row) => fround(a(row)) > fround(b(row));
    case '>=':
      return (row) => fround(a(row)) >= fround(b(row));
  }
}

const said = (typed: Typed): string => {
  if (typed.is === 'text') return quoted(typed.value);
  return { number: 'a number', boolean: 'a condition', class: 'the class' }[typed.is];
};

const notTrueOrFalse = (place: Place, typed: Typed): FilterFault => ({
  ...placeOf(place),
  seen: said(typed),
  todo:
    typed.is === 'number'
      ? 'Compare it: area > 40.'
      : typed.is === 'class'
        ? 'Compare it: class == "nucleus".'
        : 'Write a condition: class == "nucleus".',
});

const orderOfClasses = (left: Place, right: Place): FilterFault => ({
  at: left.at,
  length: right.at + right.length - left.at,
  seen: 'an order of classes',
  todo: 'Use ==, != or in (...).',
});

// Keeps a painter supplied: what of the scene it does not have yet, or has in an older form, goes there, and nothing twice.
import type { ColourBy } from '#objects/colour-by.ts';
import { isSelected, type Selection } from '#objects/selection.ts';
import type { ObjectSource, Part } from '../viewer-api.ts';
import { type FarRows, farRows } from './far.ts';
import type { Tint } from './groups.ts';
import { goOn, type Look, type NearRows, nearRows } from './near.ts';
import type { Scope } from './paint-asked.ts';
import { kindOf } from './parts.ts';

/** Who gets the rows: a painter on the page, or the worker with one. `rows` are given away. */
export interface RowsTaker {
  near(part: Part, rows: NearRows | undefined): void;
  far(part: Part, rows: FarRows | undefined): void;
  tint(part: Part, scope: Scope, tint: Tint | undefined): void;
  marks(part: Part, scope: Scope, marks: Uint8Array<ArrayBuffer> | undefined): void;
}

/** What was given, and of which state of the objects. */
interface Given {
  readonly source: ObjectSource;
  readonly version: number;
  readonly count: number;
  readonly look: Look | undefined; // undefined: all rows, in their order
  tint: ColourBy | undefined;
  marks: Selection | undefined;
}

/** One part's rows for one painter. */
export class Supply {
  readonly #part: Part;
  readonly #taker: RowsTaker;
  #given: { near: Given | undefined; far: Given | undefined } = { near: undefined, far: undefined };
  #copying: { readonly steps: Generator<undefined, NearRows>; readonly look: Look } | undefined;

  constructor(part: Part, taker: RowsTaker) {
    this.#part = part;
    this.#taker = taker;
  }

  /** The painter has nothing any more. */
  forget(): void {
    this.#given = { near: undefined, far: undefined };
    this.#copying = undefined;
  }

  /** All rows without outlines. */
  giveFar(source: ObjectSource): void {
    const { version } = source;
    if (this.#given.far?.source === source && this.#given.far.version === version) return;
    const rows = farRows(source);
    this.#given.far = { source, version, count: rows.count, look: undefined, tint: undefined, marks: undefined };
    this.#taker.far(this.#part, rows);
  }

  /**
   * The rows of a look with their outlines. False where copying goes on in the next frame.
   * @param until ms, of performance.now(): copying goes on so long
   */
  giveNear(look: Look, until: number): boolean {
    if (this.#given.near?.look === look) return true;
    if (this.#copying?.look !== look) this.#copying = { steps: nearRows(look), look };
    const copied = goOn(this.#copying.steps, until);
    if (!copied) return false;
    const { source, version, rows } = look;
    this.#given.near = { source, version, count: rows.length, look, tint: undefined, marks: undefined };
    this.#copying = undefined;
    this.#taker.near(this.#part, copied.done);
    return true;
  }

  /** Values and marks for the rows that were given: of another version of the objects they say nothing. */
  giveColours(scope: Scope, by: ColourBy | undefined, brushed: Selection | undefined): void {
    const given = this.#given[scope];
    if (!given) return;
    const rows = given.look?.rows;
    const kind = kindOf(this.#part);
    const tint = by?.version === given.version && by.kind === kind ? by : undefined;
    if (tint !== given.tint) {
      given.tint = tint;
      this.#taker.tint(this.#part, scope, tint && tintOf(tint, rows));
    }
    const marked = brushed?.kind === kind && brushed.rows.length > 0 ? brushed : undefined;
    if (marked !== given.marks) {
      given.marks = marked;
      this.#taker.marks(this.#part, scope, marked && marksOf(marked, rows, given.count));
    }
  }
}

const tintOf = ({ values, low, high, hasMean }: ColourBy, rows: Uint32Array | undefined): Tint => ({
  values: rows ? Float32Array.from(rows, (row) => values[row] ?? Number.NaN) : values.slice(),
  low,
  high,
  hasMean,
});

/** [n] 1: brushed. @param rows by place; undefined: place k is row k of `count` */
function marksOf(brushed: Selection, rows: Uint32Array | undefined, count: number): Uint8Array<ArrayBuffer> {
  if (rows) return Uint8Array.from(rows, (row) => (isSelected(brushed, row) ? 1 : 0));
  const marks = new Uint8Array(count);
  for (const row of brushed.rows) if (row < count) marks[row] = 1;
  return marks;
}

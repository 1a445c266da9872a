// What was labelled, by place: patches of all encoders lie on the same grid, so a label holds for each of them. A change, of
// labels or of classes, is a value that reverses, which is what undo reads.
import { EosinError } from '#errors/failure.ts';

/** Of a patch or a picture: see placeOf. */
export type Place = string;

export interface ClassName {
  readonly name: string;
  readonly color: string;
}

/** Plain data, as it is kept on disk. Places are in the order of labelling. */
export interface LabelsKept {
  readonly classes: readonly ClassName[];
  readonly labels: readonly (readonly [place: Place, classIndex: number])[];
}

/** UI.md's colours on tissue, then others apart from stains and from each other. */
const COLORS = ['#ff7a1a', '#1fa2ff', '#8cf2b4', '#ffee1f', '#ffffff', '#1a2bff', '#b8f23c', '#00c8c8', '#8a8a8a'];
export const colorAt = (index: number): string => COLORS[index % COLORS.length] ?? '#ffffff';
export const MOST_CLASSES = COLORS.length; // one for each of the keys 1 to 9

const UNDO = 200; // steps

type Places = ReadonlyMap<Place, readonly [before: number | undefined, after: number | undefined]>;

interface Change {
  readonly places: Places;
  /** Before and after; undefined: the classes stay as they are. */
  readonly classes: readonly [readonly ClassName[], readonly ClassName[]] | undefined;
}

const NO_PLACES: Places = new Map();

export class Labels {
  #classes: readonly ClassName[] = [];
  #labels = new Map<Place, number>();
  #done: (readonly Change[])[] = []; // each is one step of undo
  #undone: (readonly Change[])[] = [];
  #together: Change[] | undefined; //   those of the step that is being made
  readonly #changed: () => void;

  /** @param changed is told after every change */
  constructor(changed: () => void = () => undefined) {
    this.#changed = changed;
  }

  get classes(): readonly ClassName[] {
    return this.#classes;
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  get size(): number {
    return this.#labels.size;
  }

  of(place: Place): number | undefined {
    return this.#labels.get(place);
  }

  /** All that are labelled, in the order of labelling. */
  entries(): IterableIterator<[Place, number]> {
    return this.#labels.entries();
  }

  /** @returns its index; of one that is there already, that one's. @throws EosinError BadInput for an empty name, or too many */
  addClass(given: string): number {
    const name = given.trim();
    const known = this.#classes.findIndex((one) => one.name === name);
    if (known >= 0) return known;
    if (name === '') throw badClass('it has no name', 'Give it one.');
    const color = COLORS.find((one) => this.#classes.every((other) => other.color !== one));
    if (color === undefined) throw badClass(`there are ${MOST_CLASSES} already`, 'Take one away first.');
    this.#do({ places: NO_PLACES, classes: [this.#classes, [...this.#classes, { name, color }]] });
    return this.#classes.length - 1;
  }

  /** @throws EosinError BadInput for an empty name, or another's */
  renameClass(index: number, given: string): void {
    const name = given.trim();
    const [before, taken] = [this.#classes[index], this.#classes.findIndex((one) => one.name === name)];
    if (!before || taken === index) return;
    if (name === '') throw badClass('it has no name', 'Give it one.');
    if (taken >= 0) throw badClass(`there is one named ${name}`, 'Give it another name.');
    const after = this.#classes.map((one) => (one === before ? { ...before, name } : one));
    this.#do({ places: NO_PLACES, classes: [this.#classes, after] });
  }

  /** Its labels go with it, and come back with it by undo. */
  removeClass(index: number): void {
    if (!this.#classes[index]) return;
    const places: Places = new Map(
      [...this.#labels].flatMap(([place, of]) =>
        of < index ? [] : [[place, [of, of === index ? undefined : of - 1]] as const],
      ),
    );
    this.#do({ places, classes: [this.#classes, this.#classes.filter((_, i) => i !== index)] });
  }

  /** One step of undo, however many places. Undefined takes labels away. */
  label(places: readonly Place[], classIndex: number | undefined): void {
    const change: Places = new Map(
      places.flatMap((place) => {
        const before = this.#labels.get(place);
        return before === classIndex ? [] : [[place, [before, classIndex]] as const];
      }),
    );
    if (change.size > 0) this.#do({ places: change, classes: undefined });
  }

  /** Whatever `work` changes is one step of undo, and told once. */
  asOne(work: () => void): void {
    if (this.#together) {
      work();
      return;
    }
    this.#together = [];
    try {
      work();
    } finally {
      const made = this.#together;
      this.#together = undefined;
      if (made.length > 0) this.#made(made);
    }
  }

  undo(): void {
    const step = this.#done.pop();
    if (!step) return;
    for (const change of step.toReversed()) this.#apply(change, 0);
    this.#undone.push(step);
    this.#changed();
  }

  redo(): void {
    const step = this.#undone.pop();
    if (!step) return;
    for (const change of step) this.#apply(change, 1);
    this.#done.push(step);
    this.#changed();
  }

  kept(): LabelsKept {
    return { classes: [...this.#classes], labels: [...this.#labels] };
  }

  /** In the place of all that is here. */
  restore({ classes, labels }: LabelsKept): void {
    this.#classes = [...classes];
    this.#labels = new Map(labels);
    [this.#done, this.#undone] = [[], []];
    this.#changed();
  }

  #do(change: Change): void {
    this.#apply(change, 1);
    if (this.#together) this.#together.push(change);
    else this.#made([change]);
  }

  #made(step: readonly Change[]): void {
    this.#done = [...this.#done, step].slice(-UNDO);
    this.#undone = [];
    this.#changed();
  }

  #apply({ places, classes }: Change, side: 0 | 1): void {
    if (classes) this.#classes = classes[side];
    for (const [place, sides] of places) {
      const to = sides[side];
      if (!classes || to === undefined) this.#labels.delete(place); // so that the latest comes last; one that moves with its class stays
      if (to !== undefined) this.#labels.set(place, to);
    }
  }
}

const badClass = (seen: string, todo: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: 'The class', seen, todo });

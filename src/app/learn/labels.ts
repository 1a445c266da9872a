// What was labelled, by place: patches of all encoders lie on the same grid, so a label holds for each of them. A change is a
// value that reverses, which is what undo reads.
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

type Change = ReadonlyMap<Place, readonly [before: number | undefined, after: number | undefined]>;

export class Labels {
  #classes: ClassName[] = [];
  #labels = new Map<Place, number>();
  #done: Change[] = [];
  #undone: Change[] = [];
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
    this.#classes.push({ name, color });
    this.#changed();
    return this.#classes.length - 1;
  }

  /** @throws EosinError BadInput for an empty name, or another's */
  renameClass(index: number, given: string): void {
    const name = given.trim();
    const [before, taken] = [this.#classes[index], this.#classes.findIndex((one) => one.name === name)];
    if (!before || taken === index) return;
    if (name === '') throw badClass('it has no name', 'Give it one.');
    if (taken >= 0) throw badClass(`there is one named ${name}`, 'Give it another name.');
    this.#classes[index] = { ...before, name };
    this.#changed();
  }

  /** Its labels go with it; this is not undone. */
  removeClass(index: number): void {
    if (!this.#classes[index]) return;
    this.#classes.splice(index, 1);
    const left = [...this.#labels].flatMap(([place, of]): [Place, number][] =>
      of === index ? [] : [[place, of > index ? of - 1 : of]],
    );
    this.#labels = new Map(left);
    [this.#done, this.#undone] = [[], []]; // they speak of classes by their old index
    this.#changed();
  }

  /** One step of undo, however many places. Undefined takes labels away. */
  label(places: readonly Place[], classIndex: number | undefined): void {
    const change = new Map(
      places.flatMap((place): [Place, readonly [number | undefined, number | undefined]][] => {
        const before = this.#labels.get(place);
        return before === classIndex ? [] : [[place, [before, classIndex]]];
      }),
    );
    if (change.size === 0) return;
    this.#apply(change, 1);
    this.#done = [...this.#done, change].slice(-UNDO);
    this.#undone = [];
    this.#changed();
  }

  undo(): void {
    const change = this.#done.pop();
    if (!change) return;
    this.#apply(change, 0);
    this.#undone.push(change);
    this.#changed();
  }

  redo(): void {
    const change = this.#undone.pop();
    if (!change) return;
    this.#apply(change, 1);
    this.#done.push(change);
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

  #apply(change: Change, side: 0 | 1): void {
    for (const [place, sides] of change) {
      const to = sides[side];
      this.#labels.delete(place); // so that the latest comes last
      if (to !== undefined) this.#labels.set(place, to);
    }
  }
}

const badClass = (seen: string, todo: string): EosinError =>
  new EosinError({ tag: 'BadInput', what: 'The class', seen, todo });

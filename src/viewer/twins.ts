// Two viewers of one slide side by side: one view, one set of marks, one tool; each has its own layers.
import type { View, Viewer, ViewerEvents } from './viewer-api.ts';

/** What is done in the right viewer happens in the left one, where everybody listens. */
const TOLD = ['pointer', 'pick', 'piece', 'corner', 'stroke', 'line', 'lasso', 'chosen'] as const;

export class Twins implements Disposable {
  readonly #left: Viewer;
  readonly #ends: (() => void)[] = [];
  readonly #put = new Map<Viewer, View>(); // where the other one put it last

  /** Both are lent, and show the same slide. The right one goes where the left one is. */
  constructor(left: Viewer, right: Viewer) {
    this.#left = left;
    this.#follow(left, right, left.view());
    right.setMarks(left.marks());
    right.setTool(left.tool());
    left.setBeside(right);
    for (const [from, to] of [
      [left, right],
      [right, left],
    ] as const)
      this.#ends.push(
        from.on('view', (view) => this.#follow(from, to, view)),
        from.on('marks', (marks) => to.setMarks(marks)),
        from.on('tool', (tool) => to.setTool(tool)),
      );
    for (const event of TOLD) this.#ends.push(retold(right, left, event));
  }

  /** Unless that is where the other one put it. */
  #follow(from: Viewer, to: Viewer, view: View): void {
    const put = this.#put.get(from);
    if (put && isSame(put, view)) return;
    this.#put.delete(from);
    const { centre, zoom, rotation, flipped } = view;
    to.place({ centre, zoom, rotation, flipped });
    this.#put.set(to, to.view());
  }

  [Symbol.dispose](): void {
    this.#left.setBeside(undefined);
    for (const end of this.#ends.splice(0)) end();
  }
}

const retold = <E extends keyof ViewerEvents>(from: Viewer, to: Viewer, event: E): (() => void) =>
  from.on(event, (value) => to.tell(event, value));

/** To a hundredth of a screen px and of a degree. */
const isSame = (a: View, b: View): boolean =>
  Math.abs(a.centre.x - b.centre.x) * b.zoom < 0.01 &&
  Math.abs(a.centre.y - b.centre.y) * b.zoom < 0.01 &&
  Math.abs(a.zoom / b.zoom - 1) < 1e-6 &&
  Math.abs(a.rotation - b.rotation) < 0.01 &&
  a.flipped === b.flipped;

const MOST = 2; // of the view alone, and of it with the margin that it moves in

/** What was made last of some rows, for the frames it was made for. */
export class Kept<Rows, Of> {
  #kept: readonly { readonly rows: Rows; readonly key: string; readonly of: Of }[] = []; // the one used last first

  /** @param make what is not there yet; `over` is needed by nobody any more: its memory may be taken over */
  of(rows: Rows, key: string, make: (over: Of | undefined) => Of): Of {
    const known = this.#kept.find((kept) => kept.rows === rows && kept.key === key);
    const others = this.#kept.filter((kept) => kept !== known);
    const left = known ? undefined : others.splice(MOST - 1)[0];
    const kept = known ?? { rows, key, of: make(left?.of) };
    this.#kept = [kept, ...others];
    return kept.of;
  }
}

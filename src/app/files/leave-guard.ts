// While the disk does not hold yet what a person brought, the browser asks before the tab is closed or loaded anew.

const ASKED = 'beforeunload';

export class LeaveGuard {
  readonly #page: EventTarget | undefined;
  #waiting = 0;
  readonly #ask = (leaving: Event): void => leaving.preventDefault();

  /** @param page the window; undefined where there is none that could be left */
  constructor(page: EventTarget | undefined) {
    this.#page = page;
  }

  /** Asks until this has settled. Pages that listen all the time are not kept in memory by browsers, so nobody does. */
  until(done: Promise<unknown>): void {
    if (this.#waiting++ === 0) this.#page?.addEventListener(ASKED, this.#ask);
    const end = (): void => {
      if (--this.#waiting === 0) this.#page?.removeEventListener(ASKED, this.#ask);
    };
    void done.then(end, end);
  }
}

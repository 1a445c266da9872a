// Where runs are kept, as this tab uses it: opened once, read by one at a time, and how much room is left.
import { unhurried } from '#channel/waits.ts';
import type { RunSessionNeeds } from '../run-session.ts';
import { type Keepers, openKeepers } from './keepers.ts';
import { removeUnreadable, roomOf } from './room.ts';

export class RunKeeping {
  readonly #needs: Pick<RunSessionNeeds, 'keepers' | 'stores'>;
  #keepers: Promise<Keepers> | undefined;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(needs: Pick<RunSessionNeeds, 'keepers' | 'stores'>) {
    this.#needs = needs;
  }

  open = (): Promise<Keepers> => {
    this.#keepers ??= (this.#needs.keepers ?? openKeepers)(unhurried());
    return this.#keepers;
  };

  /** A journal has one reader or writer: what reads goes one after the other, and runs begin after it. */
  read<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#reading.then(work);
    this.#reading = turn.catch(() => undefined);
    return turn;
  }

  /** Resolves once nobody reads. */
  async unread(): Promise<void> {
    await this.#reading;
  }

  async lookAtRoom(): Promise<void> {
    const { disk } = await this.open();
    this.#needs.stores.run.setState({ storage: await roomOf(disk, unhurried()) });
  }

  async removeUnreadable(): Promise<void> {
    await removeUnreadable((await this.open()).disk);
    await this.lookAtRoom();
  }
}

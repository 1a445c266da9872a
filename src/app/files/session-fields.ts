// The description of a session, a field at a time: what is not as it should be is refused with its name.
import { notOurs } from './stored-zip.ts';

const MOST = 10_000; // entries of a list

export class Fields {
  readonly #of: object;

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null) throw notOurs('a part of its description is missing');
    this.#of = value;
  }

  keys(): string[] {
    return Object.keys(this.#of).slice(0, MOST);
  }

  has(key: string): boolean {
    return this.#get(key) !== undefined;
  }

  value(key: string): unknown {
    return this.#get(key);
  }

  text(key: string): string {
    const value = this.#get(key);
    if (typeof value !== 'string' || value.length > 100_000) throw notOurs(`its ${key} is no text`);
    return value;
  }

  color(key: string): string {
    const value = this.text(key);
    if (!/^#[0-9a-f]{6}$/i.test(value)) throw notOurs(`its ${key} is no colour`);
    return value;
  }

  number(key: string): number {
    const value = this.#get(key);
    if (typeof value !== 'number' || !Number.isFinite(value)) throw notOurs(`its ${key} is no number`);
    return value;
  }

  /** 0 to 1. */
  share(key: string): number {
    return Math.min(1, Math.max(0, this.number(key)));
  }

  flag(key: string): boolean {
    return this.#get(key) === true;
  }

  inner(key: string): Fields {
    return new Fields(this.#get(key));
  }

  list(key: string): Fields[] {
    return this.#list(key).map((part) => new Fields(part));
  }

  texts(key: string): string[] {
    return this.#list(key).filter((one): one is string => typeof one === 'string');
  }

  #list(key: string): unknown[] {
    const value: unknown = this.#get(key);
    if (!Array.isArray(value) || value.length > MOST) throw notOurs(`its ${key} is no list`);
    return value;
  }

  #get(key: string): unknown {
    return Object.hasOwn(this.#of, key) ? Reflect.get(this.#of, key) : undefined;
  }
}

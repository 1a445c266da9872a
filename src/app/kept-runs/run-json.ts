// The header and the note of a run as bytes: JSON, read back as what it may be.
import { EosinError } from '#errors/failure.ts';
import type { Views } from '#inference/model.ts';
import { mpp } from '#units/units.ts';
import type { FailedPatch, Json, RunHeader, RunNote } from './kept-runs.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const SCHEMA = 1;
const STATES = ['running', 'paused', 'done', 'cancelled'] as const;

export const headerToBytes = (header: RunHeader): Bytes => toBytes({ schema: SCHEMA, ...header });

/** @throws EosinError BadInput where it is none, or one of another version */
export function headerFromBytes(bytes: Bytes): RunHeader {
  const read = new Fields(parsed(bytes));
  if (read.number('schema') !== SCHEMA) throw unreadable(`its header is of version ${read.number('schema')}`);
  const [slide, model, size] = [read.inner('slide'), read.inner('model'), read.inner('mpp')];
  const more = read.json('more');
  return {
    id: read.text('id'),
    slide: { fingerprint: slide.text('fingerprint'), name: slide.text('name') },
    model: { id: model.text('id'), sha256: model.text('sha256') },
    window: read.number('window'),
    views: read.has('views') ? viewsOf(read.number('views')) : 1, // of a run that was begun before there were others
    mpp: { x: mpp(size.number('x')), y: mpp(size.number('y')) },
    region: read.json('region') ?? null,
    device: read.text('device'),
    total: read.number('total'),
    created: read.number('created'),
    ...(more === undefined ? {} : { more }),
  };
}

export const noteToBytes = ({ state, failed }: RunNote): Bytes => toBytes({ state, failed });

/** A note that is not there, or cannot be read, says that the run goes on: whoever looks finds that it does not. */
export function noteFromBytes(bytes: Bytes | undefined): RunNote {
  try {
    if (bytes) return noteOf(new Fields(parsed(bytes)));
  } catch (thrown) {
    if (!(thrown instanceof EosinError)) throw thrown;
  }
  return { state: 'running', failed: [] };
}

function noteOf(read: Fields): RunNote {
  const state = STATES.find((known) => known === read.text('state'));
  if (!state) throw unreadable('its state is none');
  const failed = read.list('failed').map(
    (patch): FailedPatch => ({
      col: patch.number('col'),
      row: patch.number('row'),
      attempts: patch.number('attempts'),
      why: patch.text('why'),
    }),
  );
  return { state, failed };
}

function viewsOf(number: number): Views {
  if (number !== 1 && number !== 4) throw unreadable(`it has ${number} views of a patch`);
  return number;
}

const toBytes = (value: object): Bytes => new TextEncoder().encode(JSON.stringify(value));

function parsed(bytes: Bytes): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (thrown) {
    throw unreadable('its header is no JSON', thrown);
  }
}

class Fields {
  readonly #of: object;

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null) throw unreadable('a part of its header is missing');
    this.#of = value;
  }

  has(key: string): boolean {
    return this.#get(key) !== undefined;
  }

  text(key: string): string {
    const value = this.#get(key);
    if (typeof value !== 'string') throw unreadable(`its ${key} is no text`);
    return value;
  }

  number(key: string): number {
    const value = this.#get(key);
    if (typeof value !== 'number') throw unreadable(`its ${key} is no number`);
    return value;
  }

  inner(key: string): Fields {
    return new Fields(this.#get(key));
  }

  list(key: string): Fields[] {
    const value = this.#get(key);
    if (!Array.isArray(value)) throw unreadable(`its ${key} is no list`);
    return value.map((part) => new Fields(part));
  }

  json(key: string): Json | undefined {
    const value = this.#get(key);
    return value === undefined ? undefined : jsonOf(value);
  }

  #get(key: string): unknown {
    return Object.hasOwn(this.#of, key) ? Reflect.get(this.#of, key) : undefined;
  }
}

/** What JSON.parse gave, as a type that says so. */
function jsonOf(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value !== 'object') throw unreadable('it holds what JSON has not');
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, jsonOf(part)]));
}

const unreadable = (seen: string, cause?: unknown): EosinError => {
  const todo = 'Remove it from the list, and start it again.';
  return new EosinError({ tag: 'BadInput', what: 'A run that was kept', seen, todo }, { cause });
};

// An HTTP answer in parts (RFC 2046), part by part as they come.

type Bytes = Uint8Array<ArrayBuffer>;

export interface Part {
  readonly type: string; //     its Content-Type; empty where it is not said
  readonly location: string; // its Content-Location, likewise
  readonly bytes: Bytes;
}

const MOST_HEADERS = 16 * 1024; // bytes of a part
const MOST_BEFORE = 4096; //       bytes before the first part

const ascii = (text: string): Bytes => Uint8Array.from(text, (char) => char.charCodeAt(0));
const LINE = ascii('\r\n');
const BLANK = ascii('\r\n\r\n');

/**
 * The parts in their order; an answer that has none is a part by itself. What is not wanted any more is not downloaded.
 * @param most bytes of a part
 * @param heard called whenever something came
 * @throws Error that says what is wrong, as the end of a sentence; what reading the body throws
 */
export async function* partsOf(response: Response, most: number, heard: () => void): AsyncGenerator<Part, void> {
  const type = response.headers.get('Content-Type') ?? '';
  const incoming = new Incoming(response, heard);
  try {
    if (!/^\s*multipart\//i.test(type)) {
      while (await incoming.more()) if (incoming.length > most) throw tooLong(most);
      yield { type, location: '', bytes: incoming.take(incoming.length) };
      return;
    }
    const boundary = ascii(`--${parameter(type, 'boundary') ?? (await firstLine(incoming))}`);
    const start = await incoming.find(boundary, MOST_BEFORE);
    if (start === undefined) throw new Error('its parts do not begin with the boundary that it announces');
    incoming.take(start + boundary.length);
    const delimiter = ascii(`\r\n${new TextDecoder('latin1').decode(boundary)}`);
    for (;;) {
      while (incoming.length < 2) if (!(await incoming.more())) throw new Error('it ends before its last boundary');
      if (incoming.startsWith('--')) return;
      const headers = await incoming.find(BLANK, MOST_HEADERS);
      if (headers === undefined) throw new Error('a part of it has headers without an end');
      const said = new TextDecoder('latin1').decode(incoming.take(headers + BLANK.length));
      const length = await incoming.find(delimiter, most);
      if (length === undefined) throw incoming.length > most ? tooLong(most) : new Error('it ends within a part');
      const bytes = incoming.take(length);
      incoming.take(delimiter.length);
      yield { type: header(said, 'type'), location: header(said, 'location'), bytes };
    }
  } finally {
    await incoming.close();
  }
}

const tooLong = (most: number): Error => new Error(`a part of it is longer than ${most} bytes`);

const header = (headers: string, name: 'type' | 'location'): string =>
  new RegExp(`^content-${name}:\\s*(.*?)\\s*$`, 'im').exec(headers)?.[1] ?? '';

/** A parameter of a media type, with or without quotes. */
function parameter(type: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]*)"|([^;\\s]+))`, 'i').exec(type);
  return found?.[1] ?? found?.[2];
}

/** The boundary of an answer whose header does not say it. */
async function firstLine(incoming: Incoming): Promise<string> {
  while (incoming.startsWith('\r\n')) incoming.take(2);
  const end = await incoming.find(LINE, MOST_BEFORE);
  const line = end === undefined ? '' : new TextDecoder('latin1').decode(incoming.look(end));
  if (!line.startsWith('--')) throw new Error('it announces parts, and begins with none');
  return line.slice(2).trimEnd();
}

/** What has come of a body and was not taken yet. */
class Incoming {
  readonly #reader: ReadableStreamDefaultReader<Bytes> | undefined;
  readonly #heard: () => void;
  #bytes: Bytes = new Uint8Array(64 * 1024);
  #start = 0;
  #end = 0;
  #ended = false;

  constructor(response: Response, heard: () => void) {
    this.#reader = response.body?.getReader();
    this.#heard = heard;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** @returns false at the end */
  async more(): Promise<boolean> {
    const next = this.#ended ? undefined : await this.#reader?.read();
    if (!next || next.done) {
      this.#ended = true;
      return false;
    }
    this.#heard();
    this.#append(next.value);
    return true;
  }

  #append(bytes: Bytes): void {
    const needed = this.length + bytes.length;
    if (this.#end + bytes.length > this.#bytes.length) {
      const room = needed > this.#bytes.length ? new Uint8Array(Math.max(needed, this.#bytes.length * 2)) : this.#bytes;
      room.set(this.#bytes.subarray(this.#start, this.#end));
      this.#end = this.length;
      this.#start = 0;
      this.#bytes = room;
    }
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  startsWith(text: string): boolean {
    return [...text].every(
      (char, i) => this.#start + i < this.#end && this.#bytes[this.#start + i] === char.charCodeAt(0),
    );
  }

  /** Where the pattern begins, reading on until it is there; undefined where it is not among the first `most` bytes. */
  async find(pattern: Bytes, most: number): Promise<number | undefined> {
    for (let from = 0; ; ) {
      const at = this.#indexOf(pattern, from);
      if (at !== undefined) return at <= most ? at : undefined;
      from = Math.max(0, this.length - pattern.length + 1);
      if (from > most || !(await this.more())) return undefined;
    }
  }

  #indexOf(pattern: Bytes, from: number): number | undefined {
    const [first = 0] = pattern;
    const last = this.#end - pattern.length;
    for (let at = this.#start + from; at <= last; at++) {
      at = this.#bytes.indexOf(first, at);
      if (at < 0 || at > last) return undefined;
      const here = at;
      if (pattern.every((byte, i) => this.#bytes[here + i] === byte)) return here - this.#start;
    }
    return undefined;
  }

  /** The next bytes, lent until the next call. */
  look(length: number): Bytes {
    return this.#bytes.subarray(this.#start, this.#start + length);
  }

  /** The next bytes, the caller's own. */
  take(length: number): Bytes {
    const bytes = this.#bytes.slice(this.#start, this.#start + length);
    this.#start += length;
    return bytes;
  }

  async close(): Promise<void> {
    if (!this.#ended) await this.#reader?.cancel().catch(() => undefined); // it may have broken off already
  }
}

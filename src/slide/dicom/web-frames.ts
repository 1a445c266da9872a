// Frames of a DICOMweb server: several in one request where several are wanted, each given out as soon as it is known.
import type { Waits } from '#channel/waits.ts';
import { failureOf } from '#errors/failure.ts';
import { whatStarts } from '../first-bytes.ts';
import { partsOf } from '../multipart.ts';
import { Patience, Silent } from '../patience.ts';
import type { FrameReader } from './frames.ts';
import type { FrameShape } from './instance.ts';
import { packingOfBytes } from './packing.ts';
import { type Asking, answerOf } from './web.ts';
import { acceptsFor, packingOfSyntax } from './web-accept.ts';
import { below, type WebAddress } from './web-address.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** An instance on a server. */
export interface WebInstance extends FrameShape {
  readonly address: WebAddress;
  readonly syntax: string | undefined; // how the server stores it, where it says so
}

interface Wanted {
  readonly instance: WebInstance;
  readonly index: number;
  readonly waits: Waits;
  readonly give: (bytes: Bytes) => void;
  readonly refuse: (reason: unknown) => void;
}

interface Frame {
  readonly bytes: Bytes;
  readonly index: number | undefined; // where the server says which it is
}

const AT_ONCE = 6; //   requests: as many as a browser opens to a host over HTTP/1.1
const TOGETHER = 8; //  frames of one request at most: a view that moves on gives up all of them or none

/** The requests for frames of one slide. */
export class FrameRequests {
  readonly #asking: Asking;
  readonly #own: string | undefined; // the origin of this page
  readonly #agreed = new Map<string, Promise<string>>(); // what a server is to be asked for, by how it stores
  #wanted: Wanted[] = []; //  in the order of asking
  #flying = 0; //             requests on their way
  #lists = true; //           the server takes several frames in one request, as far as is known

  /** @param own the origin of this page: requests to another one are asked for beforehand if they say anything unusual */
  constructor(asking: Asking, own: string | undefined) {
    this.#asking = asking;
    this.#own = own;
  }

  /** Frames of one instance. Rejects with Error (what is wrong with the frame), EosinError, or the signal's reason. */
  readerOf(instance: WebInstance): FrameReader {
    return (index, waits) =>
      new Promise((resolve, reject) => {
        if (waits.signal.aborted) return reject(waits.signal.reason);
        const ended = (): void => waits.signal.removeEventListener('abort', onAbort);
        const wanted: Wanted = {
          instance,
          index,
          waits,
          give: (bytes) => {
            ended();
            resolve(bytes);
          },
          refuse: (reason) => {
            ended();
            reject(reason);
          },
        };
        const onAbort = (): void => {
          this.#wanted = this.#wanted.filter((each) => each !== wanted);
          wanted.refuse(waits.signal.reason);
        };
        waits.signal.addEventListener('abort', onAbort);
        if (this.#wanted.length === 0) setTimeout(() => this.#send(), 0);
        this.#wanted.push(wanted);
      });
  }

  /** What was wanted in this turn of the event loop is known: it goes the free ways, evenly. */
  #send(): void {
    while (this.#flying < AT_ONCE) {
      const [first] = this.#wanted;
      if (!first) return;
      const share = Math.ceil(this.#wanted.length / (AT_ONCE - this.#flying));
      const most = this.#lists ? Math.min(TOGETHER, share) : 1;
      const together = this.#wanted.filter(({ instance }) => instance === first.instance).slice(0, most);
      this.#wanted = this.#wanted.filter((each) => !together.includes(each));
      this.#flying++;
      void this.#bring(first.instance, together).finally(() => {
        this.#flying--;
        this.#send();
      });
    }
  }

  /** Never rejects: each of those wanted gets its frame or its reason. */
  async #bring(instance: WebInstance, together: readonly Wanted[]): Promise<void> {
    const open = new Set(together);
    const giveUp = new AbortController();
    const onAbort = (): void => {
      for (const each of open) if (each.waits.signal.aborted) open.delete(each);
      if (open.size === 0) giveUp.abort(together[0]?.waits.signal.reason);
    };
    const giveOut = (wanted: Wanted | undefined, bytes: Bytes): void => {
      if (wanted && open.delete(wanted)) wanted.give(bytes);
    };
    for (const { waits } of together) waits.signal.addEventListener('abort', onAbort);
    try {
      onAbort();
      const accept = await this.#acceptOf(instance, together, giveOut, giveUp);
      const rest = together.filter((each) => open.has(each));
      if (rest.length === 0) return;
      const numbers = rest.map(({ index }) => index);
      const nameless: Bytes[] = [];
      let came = 0;
      for await (const { bytes, index } of this.#frames(instance, numbers, accept, giveUp)) {
        if (index === undefined) nameless.push(bytes);
        else giveOut(rest[numbers.indexOf(index)], bytes);
        if (++came === rest.length) break;
      }
      // Parts that do not say which frame they are stand for their places only where none is missing.
      if (nameless.length === rest.length) for (const [i, bytes] of nameless.entries()) giveOut(rest[i], bytes);
      if (open.size > 0) this.#again(open, together, new Error('the server left it out of its answer'));
    } catch (thrown) {
      this.#again(open, together, thrown);
    } finally {
      for (const { waits } of together) waits.signal.removeEventListener('abort', onAbort);
    }
  }

  /** What came of several at once in no good way is asked for one by one, from here on. */
  #again(open: ReadonlySet<Wanted>, together: readonly Wanted[], reason: unknown): void {
    const about = failureOf(reason);
    const list = about.tag !== 'Unreachable' && !(about.tag === 'NotFound' && about.status === 429);
    if (together.length === 1 || !list) {
      for (const each of open) each.refuse(missing(reason));
      return;
    }
    this.#lists = false;
    this.#wanted.unshift(...open);
  }

  async *#frames(
    instance: WebInstance,
    indices: readonly number[],
    accept: string,
    waits: Waits,
  ): AsyncGenerator<Frame, void> {
    const url = below(instance.address, `frames/${indices.map((index) => index + 1).join(',')}`);
    using patience = new Patience(url, this.#asking.patienceMs, waits);
    const response = await answerOf(this.#asking.fetch, url, accept, patience);
    try {
      for await (const { type, bytes, location } of partsOf(response, mostOf(instance), () => patience.heard())) {
        if (isPage(type, bytes)) throw new Error(`the server sent ${whatStarts(bytes)} instead`);
        const number = /\/frames\/(\d+)(?:[?#]|$)/.exec(location)?.[1];
        yield { bytes, index: number === undefined ? undefined : Number(number) - 1 };
      }
    } catch (thrown) {
      patience.signal.throwIfAborted();
      throw thrown;
    }
  }

  /** What this server is to be asked for: tried with the first frame that is wanted, which is given out, and kept. */
  async #acceptOf(
    instance: WebInstance,
    [first]: readonly Wanted[],
    giveOut: (wanted: Wanted | undefined, bytes: Bytes) => void,
    waits: Waits,
  ): Promise<string> {
    const key = instance.syntax ?? '';
    for (let known = this.#agreed.get(key); known !== undefined; known = this.#agreed.get(key)) {
      try {
        return await known;
      } catch (thrown) {
        waits.signal.throwIfAborted();
        if (thrown instanceof NoWay || failureOf(thrown).tag === 'Unreachable') throw thrown;
      }
    }
    const agreeing = this.#agree(instance, first?.index ?? 0, waits).then(({ accept, bytes }) => {
      giveOut(first, bytes);
      return accept;
    });
    this.#agreed.set(key, agreeing);
    try {
      return await agreeing;
    } catch (thrown) {
      if (!(thrown instanceof NoWay)) this.#agreed.delete(key); // it was the frame, or the network: another may tell
      throw thrown;
    }
  }

  async #agree(instance: WebInstance, index: number, waits: Waits): Promise<{ accept: string; bytes: Bytes }> {
    const other = new URL(instance.address.url, this.#own).origin !== this.#own;
    const isBare = ({ length }: Bytes): boolean =>
      length === instance.bytes || length === instance.bytes + (instance.bytes % 2);
    let why: unknown;
    let otherwise: { accept: string; bytes: Bytes } | undefined;
    for (const accept of acceptsFor(instance.syntax, other)) {
      try {
        const bytes = await this.#first(instance, index, accept, waits);
        const packing = packingOfBytes(bytes);
        const wanted = packingOfSyntax(instance.syntax) ?? packing;
        if (packing && packing === wanted) return { accept, bytes };
        // Bare samples are exact, whatever they were stored as: what is packed anew for us may not be.
        if (isBare(bytes) && packingOfSyntax(instance.syntax) === undefined) return { accept, bytes };
        if (packing || isBare(bytes)) otherwise ??= { accept, bytes };
        else why ??= new Error(`the server sent ${whatStarts(bytes)}`);
      } catch (thrown) {
        waits.signal.throwIfAborted();
        if (thrown instanceof Silent) throw thrown;
        const failure = failureOf(thrown);
        if (failure.tag === 'NotFound' && !REFUSED.has(failure.status)) throw missing(thrown);
        why ??= thrown; // the network's too: a browser asks beforehand whether it may say so, and may not
      }
    }
    if (otherwise) return otherwise; // packed anew, or not at all: better than nothing
    if (failureOf(why).tag === 'Unreachable') throw why;
    const reason = why instanceof Error ? why.message : 'the server sends no frames';
    throw new NoWay(reason, { cause: why });
  }

  async #first(instance: WebInstance, index: number, accept: string, waits: Waits): Promise<Bytes> {
    for await (const { bytes } of this.#frames(instance, [index], accept, waits)) return bytes;
    throw new Error('the server left it out of its answer');
  }
}

/** Nothing that the server sends is read here. */
export class NoWay extends Error {}

const REFUSED = new Set([400, 405, 406, 415, 500, 501]); // what servers say of an Accept that they do not know
const SLACK = 1024 * 1024; // bytes: what packing may add to a frame

const mostOf = ({ bytes }: FrameShape): number => Math.min(2 * bytes + SLACK, 256 * 1024 * 1024);

const isPage = (type: string, bytes: Bytes): boolean =>
  /^text\/|json|xml/i.test(type) || /^(an HTML page|XML|JSON)$/.test(whatStarts(bytes.subarray(0, 512)));

/** A frame that is not there is damage of the slide, and no trouble with the network. */
function missing(thrown: unknown): unknown {
  const failure = failureOf(thrown);
  if (failure.tag !== 'NotFound' || failure.status >= 500 || [401, 403, 429].includes(failure.status)) return thrown;
  return new Error(`the server answered ${failure.status} for it`, { cause: thrown });
}

// Bytes that lie far away, kept in the pieces in which they were asked for: neighbours travel together, none twice.
import type { Waits } from '#channel/waits.ts';
import { SharedJob } from './shared-job.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Fetches exactly these bytes.
 * @param cut gets the bytes from the offset on that had come when fetching ended before its end: given up, or broken off
 */
export type FetchRange = (
  offset: number,
  length: number,
  waits: Waits,
  cut: (beginning: Bytes) => void,
) => Promise<Bytes>;

const MAX_REQUEST = 1024 * 1024; // bytes
const MAX_HOLE = 4096; //           bytes between two pieces that are fetched along, so that both travel in one request
const AT_ONCE = 6; //               requests: as many as a browser opens to a host over HTTP/1.1. What waits may travel together
const LOOK = 64; //                 bytes: a read this small looks at the beginning of a structure,
const AHEAD = 4096; //              and so many bytes from there are fetched: a directory with its small values

/** Bytes from `from` up to `to`: on their way, or kept. Pieces never overlap. */
interface Piece {
  readonly from: number;
  readonly to: number;
  job: SharedJob<Bytes> | undefined;
  request: SharedJob<Bytes> | undefined; // that brings it, while it is on its way
  bytes: Bytes | undefined;
}

interface Gathered {
  readonly piece: Piece;
  readonly signal: AbortSignal;
  start(request: SharedJob<Bytes>): void;
  giveUp(reason: unknown): void;
}

const isGoingOn = (request: SharedJob<Bytes> | undefined): request is SharedJob<Bytes> => request?.abandoned === false;

/** A request lays what it brings into its pieces. */
async function received(piece: Piece, request: SharedJob<Bytes>, waits: Waits): Promise<Bytes> {
  await request.join(waits);
  return piece.bytes ?? new Uint8Array(0);
}

export class RangeReader {
  readonly #fetchRange: FetchRange;
  readonly #size: number;
  readonly #budgetBytes: number;
  readonly #pieces: Piece[] = []; //          by their place
  readonly #kept = new Set<Piece>(); //       least recently used first
  #keptBytes = 0;
  #gathering: Gathered[] = []; //            in the order of asking
  #flying = 0; //                            requests on their way

  /** @param budgetBytes of pieces that are kept; those used last stay */
  constructor(fetchRange: FetchRange, size: number, budgetBytes: number) {
    this.#fetchRange = fetchRange;
    this.#size = size;
    this.#budgetBytes = budgetBytes;
  }

  /** Bytes that are known already. Takes them over. */
  keep(offset: number, bytes: Bytes): void {
    if (bytes.byteLength === 0 || this.#within(offset, offset + bytes.byteLength).length > 0) return;
    const piece: Piece = { from: offset, to: offset + bytes.byteLength, job: undefined, request: undefined, bytes };
    this.#insert(piece);
    this.#arrived(piece, bytes);
  }

  /** What is kept now; lent. */
  get pieces(): readonly { readonly offset: number; readonly bytes: Bytes }[] {
    return this.#pieces.flatMap(({ from, bytes }) => (bytes ? [{ offset: from, bytes }] : []));
  }

  /** The next read of these bytes fetches them anew. */
  forget(offset: number, length: number): void {
    for (const piece of this.#within(offset, offset + length)) if (piece.bytes) this.#remove(piece);
  }

  /** The bytes are lent: another read may get the same ones. */
  async read(offset: number, length: number, waits: Waits): Promise<Bytes> {
    waits.signal.throwIfAborted();
    if (length === 0) return new Uint8Array(0);
    const pieces = this.#cover(offset, offset + length);
    const parts = await Promise.all(pieces.map((piece) => this.#bytesOf(piece, waits)));
    const [first] = pieces;
    const [whole] = parts;
    if (first && whole && parts.length === 1) return whole.subarray(offset - first.from, offset - first.from + length);
    const out = new Uint8Array(length);
    for (const [i, { from, to }] of pieces.entries()) {
      const [start, end] = [Math.max(from, offset), Math.min(to, offset + length)];
      out.set(parts[i]?.subarray(start - from, end - from) ?? [], start - offset);
    }
    return out;
  }

  #bytesOf(piece: Piece, waits: Waits): Bytes | Promise<Bytes> {
    if (!piece.bytes) return piece.job?.join(waits) ?? new Uint8Array(0);
    this.#kept.delete(piece); // and last again
    this.#kept.add(piece);
    return piece.bytes;
  }

  /** Pieces that hold the range, without a hole; those that are not there yet are asked for. */
  #cover(from: number, to: number): readonly Piece[] {
    for (const piece of this.#within(from, to)) {
      if (piece.bytes || !piece.job?.abandoned) continue;
      const { request } = piece;
      if (!isGoingOn(request)) this.#remove(piece);
      else piece.job = new SharedJob((waits) => received(piece, request, waits)); // it comes all the same, with others
    }
    let at = from;
    for (const piece of this.#within(from, to)) {
      this.#ask(at, piece.from);
      at = piece.to;
    }
    if (to - from <= LOOK && at < to) this.#ask(at, this.#upToNext(at, Math.min(at + AHEAD, this.#size)));
    else this.#ask(at, to);
    return this.#within(from, to);
  }

  #upToNext(from: number, to: number): number {
    return this.#within(from, to)[0]?.from ?? to;
  }

  #ask(from: number, to: number): void {
    for (let at = from; at < to; at += MAX_REQUEST) {
      const piece: Piece = {
        from: at,
        to: Math.min(at + MAX_REQUEST, to),
        job: new SharedJob((waits) => this.#fetched(piece, waits)),
        request: undefined,
        bytes: undefined,
      };
      this.#insert(piece);
    }
  }

  /** Waits until all that is asked for in this turn of the event loop is known and a way is free, then for the request. */
  async #fetched(piece: Piece, waits: Waits): Promise<Bytes> {
    try {
      const request = await new Promise<SharedJob<Bytes>>((resolve, reject) => {
        if (this.#gathering.length === 0) setTimeout(() => this.#send(), 0);
        this.#gathering.push({
          piece,
          signal: waits.signal,
          start: resolve,
          giveUp: reject,
        });
      });
      return await received(piece, request, waits);
    } catch (thrown) {
      if (!isGoingOn(piece.request)) this.#remove(piece);
      throw thrown;
    }
  }

  /** Sends what was asked for first, with what can travel along, as long as there is a way; the rest waits for one. */
  #send(): void {
    for (const gone of this.#gathering.filter(({ signal }) => signal.aborted)) gone.giveUp(gone.signal.reason);
    this.#gathering = this.#gathering.filter(({ signal }) => !signal.aborted);
    while (this.#flying < AT_ONCE) {
      const [first] = this.#gathering;
      if (!first) return;
      const together = this.#together(first);
      this.#gathering = this.#gathering.filter((each) => !together.includes(each));
      const from = together[0]?.piece.from ?? 0;
      const to = together.at(-1)?.piece.to ?? from;
      this.#flying++;
      const request = new SharedJob<Bytes>(async (waits) => {
        try {
          const cut = (beginning: Bytes): void => this.#keepBeginning(together, from, beginning);
          const bytes = await this.#fetchRange(from, to - from, waits, cut);
          waits.signal.throwIfAborted();
          this.#keepAll(together, from, bytes);
          return bytes;
        } finally {
          for (const { piece } of together) {
            piece.request = undefined;
            if (!piece.bytes) this.#remove(piece);
          }
          this.#flying--;
          this.#send();
        }
      });
      for (const { piece, start } of together) {
        piece.request = request;
        start(request);
      }
    }
  }

  /** Those around one, by their place, that one request can bring. */
  #together(one: Gathered): readonly Gathered[] {
    const asked = [...this.#gathering].sort((a, b) => a.piece.from - b.piece.from);
    let first = asked.indexOf(one);
    let end = first + 1;
    const fits = (from: number, to: number): boolean => {
      const [left, before] = [asked[from]?.piece, asked[to - 2]?.piece];
      const [next, right] = [asked[from + 1]?.piece, asked[to - 1]?.piece];
      if (!left || !before || !next || !right || right.to - left.from > MAX_REQUEST) return false;
      return this.#isClose(left, next) && this.#isClose(before, right);
    };
    while (fits(first, end + 1)) end++;
    while (fits(first - 1, end)) first--;
    return asked.slice(first, end);
  }

  /** What lies between may be fetched along: it is little, and neither known already nor on its way. */
  #isClose(before: Piece, next: Piece): boolean {
    return next.from - before.to <= MAX_HOLE && this.#within(before.to, next.from).length === 0;
  }

  /** What was given up on the way too, since it came, and what lies between. */
  #keepAll(together: readonly Gathered[], start: number, bytes: Bytes): void {
    for (const [i, { piece }] of together.entries()) {
      const isAll = together.length === 1;
      this.#arrived(piece, isAll ? bytes : bytes.slice(piece.from - start, piece.to - start));
      const next = together[i + 1]?.piece.from ?? piece.to;
      if (next > piece.to) this.keep(piece.to, bytes.slice(piece.to - start, next - start));
    }
  }

  /** What had come of a request that ended before its end: only the rest is asked for when it is wanted again. */
  #keepBeginning(together: readonly Gathered[], start: number, bytes: Bytes): void {
    for (const { piece } of together) this.#remove(piece);
    this.keep(start, bytes);
  }

  #arrived(piece: Piece, bytes: Bytes): void {
    piece.bytes = bytes;
    this.#kept.add(piece);
    this.#keptBytes += bytes.byteLength;
    for (const oldest of this.#kept) {
      if (this.#keptBytes <= this.#budgetBytes) break;
      this.#remove(oldest);
    }
  }

  #insert(piece: Piece): void {
    this.#pieces.splice(this.#firstBehind(piece.from), 0, piece);
  }

  #remove(piece: Piece): void {
    const at = this.#pieces.indexOf(piece, Math.max(0, this.#firstBehind(piece.from) - 1));
    if (at >= 0) this.#pieces.splice(at, 1);
    if (this.#kept.delete(piece)) this.#keptBytes -= piece.to - piece.from;
  }

  /** The first piece that ends behind a place. */
  #firstBehind(place: number): number {
    let [low, high] = [0, this.#pieces.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#pieces[middle]?.to ?? 0) > place) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #within(from: number, to: number): readonly Piece[] {
    const first = this.#firstBehind(from);
    let end = first;
    while (end < this.#pieces.length && (this.#pieces[end]?.from ?? to) < to) end++;
    return from < to ? this.#pieces.slice(first, end) : [];
  }
}

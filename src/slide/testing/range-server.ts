import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Asked {
  readonly method: string;
  readonly from: number; // first byte of the range, -1 without one
  readonly to: number; //   last byte
}

export interface RangeServer extends AsyncDisposable {
  readonly url: string;
  readonly asked: Asked[];
  /** Bytes of bodies written so far. */
  sent(): number;
}

export type Misbehaviour = (asked: Asked, request: IncomingMessage, response: ServerResponse) => boolean;

/** Serves `bytes` under any path, with ranges and an ETag. `instead` may answer itself and say so with true. */
export async function serveRanges(bytes: () => Uint8Array, instead: Misbehaviour = () => false): Promise<RangeServer> {
  const asked: Asked[] = [];
  let sent = 0;
  const keepAliveTimeout = 60_000; // a busy machine may take longer than the usual five seconds between two requests
  const server = createServer({ keepAliveTimeout }, (request, response) => {
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    const ask = { method: request.method ?? '', from: Number(range?.[1] ?? -1), to: Number(range?.[2] ?? -1) };
    asked.push(ask);
    if (instead(ask, request, response)) return;
    const body = bytes();
    if (ask.method === 'HEAD') return response.writeHead(200, { 'Content-Length': body.length }).end();
    if (ask.from >= body.length) return response.writeHead(416, { 'Content-Range': `bytes */${body.length}` }).end();
    const part = body.subarray(ask.from, ask.to + 1);
    const last = ask.from + part.length - 1;
    sent += part.length;
    response.writeHead(206, {
      'Content-Range': `bytes ${ask.from}-${last}/${body.length}`,
      ETag: `"${body.length}-${body[0]}"`,
    });
    return response.end(part);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('The server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/folder/a%20slide.svs`,
    asked,
    sent: () => sent,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const PIECE = new Uint8Array(2 ** 14);
const PACE_MS = 10; // a piece: 13 Mbit/s, a line slow enough to see how much was sent before the reader hung up

export interface WholeFile {
  readonly instead: Misbehaviour;
  written(): number;
  /** Answers that are still being sent. */
  sending(): number;
}

/** A server that ignores Range: it sends a file of `size` zeros, whatever is asked for, until nobody reads it any more. */
export function sendingWhole(size: number): WholeFile {
  let written = 0;
  let sending = 0;
  const instead: Misbehaviour = ({ method }, _request, response) => {
    response.writeHead(200, { 'Content-Length': size });
    if (method === 'HEAD') {
      response.end();
      return true;
    }
    sending++;
    const pace = setInterval(() => {
      written += PIECE.length;
      response.write(PIECE);
    }, PACE_MS);
    response.once('close', () => {
      clearInterval(pace);
      sending--;
    });
    return true;
  };
  return { instead, written: () => written, sending: () => sending };
}

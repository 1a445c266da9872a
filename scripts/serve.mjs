// A static web server for a built site or a folder of slides: byte ranges, right types, real 404s, ETags, and the
// headers that threads need. For this machine only: it listens on 127.0.0.1. Faults can be asked for, for tests.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream';

const TYPES = {
  '.bin': 'application/octet-stream',
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};
const typeOf = (path) => TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';

/** Cross-origin isolation, without which a browser gives no SharedArrayBuffer and so no threads. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'Range, If-Range',
  'Access-Control-Expose-Headers': 'Accept-Ranges, Content-Length, Content-Range, ETag',
  'Cross-Origin-Resource-Policy': 'cross-origin',
};

/**
 * The bytes a Range header asks for, both ends included: undefined for the whole file (no header, several ranges, or
 * one that is not understood, as RFC 9110 allows), 'none' where it lies outside the file.
 */
export function rangeOf(header, size) {
  const found = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!found || (found[1] === '' && found[2] === '')) return undefined;
  if (found[1] === '') {
    const last = Number(found[2]);
    return last === 0 || size === 0 ? 'none' : { from: Math.max(0, size - last), to: size - 1 };
  }
  const from = Number(found[1]);
  const to = found[2] === '' ? size - 1 : Math.min(Number(found[2]), size - 1);
  if (found[2] !== '' && Number(found[2]) < from) return undefined;
  return from >= size ? 'none' : { from, to };
}

/** The file under `root` that a request path names, or undefined where it would leave `root` or is no path at all. */
function fileOf(root, prefix, url) {
  try {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    if (!path.startsWith(prefix) || path.includes('\0')) return undefined;
    const file = normalize(join(root, path.slice(prefix.length)));
    return file === root || file.startsWith(root + sep) ? file : undefined;
  } catch {
    return undefined; // a malformed escape or address
  }
}

/** @typedef {{ method: string, path: string, range: string | undefined, status: number, bytes: number }} Seen one request */

/**
 * @typedef Hosting
 * @property {string} root       the folder to serve
 * @property {number} [port]     the first port to try; 0 takes any free one
 * @property {string} [prefix]   the path under which the folder appears, '/' or '/some/path/'
 * @property {boolean} [isolation] send the headers that threads need (a site)
 * @property {boolean} [cors]    let any page read (a slide host); without it other origins may not
 * @property {boolean} [ranges]  answer byte ranges; false sends whole files, as some hosts do
 * @property {(seen: Seen) => void} [onRequest] told of each request as it is answered
 */

/**
 * @param {Hosting} options
 * @returns {Promise<{ url: string, port: number, close: () => Promise<void> }>} `close` also ends open connections
 */
export async function serve({
  root,
  port = 0,
  prefix = '/',
  isolation = false,
  cors = false,
  ranges = true,
  onRequest,
}) {
  const folder = resolve(root);
  const common = { ...(isolation ? ISOLATION : {}), ...(cors ? CORS : {}), 'X-Content-Type-Options': 'nosniff' };

  async function answer(request, response) {
    const range = request.headers.range;
    const end = (status, headers, text) => {
      response.writeHead(status, { ...common, ...headers });
      response.end(request.method === 'HEAD' ? undefined : text);
      onRequest?.({ method: request.method, path: request.url, range, status, bytes: text?.length ?? 0 });
    };
    const plain = (status, text) => end(status, { 'Content-Type': 'text/plain; charset=utf-8' }, `${text}\n`);

    if (request.method === 'OPTIONS' && cors) return end(204, { 'Access-Control-Allow-Methods': 'GET, HEAD' });
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return end(405, { Allow: 'GET, HEAD', 'Content-Type': 'text/plain; charset=utf-8' }, 'Only GET and HEAD.\n');

    let file = fileOf(folder, prefix, request.url);
    let found = file && (await stat(file).catch(() => undefined));
    if (found?.isDirectory()) {
      const { pathname, search } = new URL(request.url, 'http://localhost');
      if (!pathname.endsWith('/')) return end(301, { Location: `${pathname}/${search}` });
      file = join(file, 'index.html');
      found = await stat(file).catch(() => undefined);
    }
    if (!found?.isFile()) return plain(404, `There is no ${request.url} here.`);

    const etag = `"${found.size.toString(36)}-${Math.round(found.mtimeMs).toString(36)}"`;
    const headers = {
      'Content-Type': typeOf(file),
      // Built assets carry a hash of their content in their name; all else is asked for again each time.
      'Cache-Control': /[\\/]assets[\\/].*-[\w-]{8,}\.\w+$/.test(file)
        ? 'public, max-age=31536000, immutable'
        : 'no-cache',
      ETag: etag,
      'Last-Modified': found.mtime.toUTCString(),
      ...(ranges ? { 'Accept-Ranges': 'bytes' } : {}),
    };
    if (request.headers['if-none-match'] === etag) return end(304, headers);

    const ifRange = request.headers['if-range'];
    const asked = ranges && (ifRange === undefined || ifRange === etag) ? rangeOf(range, found.size) : undefined;
    if (asked === 'none')
      return end(416, { ...headers, 'Content-Range': `bytes */${found.size}`, 'Content-Type': 'text/plain' }, '');
    const { from, to } = asked ?? { from: 0, to: found.size - 1 };
    response.writeHead(asked ? 206 : 200, {
      ...common,
      ...headers,
      'Content-Length': to - from + 1,
      ...(asked ? { 'Content-Range': `bytes ${from}-${to}/${found.size}` } : {}),
    });
    onRequest?.({ method: request.method, path: request.url, range, status: asked ? 206 : 200, bytes: to - from + 1 });
    if (request.method === 'HEAD' || to < from) return response.end();
    // A reader that goes away ends the pipeline with an error; there is nobody left to tell.
    pipeline(createReadStream(file, { start: from, end: to }), response, () => response.destroy());
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      console.error(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500, common).end('The server failed; its log says why.\n');
    });
  });
  const taken = await listen(server, port);
  return {
    url: `http://127.0.0.1:${taken}${prefix}`,
    port: taken,
    close: () =>
      new Promise((done) => {
        server.close(() => done(undefined));
        server.closeAllConnections();
      }),
  };
}

/** Listens on the first free port from `first` on (or on any, for 0); rejects after a hundred taken ones. */
async function listen(server, first) {
  for (let port = first; ; port++) {
    try {
      await new Promise((done, failed) => {
        server.once('error', failed);
        server.listen(port, '127.0.0.1', () => {
          server.off('error', failed);
          done();
        });
      });
      return server.address().port;
    } catch (error) {
      if (!['EADDRINUSE', 'EACCES'].includes(error.code) || first === 0 || port >= Math.min(first + 100, 65_535))
        throw error;
    }
  }
}

import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';

export interface FolderServer extends AsyncDisposable {
  readonly url: string; // ends with a slash
  readonly asked: string[]; // paths
}

/**
 * Serves the files below `root`, with ranges.
 * @param answer what is not a file: the bytes for a path, or undefined for 404
 */
export async function serveFolder(
  root: string,
  answer: (path: string) => Promise<Uint8Array | undefined> = async () => undefined,
): Promise<FolderServer> {
  const asked: string[] = [];
  const bytesOf = async (path: string): Promise<Uint8Array | undefined> => {
    const file = join(root, normalize(path));
    return (await answer(path)) ?? (existsSync(file) ? readFileSync(file) : undefined);
  };
  const server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '/').slice(1));
    asked.push(path);
    void bytesOf(path).then((bytes) => {
      if (!bytes) return response.writeHead(404).end();
      const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
      if (!range) return response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes);
      const [from, to] = [Number(range[1]), Math.min(Number(range[2]), bytes.length - 1)];
      if (from >= bytes.length) return response.writeHead(416, { 'Content-Range': `bytes */${bytes.length}` }).end();
      const headers = { 'Content-Range': `bytes ${from}-${to}/${bytes.length}`, ETag: `"${bytes.length}"` };
      return response.writeHead(206, headers).end(bytes.subarray(from, to + 1));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('The server has no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

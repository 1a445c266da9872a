import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rangeOf, serve } from './serve.mjs';

const BODY = '0123456789';
let folder: string;
let site: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'eosin-serve-'));
  const root = join(folder, 'site');
  mkdirSync(join(root, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'not for you');
  writeFileSync(join(root, 'index.html'), '<!doctype html>');
  writeFileSync(join(root, 'ten.bin'), BODY);
  writeFileSync(join(root, 'empty.txt'), '');
  writeFileSync(join(root, 'a b.wasm'), 'wasm');
  writeFileSync(join(root, 'assets', 'main-Ab12Cd34.js'), 'export {};');
  site = await serve({ root, prefix: '/deep/er/', isolation: true });
});
afterAll(async () => {
  await site.close();
  rmSync(folder, { recursive: true });
});

const get = (path: string, init?: RequestInit) => fetch(new URL(path, site.url), init);
const ranged = (range: string, more: Record<string, string> = {}) =>
  get('ten.bin', { headers: { Range: range, ...more } });

describe('a file', () => {
  test('has its type, its length and the headers that threads need', async () => {
    const page = await get('');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(page.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    expect((await get('a%20b.wasm')).headers.get('content-type')).toBe('application/wasm');
    expect(await (await get('empty.txt')).text()).toBe('');
  });
  test('is kept for ever where its name holds its hash, else asked for again by its ETag', async () => {
    expect((await get('assets/main-Ab12Cd34.js')).headers.get('cache-control')).toContain('immutable');
    const first = await get('ten.bin');
    expect(first.headers.get('cache-control')).toBe('no-cache');
    const again = await get('ten.bin', { headers: { 'If-None-Match': first.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
  });
  test('that is not there is a 404, in words and not the page', async () => {
    const missing = await get('assets/none.wasm');
    expect(missing.status).toBe(404);
    expect(missing.headers.get('content-type')).toContain('text/plain');
    expect((await fetch(new URL('/', site.url))).status).toBe(404); // outside the prefix
  });
  test('outside the folder is a 404, however it is spelled', async () => {
    // fetch would tidy these paths up: they go over a bare socket.
    for (const path of [
      '/deep/er/../../../secret.txt',
      '/deep/er/%2e%2e/secret.txt',
      '/deep/er/..%2fsecret.txt',
      '/deep/er/%00',
      '/deep/er/%E0%A4%A',
    ]) {
      const answer = await new Promise<string>((done, failed) => {
        const socket = connect(site.port, '127.0.0.1', () =>
          socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
        );
        let text = '';
        socket
          .on('data', (bytes) => (text += bytes))
          .on('end', () => done(text))
          .on('error', failed);
      });
      expect(answer, path).toMatch(/^HTTP\/1.1 404 /);
      expect(answer).not.toContain('not for you');
    }
  });
  test('is only read', async () => expect((await get('ten.bin', { method: 'POST' })).status).toBe(405));
  test('HEAD tells its length and sends nothing', async () => {
    const head = await get('ten.bin', { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe('10');
    expect(await head.text()).toBe('');
  });
});

describe('a byte range', () => {
  test.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
    ['bytes=-99', BODY, 'bytes 0-9/10'],
  ])('%s', async (range, body, contentRange) => {
    const part = await ranged(range);
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, body, contentRange]);
  });
  test('past the end is a 416 that tells the size', async () => {
    const beyond = await ranged('bytes=10-12');
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */10']);
  });
  test('that is not understood gives the whole file', async () => {
    for (const range of ['bytes=4-2', 'bytes=0-1,4-5', 'lines=1-2', 'bytes=-'])
      expect((await ranged(range)).status).toBe(200);
  });
  test('of another version gives the whole file', async () => {
    expect((await ranged('bytes=0-1', { 'If-Range': '"old"' })).status).toBe(200);
  });
  test('of nothing', () => {
    expect(rangeOf('bytes=0-', 0)).toBe('none');
    expect(rangeOf('bytes=-0', 5)).toBe('none');
  });
});

test('a slide host: CORS where asked for, whole files where asked for, and every request told', async () => {
  const seen: string[] = [];
  const root = join(folder, 'site');
  const open = await serve({
    root,
    cors: true,
    ranges: false,
    onRequest: ({ path, status }: { path: string; status: number }) => seen.push(`${status} ${path}`),
  });
  try {
    const whole = await fetch(new URL('ten.bin', open.url), { headers: { Range: 'bytes=0-1' } });
    expect([
      whole.status,
      whole.headers.get('accept-ranges'),
      whole.headers.get('access-control-allow-origin'),
    ]).toEqual([200, null, '*']);
    expect((await fetch(new URL('ten.bin', open.url), { method: 'OPTIONS' })).status).toBe(204);
    expect(seen).toEqual(['200 /ten.bin', '204 /ten.bin']);
  } finally {
    await open.close();
  }
  expect((await get('ten.bin')).headers.get('access-control-allow-origin')).toBeNull();
});

test('a taken port gives way to the next', async () => {
  const root = join(folder, 'site');
  const second = await serve({ root, port: site.port });
  expect(second.port).toBeGreaterThan(site.port);
  await second.close();
});

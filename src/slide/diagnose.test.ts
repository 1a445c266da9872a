// Servers that fail in each way, and what is told of it. CORS itself is the browser's: e2e/open-slides.spec.ts.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Check, type CheckId, diagnose, type Surroundings } from './diagnose.ts';
import { HOST_KINDS, hostLines } from './host-lines.ts';
import { openSlide } from './open.ts';
import { nodeDecoders } from './testing/decoders.ts';
import { serveDicomWeb } from './testing/dicomweb-server.ts';
import { serveFolder } from './testing/folder-server.ts';
import { type Misbehaviour, sendingWhole, serveRanges } from './testing/range-server.ts';
import { sharedFiles, sharedPath, testOn } from './testing/shared.ts';
import type { Fetch } from './url-source.ts';

const SLIDE = new Uint8Array(readFileSync(join(import.meta.dirname, 'testing/fixtures/jpeg-rgb.tif')));
const LARGE = new Uint8Array(300_000);
LARGE.set(SLIDE.subarray(0, 300_000));
const { signal } = new AbortController();
const waits = { signal };
const ORIGIN = 'https://eosin.example.org';

const around = (fetch: Fetch = globalThis.fetch, isolated = false): Surroundings => ({
  fetch,
  origin: ORIGIN,
  isolated,
  open: (url, { signal }) => openSlide(url, { signal, decoders: nodeDecoders, fetch }),
  now: () => performance.now(),
});

/** The address is http on this machine, which an https page may read. */
async function against(bytes: Uint8Array, instead?: Misbehaviour, fetch?: Fetch, isolated = false) {
  await using server = await serveRanges(() => bytes, instead);
  const found = await diagnose(server.url, around(fetch, isolated), waits);
  return { ...found, asked: server.asked.length, sent: server.sent() };
}

function failedOf({ ok, checks }: { ok: boolean; checks: readonly Check[] }): Check {
  expect(ok).toBe(false);
  const at = checks.findIndex(({ outcome }) => outcome === 'failed');
  expect(checks.slice(0, at).every(({ outcome }) => outcome === 'ok')).toBe(true);
  expect(checks.slice(at + 1).every(({ outcome }) => outcome === 'unknown')).toBe(true);
  const failed = checks[at];
  if (!failed?.todo) throw new Error('a check that failed says what to do');
  return failed;
}

test('a slide that opens passes every check', async () => {
  const { ok, checks, bytes } = await against(SLIDE);
  expect(checks.map(({ id, outcome }) => [id, outcome])).toEqual(
    (['address', 'reach', 'cors', 'file', 'range', 'encoding', 'type', 'content'] satisfies CheckId[]).map((id) => [
      id,
      'ok',
    ]),
  );
  expect(checks.at(-1)?.seen).toBe('TIFF, 150 × 110 px');
  expect([ok, bytes]).toEqual([true, SLIDE.length]);
});

test.each([
  ['http://[bad', 'address', /no address/],
  ['file:///home/me/slide.svs', 'address', /place on a disk/],
  ['https://me:secret@host/slide.svs', 'address', /user name or a password/],
  ['ftp://host/slide.svs', 'address', /begins with ftp:/],
  ['http://slides.example.org/slide.svs', 'address', /http, and this page is https/],
] as const)('%s', async (url, id, seen) => {
  const failed = failedOf(await diagnose(url, around(), waits));
  expect(failed.id).toBe(id);
  expect(failed.seen).toMatch(seen);
});

test('a host that is not there; with isolation, what cannot be known is said', async () => {
  const gone = await serveRanges(() => SLIDE);
  await gone[Symbol.asyncDispose]();
  const plain = failedOf(await diagnose(gone.url, around(), waits));
  expect([plain.id, plain.seen]).toEqual(['reach', expect.stringContaining('was not reached')]);
  const isolated = failedOf(await diagnose(gone.url, around(globalThis.fetch, true), waits));
  expect([isolated.id, isolated.seen]).toEqual(['reach', expect.stringMatching(/not reached, or .*\(CORS\)/)]);
});

test('a host that answers, but not to this page', async () => {
  const keeping: Fetch = async (_input, init) => {
    if (init?.mode === 'no-cors') return new Response(null, { status: 200 });
    throw new TypeError('Failed to fetch');
  };
  const failed = failedOf(await against(SLIDE, undefined, keeping));
  expect(failed.id).toBe('cors');
  expect(failed.seen).toContain('Access-Control-Allow-Origin is missing');
  expect(failed.todo).toContain(ORIGIN);
});

test.each([
  [404, /no such file/],
  [403, /may not have it/],
  [500, /answered 500/],
])('a host that answers %i', async (status, seen) => {
  const failed = failedOf(
    await against(SLIDE, (_ask, _request, response) => {
      response.writeHead(status).end('<html>no</html>');
      return true;
    }),
  );
  expect([failed.id, failed.seen]).toEqual(['file', expect.stringMatching(seen)]);
});

test('a host that sends whole files is stopped after the first kilobytes, and the size told', async () => {
  const size = 64 * 2 ** 20;
  const { instead, written, sending } = sendingWhole(size);
  await using server = await serveRanges(() => SLIDE, instead);
  const found = await diagnose(server.url, around(), waits);
  const failed = failedOf(found);
  expect([failed.id, failed.seen]).toEqual(['range', expect.stringContaining('67.1 MB')]);
  expect(found.bytes).toBe(size);
  await expect.poll(sending).toBe(0);
  expect(written()).toBeLessThan(2 ** 20);
});

test('a host that compresses', async () => {
  const packed = gzipSync(LARGE);
  const failed = failedOf(
    await against(LARGE, ({ method }, _request, response) => {
      response.writeHead(206, {
        'Content-Encoding': 'gzip',
        'Content-Length': packed.length,
        'Content-Range': `bytes 0-${packed.length - 1}/${packed.length}`,
      });
      response.end(method === 'HEAD' ? undefined : packed);
      return true;
    }),
  );
  expect(failed.id).toBe('encoding');
  expect(failed.seen).toContain('gzip');
});

test('a host that answers parts with other parts, or wraps them', async () => {
  for (const [headers, seen] of [
    [{ 'Content-Range': 'bytes 5-9/300000' }, /bytes from 5 on/],
    [{ 'Content-Type': 'multipart/byteranges; boundary=x' }, /multipart\/byteranges/],
  ] as const) {
    const failed = failedOf(
      await against(LARGE, (_ask, _request, response) => {
        response.writeHead(206, headers).end('12345');
        return true;
      }),
    );
    expect([failed.id, failed.seen]).toEqual(['range', expect.stringMatching(seen)]);
  }
});

test('a host that refuses HEAD, as it does of an address that is signed for GET, is not taken for one that compresses', async () => {
  const hiding: Fetch = async (...asked) => {
    const response = await fetch(...asked);
    const headers = new Headers(response.headers);
    headers.delete('Content-Range'); // not exposed
    return new Response(response.body, { status: response.status, headers });
  };
  const found = await against(
    SLIDE,
    ({ method, from }, _request, response) => {
      if (method === 'HEAD') response.writeHead(403, { 'Content-Length': 243 }).end();
      else if (from < 0) response.writeHead(200, { 'Content-Length': SLIDE.length }).end(SLIDE);
      return method === 'HEAD' || from < 0;
    },
    hiding,
  );
  expect([found.ok, found.bytes]).toEqual([true, SLIDE.length]);
});

test('a web page, a pointer of Git LFS, another file, a slide cut short', async () => {
  const page = new TextEncoder().encode('<!doctype html><title>Sign in</title>');
  const asHtml: Misbehaviour = (_ask, _request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(page);
    return true;
  };
  expect(failedOf(await against(page, asHtml))).toMatchObject({ id: 'type', seen: expect.stringContaining('login') });
  const text = (said: string): Uint8Array => new TextEncoder().encode(said);
  for (const [bytes, seen] of [
    [text('version https://git-lfs.github.com/spec/v1\noid sha256:12'), /pointer of Git LFS/],
    [text('Dear colleague'), /not a slide/],
    [SLIDE.subarray(0, 2000), /cut short|needed/],
  ] as const) {
    expect(failedOf(await against(bytes))).toMatchObject({ id: 'content', seen: expect.stringMatching(seen) });
  }
});

test('an abort rejects with the reason', async () => {
  await using server = await serveRanges(
    () => SLIDE,
    () => true,
  );
  const controller = new AbortController();
  const diagnosing = diagnose(server.url, around(), { signal: controller.signal });
  setTimeout(() => controller.abort(new Error('enough')), 30);
  await expect(diagnosing).rejects.toThrow('enough');
});

test('every kind of host has lines for every need, and those for reading name the page', () => {
  for (const kind of HOST_KINDS) {
    for (const need of ['cors', 'range', 'encoding'] as const) {
      const { lines, where } = hostLines(kind, need, ORIGIN);
      expect(lines).toMatch(/\S/);
      expect(where).toMatch(/\.$/);
      if (need === 'cors' && kind !== 'GitHub Pages') expect(lines).toContain(ORIGIN);
    }
  }
  expect(JSON.parse(hostLines('S3', 'cors', ORIGIN).lines)).toHaveLength(1);
});

describe('slides that are many files', () => {
  const told = async (url: string, fetch: Fetch = globalThis.fetch) => diagnose(url, around(fetch), waits);

  testOn(
    'derived/cmu-crop.ome.zarr',
    'OME-Zarr: its description is asked for, and a tile; parts are not needed',
    async () => {
      await using server = await serveFolder(sharedPath('derived'));
      const { ok, checks, bytes } = await told(`${server.url}cmu-crop.ome.zarr`);
      expect([ok, bytes]).toEqual([true, undefined]);
      expect(checks.find(({ id }) => id === 'range')?.seen).toBe('not needed: OME-Zarr comes in small files');
      expect(checks.at(-1)?.seen).toBe('OME-Zarr, 1024 × 1024 px');
      expect(server.asked[0]).toBe('cmu-crop.ome.zarr/.zattrs');
      const gone = failedOf(await told(`${server.url}gone.ome.zarr`));
      expect(gone).toMatchObject({ id: 'file', seen: expect.stringContaining('404') });
    },
  );
  test('OME-Zarr 0.5 is found by its other file', async () => {
    await using server = await serveFolder(join(import.meta.dirname, 'testing/fixtures'));
    expect((await told(`${server.url}two-channels.ome.zarr/`)).ok).toBe(true);
  });

  testOn('derived/cmu.dzi', 'Deep Zoom: tiles that are not there, and tiles that the page may not read', async () => {
    await using server = await serveFolder(sharedPath('derived'));
    expect((await told(`${server.url}cmu.dzi`)).checks.at(-1)?.seen).toBe('Deep Zoom, 2220 × 2967 px');
    await using alone = await serveFolder(join(import.meta.dirname, 'testing'), async (path) =>
      path === 'cmu.dzi' ? new Uint8Array(readFileSync(sharedPath('derived/cmu.dzi'))) : undefined,
    );
    expect(failedOf(await told(`${alone.url}cmu.dzi`))).toMatchObject({
      id: 'content',
      seen: expect.stringMatching(/opens .* its tiles do not come: .* is not there/),
      need: undefined,
    });
    const keeping: Fetch = async (input, init) => {
      if (String(input).includes('_files/')) throw new TypeError('Failed to fetch');
      return fetch(input, init);
    };
    const failed = failedOf(await told(`${server.url}cmu.dzi`, keeping));
    expect(failed).toMatchObject({ id: 'content', need: 'cors', todo: expect.stringContaining('with every tile') });
  });

  test('IIIF: a description whose pictures do not come', async () => {
    const info = { '@context': 'http://iiif.io/api/image/3/context.json', width: 300, height: 200 };
    await using server = await serveFolder(import.meta.dirname, async (path) =>
      path === 'a/info.json' ? new TextEncoder().encode(JSON.stringify(info)) : undefined,
    );
    expect(failedOf(await told(`${server.url}a/info.json`))).toMatchObject({
      id: 'content',
      seen: expect.stringContaining('IIIF, 300 × 200 px'),
    });
  });

  testOn('dicom-cmu-1-small-region', 'DICOMweb: a series, a viewer, frames that need asking beforehand', async () => {
    const files = await Promise.all(
      sharedFiles('dicom-cmu-1-small-region').map(async (file) => new Uint8Array(await file.arrayBuffer())),
    );
    await using server = await serveDicomWeb(files);
    for (const url of [server.series, server.study]) {
      const { ok, checks } = await told(url);
      expect([ok, checks.at(-1)?.seen]).toEqual([true, 'DICOM WSI, 2220 × 2967 px']);
    }
    expect(failedOf(await told(`${server.root}studies/1.2/series/3.4`))).toMatchObject({ id: 'file' });
    await using viewer = await serveDicomWeb(files, {
      instead: (_path, response) => {
        response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Viewer</title>');
        return true;
      },
    });
    expect(failedOf(await told(viewer.series))).toMatchObject({
      id: 'type',
      todo: expect.stringContaining('address of a viewer'),
    });
    const unasked: Fetch = async (input, init) => {
      if (String(input).includes('/frames/')) throw new TypeError('Failed to fetch'); // as a refused OPTIONS ends
      return fetch(input, init);
    };
    expect(failedOf(await told(server.series, unasked))).toMatchObject({
      id: 'content',
      need: 'cors',
      todo: expect.stringMatching(/OPTIONS.*Accept/),
    });
  });
});

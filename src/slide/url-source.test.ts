import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Failure } from '#errors/failure.ts';
import { FIRST_BYTES } from './byte-source.ts';
import { type Header, packed, unpacked } from './header-memory.ts';
import { type RangeServer, sendingWhole, serveRanges } from './testing/range-server.ts';
import { openUrlSource } from './url-source.ts';

const SIZE = 1_000_000;
const file = Uint8Array.from({ length: SIZE }, (_, i) => (i * 7 + (i >> 8)) & 255);
type Bytes = Uint8Array<ArrayBuffer>;

const { signal } = new AbortController();
const waits = { signal };

const failureOf = (attempt: Promise<unknown>): Promise<Failure | undefined> =>
  attempt.then(
    () => undefined,
    (thrown) => thrown.failure ?? thrown,
  );

/** How often each byte was asked for, the most of all. */
function mostAsked(server: RangeServer): number {
  const times = new Uint8Array(SIZE);
  for (const { from, to } of server.asked)
    for (let i = from; i <= Math.min(to, SIZE - 1); i++) times[i] = (times[i] ?? 0) + 1;
  return Math.max(...new Set(times));
}

describe('reading', () => {
  test('gives the bytes asked for, across blocks and up to the end', async () => {
    await using server = await serveRanges(() => file);
    const source = await openUrlSource(server.url, waits);
    expect([source.name, source.size]).toEqual(['a slide.svs', SIZE]);
    for (const [offset, length] of [
      [0, 10],
      [FIRST_BYTES - 3, 6],
      [500_000, 200_000],
      [SIZE - 1, 1],
      [5, 0],
    ] as const) {
      expect(await source.read(offset, length, waits)).toEqual(file.slice(offset, offset + length));
    }
  });

  test('asks for neighbours together and for no byte twice', async () => {
    await using server = await serveRanges(() => file);
    const source = await openUrlSource(server.url, waits);
    const reads = Array.from({ length: 50 }, (_, i) => source.read(i * 15_000, 15_000, waits));
    await Promise.all([...reads, ...reads.map((_, i) => source.read(i * 15_000 + 5, 9_000, waits))]);
    await source.read(0, 700_000, waits);
    expect(server.asked).toHaveLength(2); // the first bytes, then all the others in one
    expect(mostAsked(server)).toBe(1);
  });

  test('keeps within its budget, and then fetches again', async () => {
    await using server = await serveRanges(() => file);
    const source = await openUrlSource(server.url, waits, { budgetBytes: 2 * FIRST_BYTES });
    await source.read(0, SIZE, waits);
    await source.read(0, 10, waits);
    expect(mostAsked(server)).toBe(2);
  });

  test('what was broken on its way is fetched anew once it is forgotten, and nothing else is', async () => {
    let broken = true;
    await using server = await serveRanges(() => (broken ? file.map((byte, i) => (i > 0 ? byte ^ 1 : byte)) : file));
    const source = await openUrlSource(server.url, waits);
    const [offset, length] = [5 * FIRST_BYTES + 9, 1000];
    expect(await source.read(offset, length, waits)).not.toEqual(file.slice(offset, offset + length));
    await source.read(7 * FIRST_BYTES, 10, waits);
    broken = false;
    expect(await source.read(offset, length, waits)).not.toEqual(file.slice(offset, offset + length));
    source.forget?.(offset, length);
    expect(await source.read(offset, length, waits)).toEqual(file.slice(offset, offset + length));
    await source.read(7 * FIRST_BYTES, 10, waits);
    expect(server.asked).toHaveLength(4); // the head, two pieces, one of them again
  });

  test('a range beyond the end is refused without asking', async () => {
    await using server = await serveRanges(() => file);
    const source = await openUrlSource(server.url, waits);
    expect(await failureOf(source.read(SIZE - 5, 10, waits))).toMatchObject({
      tag: 'CorruptSlide',
      reason: expect.stringContaining('5 more bytes'),
    });
    expect(await failureOf(source.read(2 ** 60, 10, waits))).toMatchObject({ tag: 'CorruptSlide' });
    expect(server.asked).toHaveLength(1);
  });

  test('the size comes from HEAD where Content-Range is hidden from this page', async () => {
    await using server = await serveRanges(() => file);
    const source = await openUrlSource(server.url, waits, { fetch: without('Content-Range', 'ETag') });
    expect(source.size).toBe(SIZE);
    expect(await source.read(300_000, 5, waits)).toEqual(file.slice(300_000, 300_005));
  });
});

describe('addresses as they are met', () => {
  test('redirects are followed, each part by its own, and the query goes along as it was given', async () => {
    const seen: string[] = [];
    await using store = await serveRanges(
      () => file,
      (_ask, { url = '' }) => {
        seen.push(url);
        return false;
      },
    );
    await using server = await serveRanges(
      () => file,
      (_ask, _request, response) => {
        response.writeHead(302, { Location: `${store.url}?X-Amz-Signature=a%2Fb&X-Amz-Expires=60` }).end();
        return true;
      },
    );
    const source = await openUrlSource(`${server.url}?download=1`, waits);
    expect([source.name, source.size]).toEqual(['a slide.svs', SIZE]);
    expect(await source.read(500_000, 9, waits)).toEqual(file.slice(500_000, 500_009));
    expect(server.asked).toHaveLength(2);
    expect(new Set(seen)).toEqual(new Set(['/folder/a%20slide.svs?X-Amz-Signature=a%2Fb&X-Amz-Expires=60']));
  });

  test('an address that is signed for GET alone: HEAD is refused, and the size told nonetheless', async () => {
    await using server = await serveRanges(
      () => file,
      ({ method, from }, _request, response) => {
        if (method === 'HEAD') response.writeHead(403, { 'Content-Length': 243 }).end();
        else if (from < 0) response.writeHead(200, { 'Content-Length': SIZE }).write(file.subarray(0, 100));
        return method === 'HEAD' || from < 0;
      },
    );
    const source = await openUrlSource(server.url, waits, { fetch: without('Content-Range', 'ETag') });
    expect(source.size).toBe(SIZE);
    expect(await source.read(300_000, 5, waits)).toEqual(file.slice(300_000, 300_005));
  });

  test('a host that lets this page use GET alone: the browser keeps what HEAD brought, and the size is told nonetheless', async () => {
    await using server = await serveRanges(
      () => file,
      ({ from }, _request, response) => {
        if (from < 0) response.writeHead(200, { 'Content-Length': SIZE }).write(file.subarray(0, 100));
        return from < 0;
      },
    );
    const shown = without('Content-Range', 'ETag');
    const alone: typeof fetch = async (url, init) => {
      if (init?.method === 'HEAD') throw new TypeError('Failed to fetch');
      return shown(url, init);
    };
    expect((await openUrlSource(server.url, waits, { fetch: alone })).size).toBe(SIZE);
  });

  test('an ETag that a cache between calls weak is the same ETag', async () => {
    let times = 0;
    await using server = await serveRanges(() => file);
    const between: typeof fetch = async (...asked) => {
      const response = await fetch(...asked);
      const headers = new Headers(response.headers);
      if (times++ > 0) headers.set('ETag', `W/${headers.get('ETag')}`);
      return new Response(response.body, { status: response.status, headers });
    };
    const source = await openUrlSource(server.url, waits, { fetch: between });
    for (const offset of [300_000, 600_000])
      expect(await source.read(offset, 5, waits)).toEqual(file.slice(offset, offset + 5));
  });
});

/** A fetch whose answers lack these headers, as those of a host that does not expose them. */
const without =
  (...names: readonly string[]): typeof fetch =>
  async (...asked) => {
    const response = await fetch(...asked);
    const headers = new Headers(response.headers);
    for (const name of names) headers.delete(name);
    return new Response(response.body, { status: response.status, headers });
  };

describe('servers that do not play along', () => {
  test('one that sends whole files is stopped at once, and its size told', async () => {
    const size = 64 * 2 ** 20;
    const { instead, written, sending } = sendingWhole(size);
    await using server = await serveRanges(() => file, instead);
    expect(await failureOf(openUrlSource(server.url, waits))).toEqual({
      tag: 'NoRanges',
      url: server.url,
      bytes: size,
    });
    await expect.poll(sending).toBe(0);
    expect(written()).toBeLessThan(2 ** 20);
  });

  test('a file smaller than the first bytes needs no ranges', async () => {
    await using server = await serveRanges(
      () => file,
      (_ask, _request, response) => {
        response.writeHead(200).end('short');
        return true;
      },
    );
    const source = await openUrlSource(server.url, waits);
    expect(new TextDecoder().decode(await source.read(0, source.size, waits))).toBe('short');
  });

  const range = (from: number, to: number) => ({ 'Content-Range': `bytes ${from}-${to}/${SIZE}` });
  test.each([
    [
      'other bytes than asked for',
      () => range(0, 4095),
      (part: Bytes) => part,
      /bytes from 0 on where those from \d+ on were/,
    ],
    ['more bytes', range, (part: Bytes) => Buffer.concat([part, part]), /more than the 4096 bytes asked for$/],
    ['fewer bytes', range, (part: Bytes) => part.subarray(0, 3), /3 of 4096 bytes$/],
    [
      'bytes that it compresses',
      (from: number, to: number) => ({ ...range(from, to), 'Content-Encoding': 'gzip' }),
      (part: Bytes) => gzipSync(part.subarray(0, 3)),
      /3 of 4096 bytes: it compresses them \(Content-Encoding: gzip\)/,
    ],
    [
      'parts in parts',
      () => ({ 'Content-Type': 'multipart/byteranges; boundary=x' }),
      (part: Bytes) => Buffer.concat([Buffer.from('--x\r\n\r\n'), part, Buffer.from('\r\n--x--')]),
      /multipart/,
    ],
  ] as const)('one that sends %s: none of them passes for the file', async (_what, headers, body, reason) => {
    await using server = await serveRanges(
      () => file,
      ({ from, to }, _request, response) => {
        if (from > 0) response.writeHead(206, headers(from, to)).end(body(file.subarray(from, to + 1)));
        return from > 0;
      },
    );
    const source = await openUrlSource(server.url, waits);
    const failure = await failureOf(source.read(500_000, 5, waits));
    expect(failure).toMatchObject({ tag: 'Unreachable', reason: expect.stringMatching(reason) });
  });

  test('one that compresses the whole file, and sends parts of that: not opened at a wrong size', async () => {
    const packed = gzipSync(new Uint8Array(3_000_000).fill(7));
    await using server = await serveRanges(
      () => file,
      (_ask, _request, response) => {
        const headers = {
          'Content-Encoding': 'gzip',
          'Content-Range': `bytes 0-${packed.length - 1}/${packed.length}`,
        };
        response.writeHead(206, headers).end(packed);
        return true;
      },
    );
    expect(await failureOf(openUrlSource(server.url, waits))).toMatchObject({
      tag: 'Unreachable',
      reason: expect.stringContaining('Content-Encoding: gzip'),
    });
  });

  test('an empty file has size 0', async () => {
    await using server = await serveRanges(() => new Uint8Array(0));
    expect((await openUrlSource(server.url, waits)).size).toBe(0);
  });

  test('404 and 403 are told with their status', async () => {
    for (const status of [404, 403]) {
      await using server = await serveRanges(
        () => file,
        (_ask, _request, response) => {
          response.writeHead(status).end('<html>no</html>');
          return true;
        },
      );
      expect(await failureOf(openUrlSource(server.url, waits))).toEqual({ tag: 'NotFound', url: server.url, status });
    }
  });

  test('no server at all, and one that hangs up', async () => {
    const gone = await serveRanges(() => file);
    await gone[Symbol.asyncDispose]();
    expect(await failureOf(openUrlSource(gone.url, waits))).toMatchObject({ tag: 'Unreachable', url: gone.url });
    await using server = await serveRanges(
      () => file,
      ({ from }, request) => {
        if (from > 0) request.socket.destroy();
        return from > 0;
      },
    );
    const source = await openUrlSource(server.url, waits);
    expect(await failureOf(source.read(500_000, 5, waits))).toMatchObject({ tag: 'Unreachable' });
  });

  const grown = Uint8Array.from([...file, 7]);
  test('a file that is replaced, cut or grows while it is read is noticed, by its size and by its ETag', async () => {
    const cut = file.slice(0, 400_000); // 416: what is asked for lies behind its end
    for (const other of [file.slice(0, SIZE - 1), cut, grown, Uint8Array.from(file, (byte) => byte ^ 1)]) {
      let now = file;
      await using server = await serveRanges(() => now);
      const source = await openUrlSource(server.url, waits);
      now = other;
      expect(await failureOf(source.read(500_000, 5, waits))).toEqual({ tag: 'SlideChanged', name: 'a slide.svs' });
    }
  });
});

test('a header that is kept comes back as it was, and what was cut short does not come back', async () => {
  const header: Header = {
    size: SIZE,
    version: '"1"',
    parts: [
      { offset: 0, bytes: file.slice(0, 10) },
      { offset: 500_000, bytes: file.slice(500_000, 500_300) },
    ],
  };
  const bytes = new Uint8Array(await packed(header).arrayBuffer());
  expect(unpacked(bytes)).toEqual(header);
  for (const length of [0, 3, 20, bytes.length - 1]) expect(unpacked(bytes.slice(0, length))).toBeUndefined();
});

describe('aborting', () => {
  const stalled = () =>
    serveRanges(
      () => file,
      ({ from }) => from > 0, // accepted and never answered
    );

  test('rejects with the reason and hangs up', async () => {
    let closed = 0;
    await using server = await serveRanges(
      () => file,
      ({ from }, request) => {
        if (from > 0) request.socket.once('close', () => closed++);
        return from > 0;
      },
    );
    const source = await openUrlSource(server.url, waits);
    const controller = new AbortController();
    const read = source.read(500_000, 5, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 50);
    await expect(read).rejects.toThrow('enough');
    await expect.poll(() => closed).toBe(1);
  });

  test('opening can be aborted while the first bytes are awaited', async () => {
    await using server = await serveRanges(
      () => file,
      (_ask, _request, response) => {
        response.writeHead(206, { 'Content-Range': `bytes 0-65535/${SIZE}` }).write('the rest never comes');
        return true;
      },
    );
    const controller = new AbortController();
    const opening = openUrlSource(server.url, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 50);
    await expect(opening).rejects.toThrow('enough');
  });

  test('bytes that somebody else still waits for go on', async () => {
    let answer: (() => void) | undefined;
    await using server = await serveRanges(
      () => file,
      ({ from, to }, _request, response) => {
        if (from <= 0) return false;
        answer = () =>
          response.writeHead(206, { 'Content-Range': `bytes ${from}-${to}/${SIZE}` }).end(file.subarray(from, to + 1));
        return true;
      },
    );
    const source = await openUrlSource(server.url, waits);
    const controller = new AbortController();
    const first = source.read(500_000, 5, { signal: controller.signal });
    const second = source.read(500_001, 5, waits);
    await expect.poll(() => answer).toBeDefined();
    controller.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    answer?.();
    expect(await second).toEqual(file.slice(500_001, 500_006));
    expect(server.asked).toHaveLength(2);
  });

  /** Sends the first 1000 bytes of the second part that is asked for, and no more; whole parts after that. */
  const halting = (headers: (from: number, to: number) => Record<string, string | number>, hangsUp: boolean) => {
    let halted = false;
    return serveRanges(
      () => file,
      ({ from, to }, _request, response) => {
        if (from <= 0 || halted) return false;
        halted = true;
        response.writeHead(206, headers(from, to)).write(file.subarray(from, from + 1000), () => {
          if (hangsUp) setTimeout(() => response.destroy(), 50);
        });
        return true;
      },
    );
  };
  const sized = (from: number, to: number) => ({
    'Content-Range': `bytes ${from}-${to}/${SIZE}`,
    'Content-Length': to - from + 1,
  });
  const later = async (server: RangeServer): Promise<readonly (readonly [number, number])[]> => {
    const source = await openUrlSource(server.url, waits);
    const controller = new AbortController();
    const read = source.read(500_000, 5000, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 200);
    await expect(read).rejects.toThrow();
    expect(await source.read(500_000, 5000, waits)).toEqual(file.slice(500_000, 505_000));
    return server.asked.slice(1).map(({ from, to }) => [from, to]);
  };

  test.each([
    ['is given up', false],
    ['breaks off', true],
  ])('what had come of an answer that %s is not asked for again', async (_what, hangsUp) => {
    await using server = await halting(sized, hangsUp);
    expect(await later(server)).toEqual([
      [500_000, 504_999],
      [501_000, 504_999],
    ]);
  });

  test.each([
    ['no length', (from: number, to: number) => ({ 'Content-Range': sized(from, to)['Content-Range'] })],
    ['another length', (from: number, to: number) => ({ ...sized(from, to), 'Content-Length': SIZE })],
    ['bytes from elsewhere', (from: number, to: number) => ({ ...sized(from, to), 'Content-Range': 'bytes 0-4999/*' })],
  ])('what had come of an answer that announces %s is not taken for the file', async (_what, headers) => {
    await using server = await halting(headers, false);
    expect(await later(server)).toEqual(Array(2).fill([500_000, 504_999]));
  });

  test('the next call after an abort starts anew', async () => {
    await using server = await stalled();
    const source = await openUrlSource(server.url, waits);
    const controller = new AbortController();
    const first = source.read(500_000, 5, { signal: controller.signal });
    await expect.poll(() => server.asked.length).toBe(2);
    controller.abort(new Error('enough'));
    await expect(first).rejects.toThrow('enough');
    const again = new AbortController();
    const second = source.read(500_000, 5, { signal: again.signal });
    await expect.poll(() => server.asked.length).toBe(3);
    again.abort(new Error('done'));
    await expect(second).rejects.toThrow('done');
  });
});

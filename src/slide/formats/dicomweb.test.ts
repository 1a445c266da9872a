// Slides of DICOMweb servers: servers of several manners give the pixels of the files, and bad ones end in a sentence.
import { setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { webAddressOf } from '../dicom/web-address.ts';
import { openSlide, type SlideSource } from '../open.ts';
import { readRegion } from '../region.ts';
import type { Pixels, Slide, TileAt } from '../slide.ts';
import { nodeDecoders } from '../testing/decoders.ts';
import { storedInstance } from '../testing/dicom-files.ts';
import { type Behaviour, type Manners, multipart, serveDicomWeb } from '../testing/dicomweb-server.ts';
import { largestDifference } from '../testing/pixels.ts';
import { sharedFile, sharedFiles, testOn } from '../testing/shared.ts';

const { signal } = new AbortController();
setMaxListeners(500, signal);
const open = (from: SlideSource, patienceMs?: number): Promise<Slide> =>
  openSlide(from, { signal, decoders: nodeDecoders, ...(patienceMs !== undefined && { patienceMs }) });
const wholeOf = (slide: Slide, level: number): Promise<Pixels> => {
  const { widthPx = 0, heightPx = 0, downsample = 1 } = slide.levels[level] ?? {};
  const rect = { x: 0, y: 0, width: widthPx * downsample, height: heightPx * downsample };
  return readRegion(slide, rect, downsample, { signal });
};
const bytesOf = async (file: File): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer());
const FOLDER = 'dicom-cmu-1-small-region';
const filesOf = (): Promise<Uint8Array[]> => Promise.all(sharedFiles(FOLDER).map(bytesOf));
const frameRequests = (asked: readonly { path: string }[]): string[] =>
  asked.flatMap(({ path }) => (path.includes('/frames/') ? [path] : []));

/** The first tiles of level 0, row by row. */
const tilesOf = (columns: number, count: number): TileAt[] =>
  Array.from({ length: count }, (_, i) => ({ level: 0, col: i % columns, row: Math.floor(i / columns) }));

test.each([
  ['https://host/dicom-web/studies/1.2/series/3.4', 'series', ''],
  ['https://host/a/b/proxy/series/3.4.5/', 'series', ''],
  ['https://host/studies/1.2/series/3.4/metadata?key=a', 'series', '?key=a'],
  ['https://host/studies/1.2.3', 'study', ''],
  ['https://host/studies/1.2/series/3.4/instances/5.6#x', 'instance', ''],
])('%s is an address of DICOMweb', (url, of, query) => {
  expect(webAddressOf(url)).toMatchObject({ of, query, url: expect.not.stringMatching(/[/?#]$|metadata/) });
});
test.each(['https://host/series/12', 'https://host/studies/1.2/slide.svs', 'https://host/1.2.3.dcm', 'phantom:1.2'])(
  '%s is none',
  (url) => expect(webAddressOf(url)).toBeUndefined(),
);

describe('the server of these tests answers as PS3.18 has it', () => {
  testOn('camelyon-jpeg2000.dcm', 'parts, boundaries, types', async (file) => {
    await using server = await serveDicomWeb([await bytesOf(file)]);
    const metadata = await fetch(`${server.series}/metadata`);
    expect(metadata.headers.get('Content-Type')).toBe('application/dicom+json');
    const [model] = await metadata.json();
    expect(model['00480006']).toEqual({ vr: 'UL', Value: [1696] });
    expect(model['00280010']).toEqual({ vr: 'US', Value: [256] });
    expect(model['7FE00010']).toBeUndefined();
    const url = `${server.series}/instances/${server.instances[0]?.uid}/frames/1,3`;
    const accept = 'multipart/related; type="image/jp2"; transfer-syntax=1.2.840.10008.1.2.4.90';
    const frames = await fetch(url, { headers: { Accept: accept } });
    expect(frames.headers.get('Content-Type')).toBe('multipart/related; type="image/jp2"; boundary=eosin-7f3a');
    const text = Buffer.from(await frames.arrayBuffer()).toString('latin1');
    expect(text.startsWith('--eosin-7f3a\r\n')).toBe(true);
    expect(text.endsWith('\r\n--eosin-7f3a--\r\n')).toBe(true);
    const parts = text.split('\r\n--eosin-7f3a').length - 1;
    expect(parts).toBe(2);
    expect(text).toContain('Content-Type: image/jp2; transfer-syntax=1.2.840.10008.1.2.4.90\r\n');
    expect((await fetch(url, { headers: { Accept: 'multipart/related; type="image/png"' } })).status).toBe(406);
  });
});

describe('pixels are those of the files', () => {
  for (const manners of ['standard', 'any-syntax', 'picky', 'plain'] satisfies Manners[]) {
    for (const syntaxUnsaid of [false, true]) {
      const how = `${manners}${syntaxUnsaid ? ', and does not say how it stores' : ''}`;
      testOn(FOLDER, `twelve instances of a server that is ${how}`, async () => {
        if (manners === 'picky' && syntaxUnsaid) return; // takes its own type only, and tells nobody
        await using server = await serveDicomWeb(await filesOf(), { manners, syntaxUnsaid });
        using files = await open(sharedFiles(FOLDER));
        using web = await open(server.series);
        expect(web).toMatchObject({
          format: 'DICOM WSI',
          vendor: 'dicom',
          mpp: files.mpp,
          levels: files.levels,
          associated: files.associated,
          properties: files.properties,
        });
        for (const level of [0, 2, 11])
          expect(largestDifference(await wholeOf(web, level), await wholeOf(files, level))).toBe(0);
        expect(server.asked.every(({ headers }) => !('cookie' in headers) && !('authorization' in headers))).toBe(true);
        const accepts = new Set(server.asked.slice(-3).map(({ accept }) => accept));
        expect(accepts.size).toBe(1); // what was agreed stays
      });
    }
  }

  for (const name of [
    'camelyon-jpeg2000.dcm',
    'highdicom-sm-image.dcm',
    'derived/cmu-level1-tiled-sparse.dcm',
    'pathml-small-dicom.dcm',
  ]) {
    testOn(name, 'JPEG 2000, bare samples, sparse, in no order told', async (file) => {
      await using server = await serveDicomWeb([await bytesOf(file)]);
      using local = await open(file);
      using web = await open(server.series);
      expect(web).toMatchObject({ mpp: local.mpp, levels: local.levels, objective: local.objective });
      expect(largestDifference(await wholeOf(web, 0), await wholeOf(local, 0))).toBe(0);
    });
  }

  testOn(FOLDER, 'a study of one slide, an instance by itself, a proxy with a key', async () => {
    await using server = await serveDicomWeb(await filesOf(), { prefix: 'a/proxy/' });
    using series = await open(server.series);
    using study = await open(`${server.study}?key=abc`);
    expect(study.levels).toEqual(series.levels);
    expect(await study.fingerprint({ signal })).toBe(await series.fingerprint({ signal }));
    await wholeOf(study, 11);
    expect(server.asked.at(-1)?.path).toMatch(/\?key=abc$/);
    expect(server.asked.some(({ path }) => path.endsWith('series?key=abc&Modality=SM'))).toBe(true);
    const [first] = server.instances;
    using one = await open(`${server.series}/instances/${first?.uid}`);
    expect(one.levels).toHaveLength(1);
    expect((await wholeOf(one, 0)).width).toBe(one.levels[0]?.widthPx);
  });

  testOn(FOLDER, 'a server without searches; a study of two slides; one of none', async () => {
    const files = await filesOf();
    const none: Behaviour['instead'] = (path, response) => {
      if (!path.endsWith('/series')) return false;
      response.writeHead(501).end();
      return true;
    };
    await using server = await serveDicomWeb(files, { instead: none });
    using slide = await open(server.study);
    expect(slide.levels).toHaveLength(12);
    const listing =
      (rows: readonly unknown[]): Behaviour['instead'] =>
      (path, response) => {
        if (!path.endsWith('/series')) return false;
        response.writeHead(rows.length === 0 ? 204 : 200).end(rows.length === 0 ? undefined : JSON.stringify(rows));
        return true;
      };
    const row = (uid: string) => ({ '0020000E': { vr: 'UI', Value: [uid] } });
    await using two = await serveDicomWeb(files, { instead: listing([row('1.2'), row('1.3')]) });
    await expect(open(two.study)).rejects.toMatchObject({
      failure: { tag: 'BadInput', seen: 'it holds 2 slides', todo: expect.stringContaining('/series/1.2') },
    });
    await using empty = await serveDicomWeb(files, { instead: listing([]) });
    await expect(open(empty.study)).rejects.toMatchObject({ failure: { tag: 'BadInput' } });
  });
});

testOn(FOLDER, 'a view takes few requests, and what is not wanted any more is not waited for', async () => {
  await using server = await serveDicomWeb(await filesOf());
  using slide = await open(server.series);
  await wholeOf(slide, 11); // the server and this reader have agreed
  server.asked.length = 0;
  const all = (): Promise<unknown> => Promise.all(tilesOf(5, 30).map((at) => slide.readTile(at, { signal })));
  await all();
  const lists = frameRequests(server.asked);
  expect(lists.length).toBeLessThanOrEqual(6);
  const numbers = lists.flatMap((path) =>
    path
      .slice(path.lastIndexOf('/') + 1)
      .split(',')
      .map(Number),
  );
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1)); // each once
  await all();
  expect(frameRequests(server.asked)).toHaveLength(lists.length); // kept

  using other = await open(server.series);
  const going = new AbortController();
  const reading = [0, 1, 2, 3].map((col) => other.readTile({ level: 0, col, row: 0 }, going));
  going.abort(new Error('enough'));
  for (const each of reading) await expect(each).rejects.toThrow('enough');
});

testOn(FOLDER, 'a profile that the server keeps apart is fetched from it, and from nobody else', async () => {
  const profile = Buffer.from('a profile');
  const elsewhere = (uri: string): Behaviour => ({
    model: (model) => ({
      ...model,
      '00480105': { vr: 'SQ', Value: [{ '00282000': { vr: 'OB', BulkDataURI: uri } }] },
    }),
    instead: (path, response) => {
      if (!path.startsWith('bulk/')) return false;
      const type = 'multipart/related; type="application/octet-stream"; boundary="b b"';
      response
        .writeHead(200, { 'Content-Type': type })
        .end(multipart([{ type: 'application/octet-stream', bytes: profile }], 'b b'));
      return true;
    },
  });
  const files = await filesOf();
  await using near = await serveDicomWeb(files, elsewhere('/dicom-web/bulk/icc'));
  using slide = await open(near.series);
  expect(Buffer.from(slide.colourProfile ?? []).toString()).toBe('a profile');
  await using far = await serveDicomWeb(files, elsewhere(`${near.root}bulk/icc`));
  const before = near.asked.length;
  using other = await open(far.series);
  expect(other.colourProfile).toBeUndefined();
  expect(near.asked).toHaveLength(before);
  await using gone = await serveDicomWeb(files, elsewhere('/dicom-web/nothing'));
  using third = await open(gone.series);
  expect(third.colourProfile).toBeUndefined();
});

describe('servers that fail', () => {
  const frames = (answer: (response: ServerResponse, numbers: readonly number[]) => void): Behaviour['instead'] => {
    return (path, response) => {
      const list = /frames\/([\d,]+)$/.exec(path)?.[1];
      if (list === undefined) return false;
      answer(response, list.split(',').map(Number));
      return true;
    };
  };
  const metadata = (answer: (response: ServerResponse) => void): Behaviour['instead'] => {
    return (path, response) => {
      if (!path.endsWith('/metadata')) return false;
      answer(response);
      return true;
    };
  };
  const related = 'multipart/related; type="image/jpeg"; boundary=good';
  const jpeg = Uint8Array.of(0xff, 0xd8, 0xff, 0xd9);
  const opened = async (instead: Behaviour['instead'], use: (slide: Slide) => Promise<void>, patienceMs = 5000) => {
    await using server = await serveDicomWeb(await filesOf(), { instead });
    using slide = await open(server.series, patienceMs);
    await use(slide);
  };
  const firstTile = (slide: Slide): Promise<unknown> => slide.readTile({ level: 0, col: 0, row: 0 }, { signal });

  const cases: [string, Behaviour['instead'], RegExp][] = [
    [
      'another boundary than announced',
      frames((response) =>
        response
          .writeHead(200, { 'Content-Type': related })
          .end(multipart([{ type: 'image/jpeg', bytes: jpeg }], 'bad')),
      ),
      /do not begin with the boundary/,
    ],
    [
      'no part at all',
      frames((response) => response.writeHead(200, { 'Content-Type': related }).end('--good--\r\n')),
      /left it out/,
    ],
    [
      'a part without its end',
      frames((response) =>
        response.writeHead(200, { 'Content-Type': related }).end('--good\r\nContent-Type: image/jpeg\r\n\r\nabc'),
      ),
      /ends within a part/,
    ],
    [
      'headers without an end',
      frames((response) =>
        response.writeHead(200, { 'Content-Type': related }).end(`--good\r\nA: ${'b'.repeat(40_000)}`),
      ),
      /headers without an end/,
    ],
    [
      'a web page',
      frames((response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>Log in')),
      /an HTML page instead/,
    ],
    ['no such frame', frames((response) => response.writeHead(404).end()), /answered 404/],
    [
      'something that is no picture',
      frames((response) =>
        response.writeHead(200, { 'Content-Type': related }).end(multipart([{ type: '', bytes: jpeg }], 'good')),
      ),
      /the server sent a JPEG picture|the server sent the bytes/,
    ],
  ];
  for (const [title, instead, reason] of cases) {
    testOn(FOLDER, `frames: ${title}`, () =>
      opened(instead, (slide) =>
        expect(firstTile(slide)).rejects.toMatchObject({
          failure: { tag: 'CorruptTile', level: 0, col: 0, row: 0, reason: expect.stringMatching(reason) },
        }),
      ),
    );
  }

  testOn(FOLDER, 'one frame of a list that is left out: the others come, it is a gap', async () => {
    const files = await filesOf();
    await using server = await serveDicomWeb(files, {
      instead: (path, response, { instances }) => {
        const [, uid, list] = /instances\/([\d.]+)\/frames\/([\d,]+)$/.exec(path) ?? [];
        const instance = instances.find((each) => each.uid === uid);
        if (list === undefined || !instance || instance.frames.length < 30) return false;
        const there = list
          .split(',')
          .map(Number)
          .filter((number) => number !== 7);
        const parts = there.map((number) => ({
          type: 'image/jpeg',
          bytes: instance.frames[number - 1] ?? new Uint8Array(0),
        }));
        response.writeHead(200, { 'Content-Type': related }).end(multipart(parts, 'good'));
        return true;
      },
    });
    using slide = await open(server.series);
    using local = await open(sharedFiles(FOLDER));
    await wholeOf(slide, 11);
    const tiles = tilesOf(5, 30);
    const ended = await Promise.allSettled(tiles.map((at) => slide.readTile(at, { signal })));
    const gaps = ended.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []));
    expect(gaps).toEqual([6]);
    for (const [i, each] of ended.entries()) {
      if (each.status === 'rejected') continue;
      const truth = await local.readTile(tiles[i] ?? { level: 0, col: 0, row: 0 }, { signal });
      if (!('rgba' in each.value) || !('rgba' in truth)) throw new Error('no pixels');
      expect(largestDifference(each.value, truth)).toBe(0);
    }
  });

  testOn(FOLDER, 'a part that never ends, and a server that falls silent, are given up', async () => {
    let written = 0;
    const endless = frames((response) => {
      response.writeHead(200, { 'Content-Type': related });
      response.write('--good\r\nContent-Type: image/jpeg\r\n\r\n');
      const more = (): void => {
        if (response.destroyed) return;
        written += 65_536;
        response.write(Buffer.alloc(65_536, 65), () => setImmediate(more));
      };
      more();
    });
    await opened(endless, async (slide) => {
      await expect(firstTile(slide)).rejects.toMatchObject({
        failure: { tag: 'CorruptTile', reason: expect.stringMatching(/longer than \d+ bytes/) },
      });
    });
    expect(written).toBeLessThan(200 * 2 ** 20); // each way of asking once, 2.5 MB at most a time
    const silent = frames((response) => void response.writeHead(200, { 'Content-Type': related }).write('--good\r\n'));
    await opened(
      silent,
      (slide) =>
        expect(firstTile(slide)).rejects.toMatchObject({
          failure: { tag: 'Unreachable', reason: expect.stringContaining('sent nothing for 0.2 s') },
        }),
      200,
    );
  });

  const refusals: [string, Behaviour['instead'], object][] = [
    [
      'a web page',
      metadata((response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>x')),
      { tag: 'NotASlide', seen: 'an HTML page' },
    ],
    ['JSON cut short', metadata((response) => response.writeHead(200).end('[{"0008')), { tag: 'CorruptSlide' }],
    ['no list', metadata((response) => response.writeHead(200).end('"text"')), { tag: 'UnsupportedSlide' }],
    ['an empty list', metadata((response) => response.writeHead(200).end('[]')), { tag: 'UnsupportedSlide' }],
    ['a login', metadata((response) => response.writeHead(401).end()), { tag: 'NotFound', status: 401 }],
    [
      'instances that make no sense',
      metadata((response) =>
        response.writeHead(200).end(
          JSON.stringify([
            {
              '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.77.1.6'] },
              '00080018': { vr: 'UI', Value: ['../../x'] },
            },
          ]),
        ),
      ),
      { tag: 'CorruptSlide', reason: expect.stringContaining('no UID') },
    ],
    [
      'an answer that breaks off',
      metadata((response) => {
        response.writeHead(200, { 'Content-Length': 1000 }).write('[');
        setTimeout(() => response.destroy(), 20);
      }),
      { tag: 'Unreachable' },
    ],
    [
      'gzip that is none',
      metadata((response) => response.writeHead(200).end(Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]))),
      { tag: 'Unreachable', reason: expect.stringContaining('unpack') },
    ],
  ];
  for (const [title, instead, failure] of refusals) {
    testOn(FOLDER, `metadata: ${title}`, async () => {
      await using server = await serveDicomWeb(await filesOf(), { instead });
      await expect(open(server.series)).rejects.toMatchObject({ failure });
    });
  }

  testOn(FOLDER, 'metadata: packed without a word are unpacked; those that never end are given up', async () => {
    const files = await filesOf();
    await using packed = await serveDicomWeb(files, {
      instead: (path, response, { instances }) => {
        if (!path.endsWith('/metadata')) return false;
        response.writeHead(200).end(gzipSync(JSON.stringify(instances.map(({ model }) => model))));
        return true;
      },
    });
    using slide = await open(packed.series);
    expect(slide.levels).toHaveLength(12);
    const silent = metadata((response) => void response.writeHead(200).write('[{'));
    await using never = await serveDicomWeb(files, { instead: silent });
    await expect(open(never.series, 200)).rejects.toMatchObject({
      failure: { tag: 'Unreachable', reason: expect.stringContaining('sent nothing') },
    });
    const controller = new AbortController();
    const opening = openSlide(never.series, { signal: controller.signal, decoders: nodeDecoders });
    setTimeout(() => controller.abort(new Error('enough')), 30);
    await expect(opening).rejects.toThrow('enough');
  });

  testOn('highdicom-sm-image-jpegls.dcm', 'JPEG-LS is refused by name, or comes unpacked', async (file) => {
    const bytes = await bytesOf(file);
    await using server = await serveDicomWeb([bytes], { manners: 'plain' });
    await expect(open(server.series)).rejects.toMatchObject({
      failure: { tag: 'UnsupportedSlide', reason: expect.stringContaining('JPEG-LS') },
    });
    const plain = sharedFile('highdicom-sm-image.dcm'); // the same pixels
    const { frames } = storedInstance(await bytesOf(plain));
    await using unpacking = await serveDicomWeb([bytes], {
      manners: 'plain',
      instead: (path, response, { asked }) => {
        const list = /frames\/([\d,]+)$/.exec(path)?.[1];
        if (list === undefined || !asked.at(-1)?.accept.includes('transfer-syntax=1.2.840.10008.1.2.1')) return false;
        const parts = list.split(',').map((number) => ({
          type: 'application/octet-stream',
          bytes: frames[Number(number) - 1] ?? new Uint8Array(0),
        }));
        response.writeHead(200, { 'Content-Type': related }).end(multipart(parts, 'good'));
        return true;
      },
    });
    using web = await open(unpacking.series);
    using local = await open(plain);
    expect(largestDifference(await wholeOf(web, 0), await wholeOf(local, 0))).toBe(0);
  });
});

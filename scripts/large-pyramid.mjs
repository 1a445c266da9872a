// A pyramid of 60,000 × 60,000 px of real tissue, for tests and benchmarks of reading over HTTP: one picture, mirrored and
// repeated, so that a few hundred encoded tiles make hundreds of megabytes. The file exists only as far as it is read.
// Laid out as libvips writes it: a level's tiles, then its directory with its arrays behind it.
import { createServer } from 'node:http';
import sharp from 'sharp';
import { rangeOf } from './serve.mjs';

const TILE = 256;
const PERIOD = 4096; // px of level 0 after which the mirrored picture repeats; a multiple of TILE
const QUALITY = 80;

/**
 * @typedef {{ widthPx: number, heightPx: number, columns: number, rows: number, tiles: { from: number, to: number },
 *   directory: { from: number, to: number } }} LevelBytes where a level lies in the file: first byte, and the one after its last
 * @typedef {{ size: number, levels: LevelBytes[], read: (offset: number, length: number) => Buffer }} LargePyramid
 */

/**
 * @param {string | Buffer} picture an image file of at least 64 px a side
 * @param {{ side?: number, levels?: number }} [asked]
 * @returns {Promise<LargePyramid>}
 */
export async function largePyramid(picture, { side = 60_000, levels: count = 9 } = {}) {
  const period = await mirrored(picture);
  const levels = [];
  let at = 8; // behind the header
  for (let index = 0; index < count; index++) {
    const size = Math.floor(side / 2 ** index);
    const distinct = await tilesOf(period, index);
    const columns = Math.ceil(size / TILE);
    const starts = new Float64Array(columns * columns + 1);
    for (let i = 0; i < columns * columns; i++) {
      starts[i] = at;
      at += distinct.of(i % columns, Math.floor(i / columns)).length;
    }
    starts[columns * columns] = at;
    at += at % 2; // directories begin on a word
    const directory = directoryOf({ size, columns, starts, at, isFirst: index === 0 });
    levels.push({ size, columns, distinct, starts, at, directory });
    at += directory.bytes.length;
  }
  for (const [i, { directory }] of levels.entries()) directory.setNext(levels[i + 1]?.at ?? 0);
  const header = Buffer.alloc(8);
  header.write('II', 0, 'latin1');
  header.writeUInt16LE(42, 2);
  header.writeUInt32LE(levels[0]?.at ?? 0, 4);
  return {
    size: at,
    levels: levels.map((level) => ({
      widthPx: level.size,
      heightPx: level.size,
      columns: level.columns,
      rows: level.columns,
      tiles: { from: level.starts[0], to: level.starts[level.columns ** 2] },
      directory: { from: level.at, to: level.at + level.directory.bytes.length },
    })),
    read: (offset, length) => bytesAt(header, levels, offset, length),
  };
}

/** The picture as a square of PERIOD px whose edges meet: mirrored about its middle, both ways. */
async function mirrored(picture) {
  const half = PERIOD / 2;
  const quarter = await sharp(picture)
    .removeAlpha()
    .toColourspace('srgb')
    .resize(half, half, { fit: 'cover' })
    .toBuffer();
  const whole = await sharp(quarter)
    .extend({ right: half, bottom: half, extendWith: 'mirror' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data: whole.data, raw: { width: PERIOD, height: PERIOD, channels: whole.info.channels } };
}

/** The different tiles of a level, encoded. */
async function tilesOf({ data, raw }, index) {
  const side = PERIOD / 2 ** index;
  const small = await sharp(data, { raw }).resize(side, side, { kernel: 'linear' }).raw().toBuffer();
  const repeats = Math.max(1, TILE / side);
  const channels = raw.channels;
  const wide = side * repeats;
  const all = repeats === 1 ? small : repeated(small, side, repeats, channels);
  const across = wide / TILE;
  const tiles = [];
  for (let i = 0; i < across * across; i++) {
    const place = { left: (i % across) * TILE, top: Math.floor(i / across) * TILE, width: TILE, height: TILE };
    tiles.push(
      await sharp(all, { raw: { width: wide, height: wide, channels } })
        .extract(place)
        .jpeg({ quality: QUALITY })
        .toBuffer(),
    );
  }
  return { of: (column, row) => tiles[(row % across) * across + (column % across)] };
}

function repeated(small, side, repeats, channels) {
  const line = side * channels;
  const out = Buffer.alloc(line * repeats * side * repeats);
  for (let y = 0; y < side * repeats; y++)
    for (let k = 0; k < repeats; k++)
      small.copy(out, (y * repeats + k) * line, (y % side) * line, ((y % side) + 1) * line);
  return out;
}

const [SHORT, LONG, RATIONAL] = [3, 4, 5];

/** A classic TIFF directory at `at`, its arrays behind it. */
function directoryOf({ size, columns, starts, at, isFirst }) {
  const tiles = columns * columns;
  const entries = [
    [254, LONG, [isFirst ? 0 : 1]],
    [256, LONG, [size]],
    [257, LONG, [size]],
    [258, SHORT, [8, 8, 8]],
    [259, SHORT, [7]],
    [262, SHORT, [6]],
    [277, SHORT, [3]],
    [282, RATIONAL, [20_000, 1]], // 0.5 µm a pixel
    [283, RATIONAL, [20_000, 1]],
    [284, SHORT, [1]],
    [296, SHORT, [3]],
    [322, SHORT, [TILE]],
    [323, SHORT, [TILE]],
    [324, LONG, { length: tiles, of: (i) => starts[i] }],
    [325, LONG, { length: tiles, of: (i) => starts[i + 1] - starts[i] }],
  ];
  const head = 2 + 12 * entries.length + 4;
  const sizeOf = ([, type, values]) => values.length * (type === SHORT ? 2 : 4);
  const behind = entries.reduce((sum, entry) => sum + (sizeOf(entry) > 4 ? sizeOf(entry) : 0), 0);
  const bytes = Buffer.alloc(head + behind + ((head + behind) % 2));
  bytes.writeUInt16LE(entries.length, 0);
  let end = head;
  for (const [i, entry] of entries.entries()) {
    const [tag, type, values] = entry;
    const slot = 2 + 12 * i;
    bytes.writeUInt16LE(tag, slot);
    bytes.writeUInt16LE(type, slot + 2);
    bytes.writeUInt32LE(type === RATIONAL ? 1 : values.length, slot + 4);
    const inside = sizeOf(entry) <= 4;
    if (!inside) bytes.writeUInt32LE(at + end, slot + 8);
    for (let k = 0; k < values.length; k++) {
      const value = Array.isArray(values) ? values[k] : values.of(k);
      const to = inside ? slot + 8 : end;
      if (type === SHORT) bytes.writeUInt16LE(value, to + 2 * k);
      else bytes.writeUInt32LE(value, to + 4 * k);
    }
    if (!inside) end += sizeOf(entry);
  }
  return { bytes, setNext: (next) => bytes.writeUInt32LE(next, head - 4) };
}

function bytesAt(header, levels, offset, length) {
  const out = Buffer.alloc(length);
  const put = (part, start) => {
    const from = Math.max(offset, start);
    const to = Math.min(offset + length, start + part.length);
    if (to > from) part.copy(out, from - offset, from - start, to - start);
  };
  put(header, 0);
  for (const { starts, columns, distinct, at, directory } of levels) {
    put(directory.bytes, at);
    const tiles = columns * columns;
    if (offset + length <= starts[0] || offset >= starts[tiles]) continue;
    for (let i = firstBehind(starts, offset); i < tiles && starts[i] < offset + length; i++)
      put(distinct.of(i % columns, Math.floor(i / columns)), starts[i]);
  }
  return out;
}

/** The tile that holds `offset`, or the first one. */
function firstBehind(starts, offset) {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * Bytes that lie in more than one range.
 * @param {readonly { from: number, to: number }[]} ranges
 */
export function askedTwice(ranges) {
  let [end, twice] = [0, 0];
  for (const { from, to } of [...ranges].sort((a, b) => a.from - b.from)) {
    twice += Math.max(0, Math.min(end, to + 1) - from);
    end = Math.max(end, to + 1);
  }
  return twice;
}

/**
 * A host of that one file at any path, as far away as asked: every answer waits `latencyMs`.
 * @param {LargePyramid} pyramid
 * `onSent` is told of what was sent to readers that had not hung up by then.
 * @param {{ latencyMs?: number, onRequest?: (asked: { from: number, to: number, method: string }) => void, onSent?: (sent: { from: number, to: number }) => void }} [options]
 * @returns {Promise<{ url: string, close: () => Promise<void> }>}
 */
export async function servePyramid(pyramid, { latencyMs = 0, onRequest, onSent } = {}) {
  const headers = {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Headers': 'Range, If-Range, Cache-Control',
    'Access-Control-Expose-Headers': 'Accept-Ranges, Content-Length, Content-Range, ETag',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'no-store',
    'Content-Type': 'image/tiff',
    ETag: `"${pyramid.size.toString(36)}"`,
  };
  const server = createServer((request, response) => {
    const range = rangeOf(request.headers.range, pyramid.size);
    const { from, to } = typeof range === 'object' ? range : { from: 0, to: pyramid.size - 1 };
    onRequest?.({ from, to, method: request.method ?? '' });
    const timer = setTimeout(() => {
      if (request.method === 'OPTIONS') return response.writeHead(204, headers).end();
      const length = to - from + 1;
      const partial = typeof range === 'object';
      const told = partial ? { 'Content-Range': `bytes ${from}-${to}/${pyramid.size}` } : {};
      response.writeHead(range === 'none' ? 416 : partial ? 206 : 200, {
        ...headers,
        ...told,
        'Content-Length': length,
      });
      if (request.method === 'HEAD') return response.end();
      if (partial) {
        onSent?.({ from, to });
        response.end(pyramid.read(from, length));
      } else response.destroy(); // nobody is to read hundreds of megabytes here
    }, latencyMs);
    response.once('close', () => clearTimeout(timer));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/tissue.tif`,
    close: () =>
      new Promise((done) => {
        server.close(() => done(undefined));
        server.closeAllConnections();
      }),
  };
}

import { getDecoder } from 'geotiff';
import { expect, test } from 'vitest';
import { decodeLzw } from './lzw.ts';

/** A plain encoder of TIFF's LZW, written from the specification, as the oracle. */
function encode(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out: number[] = [];
  let held = 0;
  let bits = 0;
  let width = 9;
  const put = (code: number): void => {
    bits = (bits << width) | code;
    held += width;
    while (held >= 8) {
      held -= 8;
      out.push((bits >>> held) & 255);
      bits &= (1 << held) - 1;
    }
  };
  let table = new Map<string, number>();
  const codeOf = (text: string): number => (text.length === 1 ? text.charCodeAt(0) : (table.get(text) ?? -1));
  put(256);
  let run = '';
  for (const byte of bytes) {
    const longer = run + String.fromCharCode(byte);
    if (longer.length === 1 || table.has(longer)) {
      run = longer;
      continue;
    }
    put(codeOf(run));
    table.set(longer, 258 + table.size);
    const next = 258 + table.size;
    if (next === 4095) {
      put(256);
      table = new Map();
      width = 9;
    } else if (next >= 1 << width) width++;
    run = String.fromCharCode(byte);
  }
  if (run) put(codeOf(run));
  put(257);
  if (held > 0) out.push((bits << (8 - held)) & 255);
  return Uint8Array.from(out);
}

function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const samples: [string, Uint8Array][] = [
  ['one byte', Uint8Array.of(7)],
  ['a run, which refers to the code being made', new Uint8Array(5000).fill(65)],
  ['a gradient', Uint8Array.from({ length: 70_000 }, (_, i) => (i >> 5) & 255)],
];
const noise = random(2);
samples.push([
  'noise, which fills the table several times',
  Uint8Array.from({ length: 60_000 }, () => Math.floor(noise() * 256)),
]);

for (const [title, bytes] of samples) {
  test(`${title} comes back`, () => expect(decodeLzw(encode(bytes), bytes.length)).toEqual(bytes));
}

test('geotiff’s decoder agrees', async () => {
  const bytes = Uint8Array.from({ length: 30_000 }, (_, i) => ((i * i) >> 7) & 63);
  const decoder = await getDecoder(5, {
    tileWidth: 1,
    tileHeight: 1,
    predictor: 1,
    bitsPerSample: 8,
    planarConfiguration: 1,
  });
  const packed = encode(bytes);
  expect(decodeLzw(packed, bytes.length)).toEqual(new Uint8Array(await decoder.decode(packed.buffer)));
});

test('a stream cut short gives what there was, one too long stops at the size', () => {
  const bytes = Uint8Array.from({ length: 3000 }, (_, i) => i & 127);
  const packed = encode(bytes);
  const part = decodeLzw(packed.subarray(0, 500), bytes.length);
  expect(part.length).toBeGreaterThan(100);
  expect(part).toEqual(bytes.slice(0, part.length));
  expect(decodeLzw(packed, 1000)).toEqual(bytes.slice(0, 1000));
});

test('2,000 streams of noise end, within their size, or throw', () => {
  for (let seed = 1; seed <= 2000; seed++) {
    const next = random(seed);
    const bytes = Uint8Array.from({ length: 400 }, () => Math.floor(next() * 256));
    try {
      expect(decodeLzw(bytes, 4096).length).toBeLessThanOrEqual(4096);
    } catch (thrown) {
      expect(String(thrown)).toContain('LZW code'); // any other error is a fault
    }
  }
});

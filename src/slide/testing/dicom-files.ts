// DICOM files as a server sees them: their elements in the JSON model (PS3.18, annex F), their frames. Explicit, little-endian.
// Written apart from the reader that it tests.

export interface Entry {
  readonly vr: string;
  readonly Value?: readonly unknown[];
  readonly InlineBinary?: string;
  readonly BulkDataURI?: string;
}
export type Model = Record<string, Entry>;

export interface StoredInstance {
  readonly model: Model; //   without the pixels
  readonly syntax: string;
  readonly frames: readonly Uint8Array[];
  readonly uid: string;
  readonly series: string;
  readonly study: string;
}

const LONG = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const NUMBERS: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  US: (view, at) => view.getUint16(at, true),
  SS: (view, at) => view.getInt16(at, true),
  UL: (view, at) => view.getUint32(at, true),
  SL: (view, at) => view.getInt32(at, true),
  FL: (view, at) => view.getFloat32(at, true),
  FD: (view, at) => view.getFloat64(at, true),
};
const SIZES: Readonly<Record<string, number>> = { US: 2, SS: 2, UL: 4, SL: 4, FL: 4, FD: 8 };

interface Walked {
  readonly model: Model;
  readonly pixels: Uint8Array | undefined; // from the value of the pixel data on
  readonly pixelLength: number;
  readonly end: number;
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const tagAt = (data: DataView, at: number): string =>
  [data.getUint16(at, true), data.getUint16(at + 2, true)]
    .map((n) => n.toString(16).padStart(4, '0'))
    .join('')
    .toUpperCase();

function walk(bytes: Uint8Array, from: number, to: number): Walked {
  const data = view(bytes);
  const model: Model = {};
  let at = from;
  while (at + 8 <= to) {
    const tag = tagAt(data, at);
    if (tag === 'FFFEE00D') return { model, pixels: undefined, pixelLength: 0, end: at + 8 };
    const vr = String.fromCharCode(bytes[at + 4] ?? 0, bytes[at + 5] ?? 0);
    const long = LONG.has(vr);
    const length = long ? data.getUint32(at + 8, true) : data.getUint16(at + 6, true);
    const value = at + (long ? 12 : 8);
    if (tag === '7FE00010') return { model, pixels: bytes.subarray(value), pixelLength: length, end: to };
    if (vr === 'SQ') {
      const items: Model[] = [];
      const open = length === 0xffffffff;
      let inner = value;
      while (inner < (open ? to : value + length)) {
        if (tagAt(data, inner) === 'FFFEE0DD') break;
        const itemLength = data.getUint32(inner + 4, true);
        const item = walk(bytes, inner + 8, itemLength === 0xffffffff ? to : inner + 8 + itemLength);
        items.push(item.model);
        inner = itemLength === 0xffffffff ? item.end : inner + 8 + itemLength;
      }
      model[tag] = { vr, Value: items };
      at = open ? inner + 8 : value + length;
      continue;
    }
    model[tag] = entryOf(vr, bytes.subarray(value, value + length));
    at = value + length;
  }
  return { model, pixels: undefined, pixelLength: 0, end: at };
}

function entryOf(vr: string, bytes: Uint8Array): Entry {
  if (bytes.length === 0) return { vr };
  const number = NUMBERS[vr];
  const size = SIZES[vr] ?? 1;
  if (number)
    return { vr, Value: Array.from({ length: bytes.length / size }, (_, i) => number(view(bytes), i * size)) };
  if (/^O|^UN$/.test(vr)) return { vr, InlineBinary: Buffer.from(bytes).toString('base64') };
  const texts = new TextDecoder()
    .decode(bytes)
    .split('\\')
    .map((text) => text.replaceAll('\0', '').trim());
  if (vr === 'DS' || vr === 'IS') return { vr, Value: texts.map(Number) };
  if (vr === 'PN') return { vr, Value: texts.map((Alphabetic) => ({ Alphabetic })) };
  return { vr, Value: texts };
}

/** Of a whole file, with its preamble. */
export function storedInstance(file: Uint8Array): StoredInstance {
  const data = view(file);
  const metaEnd = 144 + data.getUint32(140, true); // behind the length of group 2, which is first
  const meta = walk(file, 132, metaEnd).model;
  const { model, pixels = new Uint8Array(0), pixelLength } = walk(file, metaEnd, file.length);
  const text = (from: Model, tag: string): string => String(from[tag]?.Value?.[0] ?? '');
  const count = Number(model['00280008']?.Value?.[0] ?? 1);
  const frames = pixelLength === 0xffffffff ? items(pixels, count) : slices(pixels.subarray(0, pixelLength), count);
  const [syntax, uid] = [text(meta, '00020010'), text(meta, '00020003')];
  model['00080018'] ??= { vr: 'UI', Value: [uid] }; // some files say it at their beginning only
  return { model, syntax, frames, uid, series: text(model, '0020000E'), study: text(model, '0020000D') };
}

const slices = (pixels: Uint8Array, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => pixels.slice((i * pixels.length) / count, ((i + 1) * pixels.length) / count));

/** One item a frame, behind the offset table. */
function items(pixels: Uint8Array, count: number): Uint8Array[] {
  const data = view(pixels);
  const found: Uint8Array[] = [];
  for (let at = 8 + data.getUint32(4, true); found.length < count; ) {
    const length = data.getUint32(at + 4, true);
    found.push(pixels.slice(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return found;
}

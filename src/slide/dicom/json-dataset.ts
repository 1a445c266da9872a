// DICOM's JSON model (PS3.18, annex F) as the data set that a file would hold.
import { isList, isObject, type Json, type JsonObject } from '../formats/json.ts';
import { Dataset } from './dataset.ts';

type Bytes = Uint8Array<ArrayBuffer>;

const MOST_DEPTH = 16; // sequences in sequences
const NOTHING: Bytes = new Uint8Array(0);
const utf8 = new TextEncoder();

/** What has no sense is left out, as if the server had not said it: whoever needs it finds it absent. */
export function datasetOfJson(json: JsonObject, depth = 0): Dataset {
  const dataset = new Dataset();
  for (const [key, entry] of Object.entries(json)) {
    if (!/^[0-9a-f]{8}$/i.test(key) || !isObject(entry)) continue;
    const tag = Number.parseInt(key, 16);
    const values = isList(entry.Value) ? entry.Value : [];
    if (entry.vr === 'SQ') {
      if (depth >= MOST_DEPTH) continue;
      const items = values.filter(isObject).map((item) => datasetOfJson(item, depth + 1));
      dataset.set(tag, { value: NOTHING, items });
    } else if (typeof entry.BulkDataURI === 'string') {
      dataset.set(tag, { value: NOTHING, items: [], elsewhere: entry.BulkDataURI });
    } else {
      const value = typeof entry.InlineBinary === 'string' ? bytesOf(entry.InlineBinary) : packed(entry.vr, values);
      if (value) dataset.set(tag, { value, items: [] });
    }
  }
  return dataset;
}

function bytesOf(base64: string): Bytes | undefined {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return undefined; // no base64
  }
}

/** As a file has them, little-endian. Servers write numbers as numbers or as text. */
function packed(vr: Json | undefined, values: readonly Json[]): Bytes | undefined {
  if (values.length === 0) return undefined;
  if (vr === 'FL') return new Uint8Array(Float32Array.from(values, Number).buffer);
  const size = vr === 'US' || vr === 'SS' ? 2 : vr === 'UL' || vr === 'SL' ? 4 : 0;
  if (size === 0) return utf8.encode(values.map(textOf).join('\\'));
  const out = new DataView(new ArrayBuffer(values.length * size));
  for (const [i, value] of values.entries()) {
    const number = Number(value);
    if (!Number.isInteger(number)) return undefined;
    if (size === 2) out.setUint16(2 * i, number, true);
    else out.setUint32(4 * i, number, true);
  }
  return new Uint8Array(out.buffer);
}

const textOf = (value: Json): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

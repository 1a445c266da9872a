// Just enough of the protobuf wire format to look into an ONNX file, and to write it again with a few fields changed:
// fields in order, nested messages as slices.
import { EosinError } from '#errors/failure.ts';

export type Field = {
  readonly number: number;
  readonly raw: Uint8Array<ArrayBuffer>; // the whole field, its key too: what is copied where nothing changes
} & (
  | { readonly wire: 'varint'; readonly value: number }
  | { readonly wire: 'bytes'; readonly value: Uint8Array<ArrayBuffer> }
  | { readonly wire: 'fixed'; readonly value: Uint8Array<ArrayBuffer> }
);

const invalid = (seen: string): never => {
  throw new EosinError({ tag: 'BadInput', what: 'A model file', seen, todo: 'Export or copy it again.' });
};

/** @throws EosinError BadInput where the bytes are no protobuf message */
export function* fieldsOf(bytes: Uint8Array<ArrayBuffer>): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    const from = at;
    while ((bytes[at] ?? 0) >= 128) at++;
    at++;
    if (at > bytes.length || at - from > LONGEST) return invalid('a number in it does not end');
    return numberOf(bytes.subarray(from, at));
  };
  const slice = (length: number): Uint8Array<ArrayBuffer> => {
    if (length < 0 || at + length > bytes.length) return invalid('it ends in the middle of a field');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const start = at;
    const key = varint();
    const number = Math.floor(key / 8);
    const raw = () => bytes.subarray(start, at);
    switch (key % 8) {
      case 0: {
        const value = varint();
        yield { number, wire: 'varint', value, raw: raw() };
        break;
      }
      case 1: {
        const value = slice(8);
        yield { number, wire: 'fixed', value, raw: raw() };
        break;
      }
      case 2: {
        const value = slice(varint());
        yield { number, wire: 'bytes', value, raw: raw() };
        break;
      }
      case 5: {
        const value = slice(4);
        yield { number, wire: 'fixed', value, raw: raw() };
        break;
      }
      default:
        invalid('it is no protobuf message');
    }
  }
}

const LONGEST = 10; // bytes of a number: it is negative then

/** Seven bits a byte, the lowest first; exact within 2^53 of zero. Negative ones are two's complements of 64 bits. */
function numberOf(bytes: Uint8Array<ArrayBuffer>): number {
  const isNegative = bytes.length === LONGEST;
  let [value, scale] = [0, 1];
  for (const byte of isNegative ? bytes.subarray(0, LONGEST - 1) : bytes) {
    value += (isNegative ? 127 - (byte & 127) : byte & 127) * scale;
    scale *= 128;
  }
  return isNegative ? -value - 1 : value;
}

const varintOf = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) + 128, ...varintOf(Math.floor(value / 128))];

/** A number as a field, key and all; not negative. */
export const numberField = (number: number, value: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([...varintOf(number * 8), ...varintOf(value)]);

/** Bytes, or a message of these fields, as a field. */
export const bytesField = (number: number, ...parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> => {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return joined([Uint8Array.from([...varintOf(number * 8 + 2), ...varintOf(length)]), ...parts]);
};

export const textField = (number: number, text: string): Uint8Array<ArrayBuffer> =>
  bytesField(number, new TextEncoder().encode(text));

export function joined(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Numbers of a repeated field, whether each has its own key or all are packed in one. */
export function numbersOf(fields: readonly Field[], number: number): number[] {
  return fields.flatMap((field) => {
    if (field.number !== number) return [];
    if (field.wire === 'varint') return [field.value];
    if (field.wire !== 'bytes') return [];
    return packedNumbers(field.value);
  });
}

function packedNumbers(bytes: Uint8Array<ArrayBuffer>): number[] {
  const numbers: number[] = [];
  let from = 0;
  for (const [at, byte] of bytes.entries()) {
    if (byte >= 128) continue;
    numbers.push(numberOf(bytes.subarray(from, at + 1)));
    from = at + 1;
  }
  return numbers;
}

export const messagesOf = (fields: readonly Field[], number: number): Uint8Array<ArrayBuffer>[] =>
  fields.flatMap((field) => (field.number === number && field.wire === 'bytes' ? [field.value] : []));

const utf8 = new TextDecoder();
export const textsOf = (fields: readonly Field[], number: number): string[] =>
  messagesOf(fields, number).map((bytes) => utf8.decode(bytes));

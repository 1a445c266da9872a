// The numbers of a picture as files store them: 1 to 64 bits, unsigned, signed or floating-point, in either byte order.

/** The values that are shown as black and as white. */
export interface ValueRange {
  readonly low: number;
  readonly high: number;
}

export const DEPTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 32, 64] as const;

export interface SampleType {
  readonly depth: (typeof DEPTHS)[number]; // bits a sample
  readonly numbers: 'unsigned' | 'signed' | 'float';
}

/** Values that can be anything, a sample each. */
export type Samples =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** True of the types that are read: no floats of 8 bits. */
export const isReadable = ({ depth, numbers }: SampleType): boolean =>
  numbers === 'float' ? depth >= 16 : depth % 8 === 0 || numbers === 'unsigned';

/** Every value that there can be; of floating-point numbers, as is the custom, 0 to 1. */
export function wholeRangeOf({ depth, numbers }: SampleType): ValueRange {
  if (numbers === 'float') return { low: 0, high: 1 };
  const count = 2 ** depth;
  return numbers === 'unsigned' ? { low: 0, high: count - 1 } : { low: -count / 2, high: count / 2 - 1 };
}

export const WHOLE_BYTE: ValueRange = { low: 0, high: 255 };

/** Bytes of a row: one that ends within a byte is filled up. */
export const rowBytes = (numbers: number, { depth }: SampleType): number => Math.ceil((numbers * depth) / 8);

/**
 * @param data at least `rows` rows of `perRow` numbers. Lent; what comes back may be the same memory
 * @param littleEndian of numbers of 16 bits and more
 */
export function samplesIn(
  data: Uint8Array,
  perRow: number,
  rows: number,
  type: SampleType,
  littleEndian: boolean,
): Samples {
  const { depth, numbers } = type;
  const count = perRow * rows;
  if (depth % 8 !== 0) return unpackedBits(data, perRow, rows, type);
  if (depth === 8) return numbers === 'signed' ? new Int8Array(data.buffer, data.byteOffset, count) : data;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const all = { length: count };
  if (depth === 64 && numbers === 'float')
    return Float64Array.from(all, (_, i) => view.getFloat64(i * 8, littleEndian));
  if (depth === 64) return Float64Array.from(wholes64(data, count, numbers, littleEndian), Number);
  if (depth === 32) {
    if (numbers === 'float') return Float32Array.from(all, (_, i) => view.getFloat32(i * 4, littleEndian));
    if (numbers === 'signed') return Int32Array.from(all, (_, i) => view.getInt32(i * 4, littleEndian));
    return Uint32Array.from(all, (_, i) => view.getUint32(i * 4, littleEndian));
  }
  if (numbers === 'float') return Float32Array.from(all, (_, i) => half(view.getUint16(i * 2, littleEndian)));
  if (numbers === 'signed') return Int16Array.from(all, (_, i) => view.getInt16(i * 2, littleEndian));
  return Uint16Array.from(all, (_, i) => view.getUint16(i * 2, littleEndian));
}

function wholes64(data: Uint8Array, count: number, numbers: SampleType['numbers'], littleEndian: boolean) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const all = { length: count };
  return numbers === 'signed'
    ? BigInt64Array.from(all, (_, i) => view.getBigInt64(i * 8, littleEndian))
    : BigUint64Array.from(all, (_, i) => view.getBigUint64(i * 8, littleEndian));
}

/** Undoes horizontal differences (predictor 2) of whole numbers of 64 bits, which wrap. Above 2⁵³ they are rounded. */
export function wholes64Integrated(
  data: Uint8Array,
  perRow: number,
  rows: number,
  samples: number,
  numbers: SampleType['numbers'],
  littleEndian: boolean,
): Float64Array {
  const all = wholes64(data, perRow * rows, numbers, littleEndian);
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * perRow;
    for (let i = row * perRow + samples; i < end; i++) all[i] = (all[i] ?? 0n) + (all[i - samples] ?? 0n);
  }
  return Float64Array.from(all, Number);
}

/** Of at most 15 bits; the highest bits of a byte come first, and of a number, whatever the file's byte order. */
function unpackedBits(data: Uint8Array, perRow: number, rows: number, type: SampleType): Uint8Array | Uint16Array {
  const { depth } = type;
  const out = depth < 8 ? new Uint8Array(perRow * rows) : new Uint16Array(perRow * rows);
  const bytes = rowBytes(perRow, type);
  const mask = 2 ** depth - 1;
  for (let row = 0, i = 0; row < rows; row++) {
    for (let column = 0; column < perRow; column++, i++) {
      const bit = column * depth;
      const at = row * bytes + (bit >> 3);
      const three = ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0);
      out[i] = (three >> (24 - depth - (bit & 7))) & mask;
    }
  }
  return out;
}

/** A floating-point number of 16 bits. */
function half(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** Undoes horizontal differences (predictor 2); whole numbers wrap. A copy: the input may be lent. */
export function integrated<T extends Samples>(data: T, perRow: number, rows: number, samples: number): Samples {
  const out = data.slice(0, perRow * rows);
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * perRow;
    for (let i = row * perRow + samples; i < end; i++) out[i] = (out[i] ?? 0) + (out[i - samples] ?? 0);
  }
  return out;
}

/**
 * Undoes the predictor of floating-point numbers (3): each row's bytes are differences, the highest bytes of all numbers
 * first.
 * @returns the numbers, big-endian
 */
export function floatsIntegrated(
  data: Uint8Array,
  perRow: number,
  rows: number,
  samples: number,
  depth: number,
): Uint8Array {
  const size = depth / 8;
  const length = perRow * size;
  const out = new Uint8Array(length * rows);
  for (let row = 0; row < rows; row++) {
    const bytes = data.slice(row * length, (row + 1) * length);
    for (let i = samples; i < length; i++) bytes[i] = (bytes[i] ?? 0) + (bytes[i - samples] ?? 0);
    for (let i = 0; i < perRow; i++)
      for (let byte = 0; byte < size; byte++) out[row * length + i * size + byte] = bytes[byte * perRow + i] ?? 0;
  }
  return out;
}

/** A number as it is stored; a floating-point one of 16 bits as nothing. */
export function bytesOfNumber(value: number, { depth, numbers }: SampleType, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(Math.max(1, depth / 8)));
  if (depth <= 8) view.setInt8(0, value);
  else if (depth === 64 && numbers === 'float') view.setFloat64(0, value, littleEndian);
  else if (depth === 64) view.setBigInt64(0, BigInt(Number.isFinite(value) ? Math.trunc(value) : 0), littleEndian);
  else if (depth === 32 && numbers === 'float') view.setFloat32(0, value, littleEndian);
  else if (depth === 32) view.setInt32(0, value, littleEndian);
  else if (numbers !== 'float') view.setInt16(0, value, littleEndian);
  return new Uint8Array(view.buffer);
}

const MOST_SORTED = 2 ** 18; // values that a window is found from, where they are too many to count each

/** The range that 998 of 1000 of the values lie in: what a window is set to before anybody sets it. @param total of values */
export function usualRange(values: () => Iterable<number>, total: number, { depth, numbers }: SampleType): ValueRange {
  if (numbers !== 'unsigned' || depth > 16) return rangeBySorting(values(), total);
  const counts = new Uint32Array(2 ** depth);
  for (const value of values()) counts[value] = (counts[value] ?? 0) + 1;
  const at = (share: number): number => {
    let sum = 0;
    return counts.findIndex((count) => {
      sum += count;
      return sum > share * total;
    });
  };
  return { low: at(0.001), high: at(0.999) };
}

function rangeBySorting(values: Iterable<number>, total: number): ValueRange {
  const step = Math.max(1, Math.floor(total / MOST_SORTED));
  const some: number[] = [];
  let index = 0;
  for (const value of values) if (index++ % step === 0 && Number.isFinite(value)) some.push(value);
  const sorted = Float64Array.from(some).sort();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { low: at(0.001), high: at(0.999) };
}

type Growing =
  | Uint8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

/** `array` itself where `length` fits, else one twice as large with the same start: what is appended costs little each. */
export function holding<T extends Growing>(array: T, length: number, make: (length: number) => T): T {
  if (length <= array.length) return array;
  const grown = make(Math.max(length, 2 * array.length, 16));
  grown.set(array);
  return grown;
}

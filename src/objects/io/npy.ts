// NumPy's file of one array, version 1.0 (numpy.lib.format): little-endian, row-major.

/** The bytes that stand before the values. @param shape rows first */
export function npyHeader(type: 'float32' | 'float64' | 'int32', shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const descr = { float32: '<f4', float64: '<f8', int32: '<i4' }[type];
  const dims = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const words = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${dims}), }`;
  const length = Math.ceil((10 + words.length + 1) / 64) * 64; // the values begin at a multiple of 64
  const text = `${words.padEnd(length - 11)}\n`;
  const bytes = new Uint8Array(length);
  bytes.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, (length - 10) & 255, (length - 10) >> 8]);
  bytes.set(new TextEncoder().encode(text), 10);
  return bytes;
}

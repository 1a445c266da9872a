import { expect, test } from 'vitest';
import { npyHeader } from './npy.ts';

/** numpy.save(f, numpy.arange(6, dtype='<f4').reshape(2, 3)) by NumPy 2.4.6, in hexadecimal. */
const GOLDEN =
  '934e554d5059010076007b276465736372273a20273c6634272c2027666f727472616e5f6f72646572273a2046616c73652c20277368617065273a2028322c2033292c207d202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020200a000000000000803f0000004000004040000080400000a040';

test('is what NumPy writes, byte by byte', async () => {
  const bytes = [npyHeader('float32', [2, 3]), new Uint8Array(Float32Array.of(0, 1, 2, 3, 4, 5).buffer)];
  expect(Buffer.concat(bytes).toString('hex')).toBe(GOLDEN);
});

test('one dimension is a tuple of one', () => {
  expect(new TextDecoder('latin1').decode(npyHeader('int32', [7]))).toMatch(
    /\{'descr': '<i4', 'fortran_order': False, 'shape': \(7,\), \} +\n$/,
  );
});

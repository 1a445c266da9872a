// The numbers of a tensor that is stored in an ONNX file.
import { fromHalf } from '../kernels/half.ts';
import { ELEMENT, TENSOR } from '../onnx-fields.ts';
import { type Field, messagesOf, numbersOf } from '../protobuf.ts';

/** Floats, also those stored as halves, or whole numbers. */
export type Numbers = Float32Array | number[];

/** @returns undefined for other types, and for what lies in another file */
export function numbersIn(tensor: readonly Field[]): Numbers | undefined {
  const [raw] = messagesOf(tensor, TENSOR.raw);
  if (!raw) return undefined;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  switch (numbersOf(tensor, TENSOR.dataType)[0]) {
    case ELEMENT.float: {
      const floats = new Float32Array(raw.byteLength / 4);
      for (let i = 0; i < floats.length; i++) floats[i] = view.getFloat32(i * 4, true);
      return floats;
    }
    case ELEMENT.half: {
      const halves = everyHalf();
      const floats = new Float32Array(raw.byteLength / 2);
      for (let i = 0; i < floats.length; i++) floats[i] = halves[view.getUint16(i * 2, true)] ?? 0;
      return floats;
    }
    case ELEMENT.int32:
      return Array.from({ length: raw.byteLength / 4 }, (_, i) => view.getInt32(i * 4, true));
    case ELEMENT.int64:
      return Array.from({ length: raw.byteLength / 8 }, (_, i) => Number(view.getBigInt64(i * 8, true)));
    default:
      return undefined;
  }
}

let known: Float32Array | undefined;

/** All 65,536 of them: millions of weights are looked up, not computed. */
function everyHalf(): Float32Array {
  known ??= Float32Array.from({ length: 65_536 }, (_, bits) => fromHalf(bits));
  return known;
}

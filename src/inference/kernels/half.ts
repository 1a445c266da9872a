// IEEE 754 binary16 as its bits: the twin of pack2x16float, and what turns a graph's float32 constants into fp16.
const bits = new DataView(new ArrayBuffer(4));

/** To the nearest half, ties to even; beyond 65504 it is infinite. */
export function halfOf(value: number): number {
  bits.setFloat32(0, value);
  const whole = bits.getUint32(0);
  const sign = (whole >>> 16) & 0x8000;
  const exponent = ((whole >>> 23) & 0xff) - 112; // of the half, biased by 15
  const fraction = whole & 0x7fffff;
  if (exponent >= 31) return (whole & 0x7fffffff) > 0x7f800000 ? sign | 0x7e00 : sign | 0x7c00;
  if (exponent <= 0) {
    if (exponent < -10) return sign;
    return sign + rounded(fraction | 0x800000, 14 - exponent); // subnormal
  }
  return sign + rounded((exponent << 23) | fraction, 13); // a carry goes into the exponent, up to infinity
}

/** `value` without its last `drop` bits, to the nearest, ties to even. */
function rounded(value: number, drop: number): number {
  const kept = value >>> drop;
  const rest = value & ((1 << drop) - 1);
  const tie = 1 << (drop - 1);
  return rest > tie || (rest === tie && kept % 2 === 1) ? kept + 1 : kept;
}

export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

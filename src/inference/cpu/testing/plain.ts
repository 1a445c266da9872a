// The engine's operators in plain TypeScript, number by number in double precision: what the kernels are held against.
import type { Finish, Operator } from '../network.ts';

/** [channels × height × width], plane by plane. */
export interface Planes {
  readonly channels: number;
  readonly width: number;
  readonly height: number;
  readonly values: Float64Array;
}

export const planesOf = (channels: number, width: number, height: number, value: (i: number) => number): Planes => ({
  channels,
  width,
  height,
  values: Float64Array.from({ length: channels * width * height }, (_, i) => value(i)),
});

const at = ({ width, height, values }: Planes, c: number, x: number, y: number): number =>
  values[(c * height + y) * width + x] ?? Number.NaN;

const within = ({ width, height }: Planes, x: number, y: number): boolean =>
  x >= 0 && y >= 0 && x < width && y < height;

/** @param read gives the maps by name */
export function plain(operator: Operator, read: (name: string) => Planes): Planes {
  const from = read(operator.input);
  const { width, height, channels } = from;
  switch (operator.kind) {
    case 'conv': {
      const { weights, side, stride, pad } = operator;
      const slid = (length: number): number => Math.floor((length + 2 * pad - side) / stride) + 1;
      return made(weights.outChannels, slid(width), slid(height), operator, read, (out, x, y) => {
        let sum = weights.bias[out] ?? 0;
        for (let c = 0; c < weights.inChannels; c++)
          for (let i = 0; i < side; i++)
            for (let j = 0; j < side; j++) {
              const [px, py] = [x * stride - pad + j, y * stride - pad + i];
              const weight = weights.values[((out * weights.inChannels + c) * side + i) * side + j] ?? 0;
              if (within(from, px, py)) sum += weight * at(from, c, px, py);
            }
        return sum;
      });
    }
    case 'most':
    case 'mean': {
      const { kind, side, stride, pad } = operator;
      const slid = (length: number): number => Math.floor((length + 2 * pad - side) / stride) + 1;
      return made(channels, slid(width), slid(height), {}, read, (c, x, y) => {
        const seen: number[] = [];
        for (let i = 0; i < side; i++)
          for (let j = 0; j < side; j++) {
            const [px, py] = [x * stride - pad + j, y * stride - pad + i];
            if (within(from, px, py)) seen.push(at(from, c, px, py));
          }
        return kind === 'most' ? Math.max(...seen) : seen.reduce((a, b) => a + b, 0) / side ** 2;
      });
    }
    case 'mean of all':
      return made(channels, 1, 1, {}, read, (c) => {
        const plane = from.values.subarray(c * width * height, (c + 1) * width * height);
        return plane.reduce((a, b) => a + b, 0) / plane.length;
      });
    case 'resize': {
      const { scale } = operator;
      const near = (position: number, length: number): number => Math.min(length - 1, Math.max(0, position));
      return made(channels, width * scale, height * scale, operator, read, (c, x, y) => {
        const [sx, sy] = [(x + 0.5) / scale - 0.5, (y + 0.5) / scale - 0.5];
        const [left, top] = [Math.floor(sx), Math.floor(sy)];
        const line = (i: number): number => {
          const value = (j: number): number => at(from, c, near(j, width), near(i, height));
          return value(left) * (1 - sx + left) + value(left + 1) * (sx - left);
        };
        return line(top) * (1 - sy + top) + line(top + 1) * (sy - top);
      });
    }
    case 'copy':
      return made(channels, width, height, operator, read, (c, x, y) => at(from, c, x, y));
  }
}

function made(
  channels: number,
  width: number,
  height: number,
  { add, relu }: Finish,
  read: (name: string) => Planes,
  value: (c: number, x: number, y: number) => number,
): Planes {
  const added = add === undefined ? undefined : read(add);
  return planesOf(channels, width, height, (i) => {
    const [c, y, x] = [Math.floor(i / (width * height)), Math.floor(i / width) % height, i % width];
    const sum = value(c, x, y) + (added ? at(added, c, x, y) : 0);
    return relu ? Math.max(0, sum) : sum;
  });
}

/** Softmax over channels of the picture that DepthToSpace (CRD) makes of a map. */
export function plainShares(from: Planes, block: number, first: number, count: number): Planes {
  const [width, height] = [from.width * block, from.height * block];
  const value = (c: number, x: number, y: number): number => {
    const channel = ((first + c) * block + (y % block)) * block + (x % block);
    return at(from, channel, Math.floor(x / block), Math.floor(y / block));
  };
  return made(
    count,
    width,
    height,
    {},
    () => from,
    (c, x, y) => {
      const powers = Array.from({ length: count }, (_, k) => Math.exp(value(k, x, y)));
      return (powers[c] ?? 0) / powers.reduce((a, b) => a + b, 0);
    },
  );
}

// Small networks of random numbers.
import type { Conv, Network, Operator, Output } from '../network.ts';

/** Uniform from -1 to 1, the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

export const convOf = (
  of: Pick<Conv, 'input' | 'output' | 'side' | 'stride' | 'pad'> & {
    readonly channels: readonly [number, number];
    readonly ofPicture?: boolean;
    readonly add?: string;
    readonly relu?: boolean;
  },
  random = randomFrom(of.channels[0] * 100 + of.channels[1] + of.side),
): Conv => {
  const { channels, ofPicture = false, ...rest } = of;
  const [inChannels, outChannels] = channels;
  const values = Float32Array.from({ length: inChannels * outChannels * of.side ** 2 }, random);
  const bias = Float32Array.from({ length: outChannels }, random);
  return { kind: 'conv', ...rest, ofPicture, weights: { values, bias, inChannels, outChannels } };
};

/** The first map of so many channels, made of the picture. */
export const first = (channels: number): Conv =>
  convOf({ input: 'image', output: 'first', side: 1, stride: 1, pad: 0, channels: [3, channels], ofPicture: true });

export const networkOf = (operators: readonly Operator[], outputs: Readonly<Record<string, Output>>): Network => ({
  input: 'image',
  operators,
  outputs: new Map(Object.entries(outputs)),
});

export const pictureOf = (width: number, height: number): Float32Array =>
  Float32Array.from({ length: 3 * width * height }, randomFrom(width * height));

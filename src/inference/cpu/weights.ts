// The weights of convolutions as the kernels read them: panels of eight output channels, for Winograd once a product.
import { depthOf } from './conv-steps.ts';
import { PANEL } from './gemm-kernel.ts';
import type { Conv, Weights } from './network.ts';
import { aligned, inPanels } from './places.ts';
import { POINTS, REACH } from './winograd-kernel.ts';

export type ConvWay = 'winograd' | 'product' | 'squares';

/** How a convolution is computed. The picture has fewer channels than a vector, so that its squares are copied. */
export function wayOf({ side, stride, pad, ofPicture }: Conv): ConvWay {
  if (ofPicture) return 'squares';
  if (side === 3 && stride === 1 && pad === 1) return 'winograd';
  return side === 1 && stride === 1 && pad === 0 ? 'product' : 'squares';
}

/** Floats of the packed weights, the bias behind them. */
export function weightFloats(conv: Conv): { weights: number; bias: number } {
  const [channels, out] = [channelsRead(conv), inPanels(conv.weights.outChannels)];
  const depth = wayOf(conv) === 'winograd' ? POINTS * channels : depthOf(conv.side, channels);
  return { weights: aligned(depth * out * 4) / 4, bias: out };
}

/** @param to zeros, of as many floats as weightFloats says */
export function packWeights(conv: Conv, to: Float32Array): void {
  if (wayOf(conv) === 'winograd') packSpread(conv.weights, channelsRead(conv), to);
  else packSquares(conv.weights, conv.side, channelsRead(conv), to);
}

/** Of each pixel: a map's whole panels, the picture's colours. */
export const channelsRead = ({ ofPicture, weights }: Conv): number =>
  ofPicture ? weights.inChannels : inPanels(weights.inChannels);

/** A row a term of the sum, in the order in which squares are copied: line, pixel, channel. */
function packSquares({ values, inChannels, outChannels }: Weights, side: number, read: number, to: Float32Array): void {
  const depth = depthOf(side, read);
  const area = side * side;
  for (let out = 0; out < outChannels; out++)
    for (let channel = 0; channel < inChannels; channel++)
      for (let px = 0; px < area; px++)
        to[placeOf(px * read + channel, out, depth)] = values[(out * inChannels + channel) * area + px] ?? 0;
}

const placeOf = (row: number, column: number, depth: number): number =>
  (Math.floor(column / PANEL) * depth + row) * PANEL + (column % PANEL);

/** G g Gᵀ of each kernel, in double precision; the products in the order of the spread tiles: down each column. */
function packSpread({ values, inChannels, outChannels }: Weights, read: number, to: Float32Array): void {
  const lines = new Float64Array(3 * REACH); // g Gᵀ
  const point = read * inPanels(outChannels);
  // Panel by panel, so that every product's panel is written in its order.
  for (let panel = 0; panel < outChannels; panel += PANEL)
    for (let channel = 0; channel < inChannels; channel++)
      for (let out = panel; out < Math.min(outChannels, panel + PANEL); out++) {
        const from = (out * inChannels + channel) * 9;
        for (let y = 0; y < 3; y++) spreadOut(values, from + 3 * y, 1, lines, y * REACH, 1);
        const place = placeOf(channel, out, read);
        for (let x = 0; x < REACH; x++) spreadOut(lines, x, REACH, to, x * REACH * point + place, point);
      }
}

type Floats = Float32Array | Float64Array;

/** Three numbers `step` apart, times G of Lavin & Gray's F(4×4, 3×3), into six `toStep` apart. */
function spreadOut(from: Floats, at: number, step: number, to: Floats, toAt: number, toStep: number): void {
  const a = from[at] ?? 0;
  const b = from[at + step] ?? 0;
  const c = from[at + 2 * step] ?? 0;
  to[toAt] = a / 4;
  to[toAt + toStep] = -(a + b + c) / 6;
  to[toAt + 2 * toStep] = -(a - b + c) / 6;
  to[toAt + 3 * toStep] = a / 24 + b / 12 + c / 6;
  to[toAt + 4 * toStep] = a / 24 - b / 12 + c / 6;
  to[toAt + 5 * toStep] = c;
}

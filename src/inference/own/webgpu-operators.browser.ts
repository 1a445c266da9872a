// The forecast of operators that a GPU computes, against the runtime that ships: a graph of each is given to its WebGPU
// provider alone, which refuses what it has not registered.
import * as ort from 'onnxruntime-web/webgpu';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Gpu, openGpu } from '#gpu/gpu.ts';
import { configureOrt } from '../ort-files.ts';
import { startSession } from '../session.ts';
import { MAP, type OneOperator, oneOperator } from '../testing/one-operator.ts';
import { ON_GPU } from './webgpu-operators.ts';

let gpu: Gpu;
beforeAll(async () => {
  configureOrt(ort);
  gpu = await openGpu({ software: true });
});
afterAll(() => gpu.device.destroy());

const of = (types: string, rest: Omit<OneOperator, 'type'> = {}): OneOperator[] =>
  types.split(' ').map((type) => ({ type, ...rest }));
const MATRIX = [4, 8] as const;

/** Each as networks for pictures use it. */
const ASKED: readonly OneOperator[] = [
  ...of('Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Exp Floor HardSigmoid HardSwish LeakyRelu Log Neg'),
  ...of('Reciprocal Relu Round Selu Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Tan Tanh ThresholdedRelu Celu'),
  ...of('Clip GlobalAveragePool GlobalMaxPool IsNaN'),
  ...of('Gelu', { opset: 20 }),
  ...of('Add Div Max Mean Min Mul Pow Sub Sum PRelu Equal Greater GreaterOrEqual Less LessOrEqual', {
    inputs: [MAP, MAP],
  }),
  ...of('And Or Xor', { inputs: ['bool', 'bool'] }),
  ...of('Not', { inputs: ['bool'] }),
  ...of('Where', { inputs: ['bool', MAP, MAP] }),
  ...of('ArgMax ArgMin', { attributes: { axis: 1 } }),
  ...of('ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSumSquare', {
    attributes: { axes: [2, 3] },
  }),
  ...of('ReduceSum Unsqueeze', { inputs: [MAP, { ints: [2] }] }),
  ...of('Squeeze', { inputs: [MAP, { ints: [0] }] }),
  ...of('Conv ConvTranspose', { inputs: [MAP, [8, 8, 3, 3]] }),
  ...of('AveragePool MaxPool', { attributes: { kernel_shape: [2, 2], strides: [2, 2] } }),
  ...of('BatchNormalization', { inputs: [MAP, [8], [8], [8], [8]] }),
  ...of('InstanceNormalization', { inputs: [MAP, [8], [8]] }),
  ...of('LayerNormalization', { inputs: [MATRIX, [8], [8]] }),
  ...of('Softmax LogSoftmax Flatten', { attributes: { axis: 1 } }),
  ...of('Transpose', { attributes: { perm: [0, 2, 3, 1] } }),
  ...of('DepthToSpace SpaceToDepth', { attributes: { blocksize: 2 } }),
  ...of('Concat', { inputs: [MAP, MAP], attributes: { axis: 1 } }),
  ...of('Split', { attributes: { axis: 1 }, outputs: 2 }),
  ...of('Cast', { attributes: { to: 10 } }),
  ...of('Gemm MatMul', { inputs: [MATRIX, [8, 4]] }),
  ...of('Einsum', { inputs: [MATRIX, [8, 4]], attributes: { equation: 'ij,jk->ik' } }),
  ...of('Reshape', { inputs: [MAP, { ints: [1, -1] }] }),
  ...of('Expand', { inputs: [MAP, { ints: [2, 8, 4, 4] }] }),
  ...of('Tile', { inputs: [MAP, { ints: [1, 1, 2, 2] }] }),
  ...of('Pad', { inputs: [MAP, { ints: [0, 0, 1, 1, 0, 0, 1, 1] }] }),
  ...of('Slice', { inputs: [MAP, { ints: [0] }, { ints: [2] }, { ints: [2] }] }),
  ...of('Gather', { inputs: [MAP, { ints: [1] }], attributes: { axis: 1 } }),
  ...of('Resize', { inputs: [MAP, 'left out', 'left out', { ints: [1, 8, 8, 8] }], attributes: { mode: 'linear' } }),
  ...of('GatherElements GatherND', { inputs: [[8], { ints: [1] }] }),
  ...of('ScatterND', { inputs: [[8], { ints: [1] }, []] }),
  ...of('CumSum', { inputs: [MAP, { ints: [1] }] }),
  ...of('GridSample', { inputs: [MAP, [1, 4, 4, 2]] }),
  ...of('LRN', { attributes: { size: 3 } }),
  ...of('LpNormalization'),
];

/** Gone before a provider is asked: of constants, or of nothing to do. */
const FOLDED = ['Constant', 'ConstantOfShape', 'Dropout', 'Identity', 'Range', 'Shape'];

const isTaken = async (asked: OneOperator): Promise<boolean> => {
  try {
    const given = { ort, id: asked.type, onnx: oneOperator(asked), gpu: gpu.device, deviceName: 'a GPU' };
    await (await startSession(given)).release();
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && thrown.message.includes('assigned to the default CPU EP')) return false;
    throw thrown; // the graph itself is wrong
  }
};

test('an operator is taken to run there if and only if the runtime takes it', async () => {
  const taken: string[] = [];
  for (const asked of ASKED) if (await isTaken(asked)) taken.push(asked.type);
  expect([...taken, ...FOLDED].sort()).toEqual([...ON_GPU].sort());
}, 240_000);

// Which operators are taken to run on a GPU in the browser: a forecast for people, nothing more. In part from an old table of
// the runtime, in part from what our own networks use; it was not checked against the version that runs here, and types are
// not looked at. The session, which allows no fall to the processor, has the last word.
import type { OperatorCount } from './onnx-facts.ts';

const ON_GPU = new Set(
  `Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BatchNormalization Cast Ceil Clip Concat Constant
  ConstantOfShape Conv ConvTranspose Cos Cosh CumSum DepthToSpace Div Einsum Elu Equal Erf Exp Expand Flatten Floor Gather
  GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual HardSigmoid HardSwish Identity
  InstanceNormalization LayerNormalization LeakyRelu Less LessOrEqual Log MatMul Max MaxPool Min Mul Neg Not Or Pad Pow
  Range Reciprocal ReduceL1 ReduceL2 ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Resize
  ScatterND Shape Sigmoid Sin Sinh Slice Softmax Split Sqrt Squeeze Sub Tan Tanh ThresholdedRelu Tile Transpose Unsqueeze
  Where`.split(/\s+/),
);

/** Those that are not known to run there. */
export const notOnGpu = (operators: readonly OperatorCount[]): OperatorCount[] =>
  operators.filter(({ domain, type }) => !['', 'ai.onnx'].includes(domain) || !ON_GPU.has(type));

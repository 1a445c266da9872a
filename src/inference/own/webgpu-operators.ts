// Which operators ONNX Runtime computes on a GPU in the browser. The list is of those that networks for pictures are made
// of, from the runtime's table of WebGPU operators and what FACTS.md §2.7 measured; what is not on it is said to fall to
// the processor, and the session, which allows no such fall, has the last word.
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

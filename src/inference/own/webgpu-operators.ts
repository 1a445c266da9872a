// Which operators run on a GPU in the browser: those that the runtime's WebGPU provider registers for float32, asked one by
// one (webgpu-operators.browser.ts fails when a version of the runtime takes others). A forecast for people: of an operator's
// attributes, and of types beside float32, a graph may ask what the provider lacks. The session, which allows no fall to the
// processor, has the last word.
import type { OperatorCount } from './onnx-facts.ts';

export const ON_GPU: ReadonlySet<string> = new Set(
  `Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool BatchNormalization Cast Ceil Clip Concat Constant
  ConstantOfShape Conv ConvTranspose Cos Cosh CumSum DepthToSpace Div Dropout Einsum Elu Equal Erf Exp Expand Flatten Floor
  Gather GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual GridSample HardSigmoid
  HardSwish Identity InstanceNormalization LayerNormalization LeakyRelu Less LessOrEqual Log LpNormalization MatMul Max
  MaxPool Min Mul Neg Not PRelu Pad Pow Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean
  ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Resize ScatterND Shape Sigmoid Sin Sinh Slice Softmax Softplus
  Split Sqrt Squeeze Sub Tan Tanh ThresholdedRelu Tile Transpose Unsqueeze Where`.split(/\s+/),
);

/** Those that are not known to run there. */
export const notOnGpu = (operators: readonly OperatorCount[]): OperatorCount[] =>
  operators.filter(({ domain, type }) => !['', 'ai.onnx'].includes(domain) || !ON_GPU.has(type));

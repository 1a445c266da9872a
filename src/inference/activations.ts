// How large a graph's tensors become: what decides which windows fit a device's buffers.
import { ATTRIBUTE, TENSOR } from './onnx-fields.ts';
import { type Graph, type GraphNode, graphOf } from './onnx-graph.ts';
import { messagesOf, numbersOf } from './protobuf.ts';

/** A tensor between operators, in units of the window. */
interface Extent {
  readonly side: number; //      of its own a window px
  readonly elements: number; //  a window px²: channels × side²
}

const PICTURE: Extent = { side: 1, elements: 3 };

/**
 * The number of elements of the largest tensor that the graph makes of a picture, a pixel of the picture. An upper bound:
 * a slice counts as what it was cut from, and an operator not known here as the largest of its inputs.
 * @throws EosinError BadInput where the bytes are no ONNX file
 */
export function largestActivation(onnx: Uint8Array<ArrayBuffer>, input: string): number {
  const graph = graphOf(onnx);
  const extents = new Map([[input, PICTURE]]);
  let largest = PICTURE.elements;
  for (const node of graph.nodes) {
    const seen = node.inputs.flatMap((name) => extents.get(name) ?? []);
    if (seen.length === 0) continue; // made of constants alone
    const extent = extentOf(node, seen, graph);
    for (const output of node.outputs) extents.set(output, extent);
    largest = Math.max(largest, extent.elements);
  }
  return largest;
}

function extentOf(node: GraphNode, seen: readonly Extent[], { shapes, tensors }: Graph): Extent {
  const most = seen.reduce((a, b) => (b.elements > a.elements ? b : a));
  const scaled = (factor: number, channels = most.elements / most.side ** 2): Extent => {
    const side = most.side * factor;
    return { side, elements: channels * side ** 2 };
  };
  const stride = numbersOf(node.attribute('strides'), ATTRIBUTE.ints)[0] ?? 1;
  const weights = shapes.get(node.inputs[1] ?? '');
  switch (node.opType) {
    case 'Conv':
      return scaled(1 / stride, weights?.[0]);
    case 'ConvTranspose': {
      const group = numbersOf(node.attribute('group'), ATTRIBUTE.int)[0] ?? 1;
      return scaled(stride, weights?.[1] === undefined ? undefined : weights[1] * group);
    }
    case 'MaxPool':
    case 'AveragePool':
      return scaled(1 / stride);
    case 'Resize':
      return scaled(lastFloat(tensors.get(node.inputs[2] ?? '')) ?? 1);
    case 'DepthToSpace':
      return {
        side: most.side * (numbersOf(node.attribute('blocksize'), ATTRIBUTE.int)[0] ?? 1),
        elements: most.elements,
      };
    case 'Concat':
      return { side: most.side, elements: seen.reduce((sum, { elements }) => sum + elements, 0) };
    default:
      return most;
  }
}

/** The last of a float32 tensor's values: Resize's scale along the width. */
function lastFloat(tensor: Parameters<typeof messagesOf>[0] | undefined): number | undefined {
  const [bytes] = tensor ? [...messagesOf(tensor, TENSOR.raw), ...messagesOf(tensor, TENSOR.floats)] : [];
  if (!bytes || bytes.byteLength < 4) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat32(bytes.byteLength - 4, true);
}

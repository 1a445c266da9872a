import type { ModelClass } from '#inference/manifest.ts';
import type { Features } from './features.ts';
import { type Head, plainLayers, predict } from './head.ts';
import type { Kernel } from './kernel/kernel.ts';
import { goldenRows, type ModelFolder, type ModelName, modelFolder } from './model-folder.ts';
import { type RowsNode, rowsModel } from './rows-graph.ts';

/** features [n × inputs], as the encoder gives them → classes [n × classes], calibrated probabilities. */
function headModel(head: Head): Uint8Array<ArrayBuffer> {
  const layers = plainLayers(head);
  const nodes: RowsNode[] = [];
  let from = 'features';
  for (const index of layers.keys()) {
    const inputs = [from, `head.${index}.weight`, `head.${index}.bias`];
    nodes.push({ type: 'Gemm', inputs, output: `linear_${index}`, attributes: { transB: 1 } });
    from = `linear_${index}`;
    if (index === layers.length - 1) continue;
    nodes.push({ type: 'Relu', inputs: [from], output: `hidden_${index}` });
    from = `hidden_${index}`;
  }
  nodes.push({ type: 'Softmax', inputs: [from], output: 'classes', attributes: { axis: 1 } });
  const constants = layers.flatMap(({ inputs, outputs, weight, bias = new Float32Array(outputs) }, index) => [
    { name: `head.${index}.weight`, dims: [outputs, inputs], values: weight },
    { name: `head.${index}.bias`, dims: [outputs], values: bias },
  ]);
  return rowsModel({
    input: { name: 'features', channels: head.inputs },
    nodes,
    constants,
    outputs: [{ name: 'classes', rows: undefined, channels: head.classes }],
  });
}

/** @param sample patches of its encoder; the first few become the golden input */
export function headFolder(
  kernel: Kernel,
  head: Head,
  classes: readonly ModelClass[],
  sample: Features,
  named: ModelName,
): Promise<ModelFolder> {
  const features = goldenRows(sample);
  return modelFolder({
    named,
    task: 'head',
    onnx: headModel(head),
    parameters: head.layers.reduce((sum, { weight, outputs }) => sum + weight.length + outputs, 0),
    channels: head.inputs,
    outputs: [{ name: 'classes', kind: 'rows', classes }],
    golden: { features: features.values, outputs: [predict(kernel, head, features)] },
  });
}

// An attention network as a model folder: outputs attention, patch and slide, as the shipped ones have them.
import type { ModelClass } from '#inference/manifest.ts';
import { type AttentionModel, attend, pool } from './attention-network.ts';
import { type Layer, unscaled } from './dense.ts';
import type { Features } from './features.ts';
import type { Kernel } from './kernel/kernel.ts';
import { goldenRows, type ModelFolder, type ModelName, modelFolder } from './model-folder.ts';
import { type Constant, type RowsNode, rowsModel } from './rows-graph.ts';

/** features [n × inputs], as the encoder gives them → attention [n × 1], patch [n × classes], slide [1 × classes]: logits. */
function attentionModel(model: AttentionModel): Uint8Array<ArrayBuffer> {
  const { adapter, ...layers } = model.layers;
  const nodes: RowsNode[] = [];
  const constants: Constant[] = [];
  const node = (type: RowsNode['type'], inputs: string[], output: string, attributes = {}): string => {
    nodes.push({ type, inputs, output, attributes });
    return output;
  };
  const row = (name: string, values: Float32Array): string => {
    constants.push({ name, dims: [1, values.length], values });
    return name;
  };
  const linear = (
    x: string,
    name: string,
    { inputs, outputs, weight, bias }: Layer,
    output = `${name}.linear`,
  ): string => {
    constants.push({ name: `${name}.weight`, dims: [outputs, inputs], values: weight });
    if (bias) constants.push({ name: `${name}.bias`, dims: [outputs], values: bias });
    return node('Gemm', [x, `${name}.weight`, ...(bias ? [`${name}.bias`] : [])], output, { transB: 1 });
  };
  let input = 'features';
  if (adapter) {
    const { mean, deviation } = model.scaling;
    const scale = deviation.map((value) => 1 / value);
    const shift = mean.map((value, j) => -value / (deviation[j] ?? 1));
    const scaled = node(
      'Add',
      [node('Mul', ['features', row('scale', scale)], 'scaled'), row('shift', shift)],
      'standard',
    );
    const down = node('Relu', [linear(scaled, 'adapter.down', adapter.down)], 'adapter.hidden');
    input = node('Add', [scaled, linear(down, 'adapter.up', adapter.up)], 'adapted');
  }
  const first = adapter ? layers['tail.0'] : unscaled(layers['tail.0'], model.scaling);
  const tail = node('Relu', [linear(input, 'tail.0', first)], 'tail');
  const hidden = node('Relu', [linear(tail, 'tail.2', layers['tail.2'])], 'hidden');
  let read = node('Tanh', [linear(hidden, 'attention.0', layers['attention.0'])], 'attention.tanh');
  if (layers['attention.gate']) {
    const gate = node('Sigmoid', [linear(hidden, 'attention.gate', layers['attention.gate'])], 'attention.sigmoid');
    read = node('Mul', [read, gate], 'attention.gated');
  }
  linear(read, 'attention.2', layers['attention.2'], 'attention');
  linear(hidden, 'classifier', layers.classifier, 'patch');
  const weights = node('Softmax', ['attention'], 'weights', { axis: 0 });
  node('MatMul', [node('Transpose', [weights], 'turned', { perm: [1, 0] }), 'patch'], 'slide');
  return rowsModel({
    input: { name: 'features', channels: model.inputs },
    nodes,
    constants,
    outputs: [
      { name: 'attention', rows: undefined, channels: 1 },
      { name: 'patch', rows: undefined, channels: model.classes },
      { name: 'slide', rows: 1, channels: model.classes },
    ],
  });
}

/** @param sample patches of its encoder; the first few become the golden bag */
export function attentionFolder(
  kernel: Kernel,
  model: AttentionModel,
  classes: readonly ModelClass[],
  sample: Features,
  named: ModelName,
): Promise<ModelFolder> {
  const features = goldenRows(sample);
  const { attention, patch } = attend(kernel, model, features);
  const slide = Float32Array.from(pool(attention, patch, model.classes).logits);
  const { adapter, ...layers } = model.layers;
  const all = [...Object.values(layers), adapter?.down, adapter?.up];
  return modelFolder({
    named,
    task: 'attention',
    onnx: attentionModel(model),
    parameters: all.reduce((sum, layer) => sum + (layer ? layer.weight.length + (layer.bias?.length ?? 0) : 0), 0),
    channels: model.inputs,
    outputs: [
      { name: 'attention', kind: 'rows', channels: 1 },
      { name: 'patch', kind: 'rows', classes },
      { name: 'slide', kind: 'bag', classes },
    ],
    golden: { features: features.values, outputs: [attention, patch, slide] },
  });
}

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Constant, type RowsNode, rowsModel } from '#learn/rows-graph.ts';
import { DIM, ELEMENT, GRAPH, MODEL, NODE, SHAPE, TENSOR, TENSOR_TYPE, TYPE, VALUE } from '../onnx-fields.ts';
import { parsePatchManifest } from '../parse-manifest.ts';
import { bytesField, joined, numberField, textField } from '../protobuf.ts';
import { readDescription } from './description.ts';
import { withExternalData } from './external-data.ts';
import { readOnnx } from './onnx-facts.ts';
import { isOwn, ownManifest } from './own-manifest.ts';
import { NORMALISATIONS, proposalFor } from './proposal.ts';
import { purposeOf } from './use.ts';
import { notOnGpu } from './webgpu-operators.ts';

type Bytes = Uint8Array<ArrayBuffer>;
const read = (path: string): Bytes => new Uint8Array(readFileSync(path));
const SIMCLR = 'public/models/resnet18-simclr/model.onnx';
const BROAD = '../shared/weights/unet2d_nuclei_broad.onnx';
const TISSUE = '../shared/weights/tissue_unet_superfast.onnx';

interface Graph {
  readonly domain?: string;
  readonly op?: string;
  readonly element?: number;
  readonly inputs?: readonly (readonly (number | string)[] | undefined)[];
  readonly external?: string;
}

/** One node between an input of a shape and an output. */
function tiny({
  domain = '',
  op = 'Relu',
  element = ELEMENT.float,
  inputs = [['n', 3, 8, 8]],
  external,
}: Graph = {}): Bytes {
  const value = (name: string, dims: readonly (number | string)[] | undefined): Bytes => {
    const sides = dims?.map((dim) =>
      bytesField(SHAPE.dim, typeof dim === 'number' ? numberField(DIM.value, dim) : textField(DIM.param, dim)),
    );
    const tensor = [
      numberField(TENSOR_TYPE.element, element),
      ...(sides ? [bytesField(TENSOR_TYPE.shape, ...sides)] : []),
    ];
    return joined([textField(VALUE.name, name), bytesField(VALUE.type, bytesField(TYPE.tensor, ...tensor))]);
  };
  const names = inputs.map((_, k) => `x${k}`);
  const entry = (key: string, text: string): Bytes =>
    bytesField(TENSOR.external, textField(1, key), textField(2, text));
  const weights = [
    numberField(TENSOR.dims, 2),
    numberField(TENSOR.dataType, ELEMENT.float),
    textField(TENSOR.name, 'w'),
    ...(external ? [entry('location', external), entry('offset', '4'), entry('length', '8')] : []),
    ...(external ? [numberField(TENSOR.location, 1)] : [bytesField(TENSOR.raw, new Uint8Array(8))]),
  ];
  const node = [
    ...names.map((name) => textField(NODE.input, name)),
    textField(NODE.output, 'y'),
    textField(NODE.opType, op),
    ...(domain ? [textField(NODE.domain, domain)] : []),
  ];
  const graph = [
    bytesField(GRAPH.node, ...node),
    bytesField(GRAPH.initializer, ...weights),
    ...inputs.map((dims, k) => bytesField(GRAPH.input, value(names[k] ?? '', dims))),
    bytesField(GRAPH.output, value('y', ['n', 4])),
  ];
  return joined([numberField(MODEL.irVersion, 8), bytesField(MODEL.graph, ...graph)]);
}

const said = (work: () => unknown): string => {
  try {
    work();
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
  return 'nothing was thrown';
};
const used = (graph: Graph) => purposeOf(readOnnx(tiny(graph), 'a.onnx'), 'a.onnx');

describe('readOnnx', () => {
  test('a shipped encoder: what goes in and out, of what it is made', () => {
    const facts = readOnnx(read(SIMCLR), 'model.onnx');
    expect(facts.inputs).toEqual([{ name: 'image', element: ELEMENT.float, dims: ['n', 3, 'height', 'width'] }]);
    expect(facts.outputs.map(({ name, dims }) => [name, dims?.[1]])).toEqual([
      ['block1', 64],
      ['block2', 128],
      ['block3', 256],
      ['block4', 512],
    ]);
    expect(facts).toMatchObject({ opset: 17, nodes: 94, parameters: 11_171_712 });
    expect(facts.operators[0]).toEqual({ domain: '', type: 'Cast', count: 40 });
    expect(notOnGpu(facts.operators)).toEqual([]);
  });

  test.each([
    ['a picture', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), 'it is not an ONNX file'],
    ['nothing', new Uint8Array(0), 'it is not an ONNX file'],
    ['half of one', read(SIMCLR).slice(0, 1_000_000), 'it is cut short or damaged'],
  ])('%s is told', (_, bytes, expected) => {
    expect(said(() => readOnnx(bytes, 'a.onnx'))).toContain(`The model a.onnx cannot be used: ${expected}`);
  });

  test('every cut of a small file is told, and none throws anything else', () => {
    const whole = tiny();
    for (let length = 0; length < whole.length; length++)
      expect(said(() => readOnnx(whole.slice(0, length), 'a.onnx'))).toMatch(
        /^The model a\.onnx cannot be used|^nothing/,
      );
  });

  test('operators of other domains, and control flow, are named', () => {
    expect(said(() => readOnnx(tiny({ domain: 'mmdeploy', op: 'NMSRotated' }), 'a.onnx'))).toContain(
      'it uses operators that the runtime does not know (NMSRotated of mmdeploy)',
    );
    expect(said(() => readOnnx(tiny({ op: 'Loop' }), 'a.onnx'))).toContain('its graph branches (Loop)');
  });

  test('weights in another file: its name is told; dropped together they come into one', () => {
    const apart = tiny({ external: 'model.onnx.data' });
    expect(said(() => readOnnx(apart, 'a.onnx'))).toBe(
      'The model a.onnx cannot be used: its weights lie in another file (model.onnx.data). Drop that file together with it.',
    );
    const data = new Map([['model.onnx.data', Uint8Array.from({ length: 12 }, (_, k) => k)]]);
    const whole = withExternalData(apart, data, 'a.onnx');
    expect(readOnnx(whole, 'a.onnx').nodes).toBe(1);
    expect(Buffer.from(whole).includes(Buffer.from([4, 5, 6, 7, 8, 9, 10, 11]))).toBe(true);
    const short = new Map([['model.onnx.data', new Uint8Array(8)]]);
    expect(said(() => withExternalData(apart, short, 'a.onnx'))).toContain('ends at 8 bytes, its weights reach to 12');
  });
});

describe('purposeOf', () => {
  test('patches in one size or in any, features', () => {
    expect(used({})).toMatchObject({ kind: 'patches', side: 8, output: 'vector' });
    expect(used({ inputs: [['n', 3, 'h', 'w']] })).toMatchObject({ kind: 'patches', side: undefined });
    expect(used({ inputs: [['n', 8, 8, 3]] })).toMatchObject({ kind: 'patches', side: 8, coloursLast: true });
    expect(used({ inputs: [['n', 512]] })).toMatchObject({ kind: 'rows', channels: 512 });
  });

  test.each([
    ['one channel', { inputs: [['n', 1, 8, 8]] }, 'it reads pictures of 1 channel.'],
    ['four channels', { inputs: [['n', 4, 8, 8]] }, 'it reads pictures of 4 channels.'],
    ['oblong', { inputs: [['n', 3, 8, 16]] }, 'it reads 16 × 8 px.'],
    ['no shape', { inputs: [undefined] }, 'its input x0 states no shape.'],
    ['float16', { element: ELEMENT.half }, 'its input x0 is float16'],
    [
      'two inputs',
      {
        inputs: [
          ['n', 3, 8, 8],
          ['n', 2],
        ],
      },
      'it has 2 inputs (x0, x1).',
    ],
    ['a sequence', { inputs: [['n', 16, 8]] }, 'its input is float32 [n × 16 × 8].'],
  ] satisfies [string, Graph, string][])('%s is told', (_, graph, expected) => {
    expect(said(() => used(graph))).toContain(expected);
  });

  test.skipIf(!existsSync(BROAD))('../shared/weights: a U-Net for grey pictures, and one with colours last', () => {
    expect(said(() => purposeOf(readOnnx(read(BROAD), 'broad.onnx'), 'broad.onnx'))).toContain('pictures of 1 channel');
    const tissue = purposeOf(readOnnx(read(TISSUE), 'tissue.onnx'), 'tissue.onnx');
    expect(tissue).toMatchObject({ kind: 'patches', coloursLast: true, output: 'maps' });
  });
});

const WSINFER = {
  spec_version: '1.0',
  architecture: 'resnet34',
  num_classes: 2,
  patch_size_pixels: 350,
  spacing_um_px: 0.25,
  class_names: ['notumor', 'tumor'],
  transform: [
    { name: 'Resize', arguments: { size: 224 } },
    { name: 'ToTensor' },
    { name: 'Normalize', arguments: { mean: [0.7238, 0.5716, 0.6779], std: [0.112, 0.1459, 0.1089] } },
  ],
};

const RDF5 = `format_version: 0.5.4
name: A picture model
license: CC-BY-4.0
description: Says what it does.
inputs:
  - id: raw
    axes:
      - {type: batch}
      - {type: channel, id: channel, channel_names: [r, g, b]}
      - {type: space, id: y, size: {min: 64, step: 32}, scale: 0.5, unit: micrometer}
      - {type: space, id: x, size: {min: 64, step: 32}, scale: 0.5, unit: micrometer}
    preprocessing:
      - {id: ensure_dtype, kwargs: {dtype: float32}}
      - {id: scale_linear, kwargs: {gain: 0.00392156862745098, offset: 0}}
      - {id: fixed_zero_mean_unit_variance, kwargs: {mean: [0.5, 0.4, 0.3], std: [0.2, 0.1, 0.3], axis: channel}}
weights: {onnx: {source: weights.onnx}}
`;
const RDF4 = `format_version: 0.4.10
name: An older one
inputs:
  - {name: raw, axes: bcyx, shape: [1, 1, 512, 512], preprocessing: [{name: zero_mean_unit_variance, kwargs: {mode: per_sample}}]}
`;

describe('readDescription', () => {
  test('WSInfer: the patch as the network reads it, after resizing', async () => {
    const found = await readDescription('config.json', JSON.stringify(WSINFER));
    expect(found).toMatchObject({
      source: 'WSInfer',
      window: 224,
      classes: ['notumor', 'tumor'],
      std: [0.112, 0.1459, 0.1089],
    });
    expect(found?.mpp).toBeCloseTo((0.25 * 350) / 224, 10);
  });

  test('bioimage.io 0.5: scale, size and fixed steps', async () => {
    const found = await readDescription('rdf.yaml', RDF5);
    expect(found).toMatchObject({ source: 'bioimage.io', licence: 'CC-BY-4.0', window: 64, channels: 3, mpp: 0.5 });
    for (const [k, value] of [0.5, 0.4, 0.3].entries()) expect(found?.mean?.[k]).toBeCloseTo(value, 6);
    for (const [k, value] of [0.2, 0.1, 0.3].entries()) expect(found?.std?.[k]).toBeCloseTo(value, 6);
  });

  test('bioimage.io 0.4: a step that depends on the picture is not turned into numbers', async () => {
    expect(await readDescription('rdf.yaml', RDF4)).toMatchObject({ window: 512, channels: 1, mean: undefined });
  });

  test('other files are none, broken ones are told', async () => {
    expect(await readDescription('package.json', '{"name": "x"}')).toBeUndefined();
    expect(await readDescription('notes.txt', 'hello')).toBeUndefined();
    await expect(readDescription('config.json', '{')).rejects.toThrow('config.json: it cannot be read');
    await expect(readDescription('rdf.yaml', 'a: [1')).rejects.toThrow('rdf.yaml: it cannot be read');
    const two = JSON.stringify({ ...WSINFER, num_classes: 3 });
    await expect(readDescription('config.json', two)).rejects.toThrow('it says 3 classes and names 2');
  });
});

/** [n, 3, 8, 8] → Div by a constant → Flatten → Gemm → 2 classes. */
function classifier(divisor: number): Bytes {
  const nodes: RowsNode[] = [
    { type: 'Mul', inputs: ['features', 'divisor'], output: 'scaled' },
    { type: 'Gemm', inputs: ['scaled', 'w'], output: 'logits', attributes: { transB: 1 } },
  ];
  const constants: Constant[] = [
    { name: 'divisor', dims: [1], values: Float32Array.of(1 / divisor) },
    { name: 'w', dims: [2, 4], values: new Float32Array(8) },
  ];
  return rowsModel({
    input: { name: 'features', channels: 4 },
    nodes,
    constants,
    outputs: [{ name: 'logits', rows: undefined, channels: 2 }],
  });
}

describe('proposalFor', () => {
  const simclr = read(SIMCLR);
  const use = purposeOf(readOnnx(simclr, 'm.onnx'), 'm.onnx');

  test('nothing stated: usual values, marked as guesses', () => {
    if (use.kind !== 'patches') throw new Error('it reads patches');
    const found = proposalFor(simclr, use, 'model.onnx', undefined);
    expect(found.window).toMatchObject({ value: 224, isGuess: true });
    expect(found.mpp).toMatchObject({ value: 0.5, isGuess: true });
    expect(found.normalisation).toMatchObject({ value: NORMALISATIONS.imagenet, isGuess: true });
    expect(proposalFor(simclr, use, 'resnet18.onnx', undefined).normalisation.isGuess).toBe(false);
    expect(found.contradictions).toEqual([]);
  });

  test('a description is taken over, and what contradicts the file is told', async () => {
    if (use.kind !== 'patches') throw new Error('it reads patches');
    const described = await readDescription('config.json', JSON.stringify(WSINFER));
    const fixed = { ...use, side: 112 };
    const found = proposalFor(simclr, fixed, 'model.onnx', described);
    expect(found.window).toMatchObject({ value: 112, isGuess: false });
    expect(found.normalisation).toMatchObject({ from: 'WSInfer', value: { mean: [0.7238, 0.5716, 0.6779] } });
    expect(found.contradictions).toEqual(['WSInfer says 224 px, the graph takes 112 px.']);
    const grey = described && { ...described, channels: 1 };
    expect(proposalFor(simclr, use, 'm.onnx', grey).contradictions).toEqual([
      'WSInfer says 1 channel, the graph takes three.',
    ]);
  });

  test('a graph that scales its input itself gets plain values', () => {
    const asPatches = {
      kind: 'patches',
      input: { name: 'features', element: 1, dims: [] },
      side: 8,
      coloursLast: false,
      output: 'vector',
    } as const;
    expect(proposalFor(classifier(255), asPatches, 'm.onnx', undefined).normalisation.value).toBe(NORMALISATIONS.bytes);
    expect(proposalFor(classifier(2), asPatches, 'm.onnx', undefined).normalisation.isGuess).toBe(true);
  });
});

describe('ownManifest', () => {
  test('is one that the app reads, with an id of its own for every choice', async () => {
    const tap = {
      tensor: 'block2',
      output: 'block2',
      channels: 128,
      shape: 'vector',
      what: 'features',
      side: undefined,
    } as const;
    const choices = {
      name: 'My Encoder (v2)!',
      licence: 'unknown',
      summary: 'Added here.',
      mpp: 1,
      window: 112,
      isFixed: false,
      normalisation: NORMALISATIONS.signed,
      taps: [tap],
    };
    const counted = { input: 'image', parameters: 5, gflopPerMegapixel: 72.34 };
    const made = await ownManifest(choices, new Uint8Array(4), counted);
    expect(made.id).toMatch(/^own-my-encoder-v2-[0-9a-f]{6}$/);
    expect(isOwn(made.id)).toBe(true);
    expect(parsePatchManifest(JSON.parse(JSON.stringify(made)))).toEqual(made);
    const other = await ownManifest({ ...choices, mpp: 0.5 }, new Uint8Array(4), counted);
    expect(other.id).not.toBe(made.id);
  });
});

// A manifest with every field, as models/ writes them.
export const manifestExample = {
  schema: 1,
  id: 'cerberus-lite',
  name: 'Cerberus lite',
  version: '0.1.0',
  task: 'segmentation',
  summary: 'Nuclei, glands, lumina and tissue at 0.5 µm a pixel.',
  licence: 'CC-BY-NC-SA-4.0',
  licenceNote: 'Its training data say so.',
  data: ['MoNuSeg', 'phantoms'],
  metrics: [
    { name: 'nuclei Dice', value: 0.81, ci: [0.79, 0.83] },
    { name: 'tissue accuracy', value: 0.9 },
  ],
  file: 'model.onnx',
  bytes: 6899414,
  sha256: '9c7062f3398bf31cd5fac638986f3da506b34371feea3bb8a20404cb7cc775d6',
  parameters: 3440848,
  gflopPerMegapixel: 78,
  input: {
    name: 'image',
    mpp: 0.5,
    layout: 'NCHW',
    channels: 'RGB',
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    window: 1024,
    margin: 64,
    multiple: 64,
  },
  outputs: [
    { name: 'nuclei', kind: 'packed', stride: 0.5, planes: ['nuclei'] },
    { name: 'coarse', kind: 'packed', stride: 2, planes: ['types', 'glands', 'lumina'] },
    { name: 'tissue', kind: 'grid', stride: 64, classes: [{ name: 'Stroma', color: '#e29a5b' }] },
    { name: 'features', kind: 'features', stride: 4, channels: 64 },
  ],
  tasks: {
    nuclei: {
      classes: [
        { name: 'Epithelial', color: '#ff7a1a' },
        { name: 'Other', color: '#FFFFFF' },
      ],
      postprocess: { upsample: 1, foreground: 128, marker: 150, minMarkerUm2: 1, minAreaUm2: 8, minProbability: 150 },
    },
    glands: {
      classes: [{ name: 'Gland', color: '#ffee1f' }],
      postprocess: { foreground: 128, seed: 128, minSeedUm2: 200, growUm: 5, minAreaUm2: 500 },
    },
    lumina: { classes: [{ name: 'Lumen', color: '#1a2bff' }], postprocess: { foreground: 128, minAreaUm2: 40 } },
  },
  golden: { image: 'golden.png', outputs: 'golden.bin', tolerance: 0.01 },
};

/** The same for an attention model. */
export const rowsExample = {
  schema: 1,
  id: 'attention-crc',
  name: 'Colorectal tumour, attention',
  version: '0.1.0',
  task: 'attention',
  summary: 'Whether there is tumour on a slide, and where.',
  licence: 'CC-BY-NC-SA-4.0',
  licenceNote: 'Its training data say so.',
  data: ['crc5'],
  metrics: [{ name: 'bag AUC', value: 0.95, ci: [0.9, 0.99] }],
  file: 'model.onnx',
  bytes: 339080,
  sha256: '69253fef0c8c5567da7fc18157c09b3ee7a2da0ad07c01b04044f78ad4eb6210',
  parameters: 84000,
  gflopPerMegapixel: 0,
  input: {
    name: 'features',
    layout: 'NC',
    channels: 256,
    encoder: {
      id: 'resnet18-simclr',
      sha256: '9c7062f3398bf31cd5fac638986f3da506b34371feea3bb8a20404cb7cc775d6',
      output: 'block3',
    },
  },
  outputs: [
    { name: 'attention', kind: 'rows', channels: 1 },
    { name: 'patch', kind: 'rows', classes: [{ name: 'No tumour', color: '#3f9e6b' }] },
    { name: 'slide', kind: 'bag', classes: [{ name: 'No tumour', color: '#3f9e6b' }] },
  ],
  golden: { features: 'golden-features.bin', outputs: 'golden.bin', tolerance: 0.0001 },
};

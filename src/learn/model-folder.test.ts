import { describe, expect, test } from 'vitest';
import { openNodeRows } from '#inference/node-model.ts';
import { parseManifest, rowsManifest } from '#inference/parse-manifest.ts';
import { attentionFolder } from './attention-folder.ts';
import { attend, pool } from './attention-network.ts';
import { taken } from './features.ts';
import { predict } from './head.ts';
import { headFolder } from './head-folder.ts';
import type { ModelFolder } from './model-folder.ts';
import { finished } from './steps.ts';
import { clouds, testKernel } from './testing/made-up.ts';
import { trainAttention, USUAL_ATTENTION } from './train-attention.ts';
import { trainHead, USUAL_HEAD } from './train-head.ts';

const kernel = testKernel();
const named = {
  id: 'my-head',
  name: 'My head',
  summary: 'Three made-up classes.',
  licence: 'CC0-1.0',
  licenceNote: 'Made up.',
  data: ['seeded draws'],
  metrics: [{ name: 'macro F1', value: 0.9, ci: [0.8, 1] as const }],
  encoder: { id: 'resnet18-simclr', sha256: 'a'.repeat(64), output: 'block3' },
};
const COLOURS = ['#b5343c', '#3f9e6b', '#3b6fd4'].map((color, i) => ({ name: `Class ${i}`, color }));

/** The folder's model, opened by the runtime as the app would. */
function opened({ files }: ModelFolder) {
  const read = (name: string): Uint8Array<ArrayBuffer> => files.get(name) ?? new Uint8Array();
  return openNodeRows({
    manifest: rowsManifest(parseManifest(JSON.parse(new TextDecoder().decode(read('model.json'))))),
    onnx: read('model.onnx'),
    golden: { features: read('golden-features.bin').buffer, outputs: read('golden.bin').buffer },
  });
}

const { signal } = new AbortController();

function expectClose(said: ArrayLike<number>, ours: ArrayLike<number>, within: number): void {
  expect(said).toHaveLength(ours.length);
  for (let i = 0; i < ours.length; i++) expect(Math.abs((said[i] ?? 9) - (ours[i] ?? 9))).toBeLessThan(within);
}

describe('a head saved as ONNX', () => {
  test.each([0, 12])('with %d hidden opens again and says the same', async (hidden) => {
    const labelled = clouds({ rows: 300, cols: 24, classes: 3, apart: 0.6 });
    const { head } = finished(trainHead(kernel, labelled, { ...USUAL_HEAD, hidden }));
    using model = await opened(await headFolder(kernel, head, COLOURS, labelled.features, named));
    expect(model.report.trust.verdict).toBe('trusted');
    expect(model.manifest.task).toBe('head');
    const said = await model.run(labelled.features.values, { signal });
    expectClose(said.classes?.data ?? [], predict(kernel, head, labelled.features), 1e-5);
  });
});

describe('an attention network saved as ONNX', () => {
  test.each([
    [false, 0],
    [true, 0],
    [true, 6],
  ])('gated: %s, stage 2 on %d patches: opens again and says the same', async (gated, topK) => {
    const { features, labels } = clouds({ rows: 240, cols: 24, classes: 2, apart: 0.6 });
    const bags = Array.from({ length: 8 }, (_, i) => {
      const rows = [...labels.keys()].filter((row) => row % 8 === i);
      return { name: `${i}`, features: taken(features, rows), label: i % 2, group: undefined };
    });
    const plan = { ...USUAL_ATTENTION, epochs: 3, gated, topK };
    const { model: trained } = finished(trainAttention(kernel, bags, plan));
    using model = await opened(await attentionFolder(kernel, trained, COLOURS.slice(0, 2), features, named));
    expect(model.report.trust.verdict).toBe('trusted');
    const said = await model.run(features.values, { signal });
    const ours = attend(kernel, trained, features);
    expectClose(said.attention?.data ?? [], ours.attention, 1e-4);
    expectClose(said.patch?.data ?? [], ours.patch, 1e-4);
    expectClose(said.slide?.data ?? [], pool(ours.attention, ours.patch, 2).logits, 1e-4);
  });
});

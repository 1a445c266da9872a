import { expect, test } from 'vitest';
import { FeatureSet } from '#analysis/feature-set.ts';
import type { LoadedRows } from '#inference/model.ts';
import { parseManifest, parsePatchManifest, rowsManifest } from '#inference/parse-manifest.ts';
import lite from '../../../public/models/efficientnet-lite0-imagenet/model.json';
import simclr from '../../../public/models/resnet18-simclr/model.json';
import tiles from '../../../public/models/tiles-crc5/model.json';
import { KeptFeatures } from '../attention/kept-features.ts';
import { trustedReport } from '../testing/trusted-report.ts';
import { saidByShelf } from './shelf-head.ts';

const manifest = rowsManifest(parseManifest(tiles));
const waits = new AbortController();

/** Says class i of patch i, in turn. */
const model: LoadedRows = {
  manifest,
  report: trustedReport,
  run: async (features) => {
    const rows = features.length / manifest.input.channels;
    const data = Float32Array.from({ length: 5 * rows }, (_, i) =>
      Math.round(features[112 * Math.floor(i / 5)] ?? 0) === i % 5 ? 1 : 0,
    );
    return { classes: { dims: [rows, 5], data } };
  },
  [Symbol.dispose]: () => undefined,
};

function setOf(json: unknown) {
  const set = new FeatureSet(parsePatchManifest(json));
  for (let row = 0; row < 7; row++) {
    const outputs = set.blocks.map(
      ({ name, channels }) => [name, { dims: [1, channels], data: new Float32Array(channels).fill(row % 5) }] as const,
    );
    set.add(`${row}`, { x: row, y: 0, width: 1, height: 1 }, Object.fromEntries(outputs));
  }
  return new KeptFeatures().name(
    'patches',
    set,
    Uint32Array.from({ length: 7 }, (_, row) => row),
  );
}

test('a shelf head names the patches of its own encoder, and refuses those of another', async () => {
  const said = await saidByShelf(model, setOf(lite), waits);
  expect(said.classes).toHaveLength(5);
  const best = Array.from({ length: 7 }, (_, row) => said.probabilities.subarray(5 * row, 5 * row + 5).indexOf(1));
  expect(best).toEqual([0, 1, 2, 3, 4, 0, 1]);
  await expect(saidByShelf(model, setOf(simclr), waits)).rejects.toThrow(/learnt from efficientnet-lite0-imagenet/);
});

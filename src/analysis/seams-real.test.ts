// Real tissue cut into patches gives what one patch over all of it gives: with the shipped network, on its shipped margin.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, vi } from 'vitest';
import type { LoadedModel } from '#inference/model.ts';
import { openNodeModel } from '#inference/node-model.ts';
import { parsePatchManifest } from '#inference/parse-manifest.ts';
import { openSlide } from '#slide/open.ts';
import { readRegion } from '#slide/region.ts';
import { nodeDecoders } from '#slide/testing/decoders.ts';
import { testOn } from '#slide/testing/shared.ts';
import { mpp } from '#units/units.ts';
import { pictureSlide } from './evaluate/evaluate.ts';
import { dqOf, pqOf, score } from './evaluate/metrics.ts';
import { rasterise } from './evaluate/rasterise.ts';
import { all, asked } from './testing/scene-run.ts';

vi.setConfig({ testTimeout: 240_000 }); // half a minute on a busy machine

const FOLDER = 'public/models/cerberus-lite';
const SIDE = 512; // level-0 px
const STEP = 16; // model px: margins that are no multiple of it move the network's coarsest grid, and all it finds

interface Part {
  readonly file: string;
  readonly x: number; // its corner, level-0 px
  readonly y: number;
  readonly um: number; // a level-0 px
  readonly windows: readonly [one: number, four: number]; // model px
  readonly kinds: readonly ('nuclei' | 'glands')[];
}
const PARTS: readonly Part[] = [
  // Epidermis and what lies below it.
  { file: 'CMU-1-Small-Region.svs', x: 1100, y: 1100, um: 0.5, windows: [640, 384], kinds: ['nuclei'] },
  { file: '../data/glands/glas/testA_1.jpg', x: 130, y: 5, um: 0.62, windows: [768, 448], kinds: ['nuclei', 'glands'] },
];

async function shipped() {
  const read = (name: string) => new Uint8Array(readFileSync(join(FOLDER, name)));
  const manifest = parsePatchManifest(JSON.parse(readFileSync(join(FOLDER, 'model.json'), 'utf8')));
  const golden = sharp(read(manifest.golden.image)).ensureAlpha().raw();
  const { data, info } = await golden.toBuffer({ resolveWithObject: true });
  const image = { width: info.width, height: info.height, rgba: new Uint8ClampedArray(data) };
  const outputs = read(manifest.golden.outputs).buffer;
  return openNodeModel({ manifest, onnx: read(manifest.file), golden: { image, outputs }, threads: 1 });
}

for (const { file: name, x, y, um, windows, kinds } of PARTS) {
  testOn(name, `in four patches and in one: the same ${kinds.join(' and ')}, PQ 0.99 at least`, async (file) => {
    const calm = { signal: new AbortController().signal };
    using scanned = await openSlide(file, { ...calm, decoders: nodeDecoders });
    const picture = await readRegion(scanned, { x, y, width: SIDE, height: SIDE }, 1, calm);
    const at = { x: mpp(um), y: mpp(um) };
    const slide = pictureSlide('tissue', picture, at);
    using model = await shipped();
    const { margin: shippedMargin } = model.manifest.input;
    const through = (windowPx: number, margin = shippedMargin) => {
      const input = { ...model.manifest.input, window: windowPx, margin };
      const region = { x: 0, y: 0, width: SIDE, height: SIDE };
      const sized: LoadedModel = {
        manifest: { ...model.manifest, input },
        report: model.report,
        window: windowPx,
        ahead: model.ahead,
        run: model.run.bind(model),
        giveBack: model.giveBack.bind(model),
        [Symbol.dispose]: () => undefined,
      };
      return all(asked({ slide, mpp: at, region, model: sized }));
    };
    const [whole, cut] = [await through(windows[0]), await through(windows[1])];
    expect([whole.end.patches, cut.end.patches]).toEqual([1, 4]);
    expect(whole.nuclei.count).toBeGreaterThan(100);
    for (const kind of kinds) {
      const agreement = score(rasterise(whole[kind], SIDE, SIDE), rasterise(cut[kind], SIDE, SIDE));
      const seen = `${kind}: ${JSON.stringify(agreement)}`;
      expect(dqOf(agreement), seen).toBeGreaterThanOrEqual(0.99);
      expect(pqOf(agreement), seen).toBeGreaterThanOrEqual(0.99);
    }
    if (kinds.length > 1) return; // once: a window takes a second
    const less = await through(windows[1], shippedMargin - STEP);
    expect(less.end.patches).toBe(4);
    const seams = score(rasterise(whole.nuclei, SIDE, SIDE), rasterise(less.nuclei, SIDE, SIDE));
    expect(pqOf(seams), `a smaller margin would do: ${JSON.stringify(seams)}`).toBeLessThan(0.98);
  });
}

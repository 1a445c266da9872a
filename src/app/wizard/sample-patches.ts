// Four patches to try a model on: of the open slide's tissue, or of the sample where no slide can give them. And the patch
// of the sample that an added model's golden files are made of: nobody else's pixels.
import { planEmbedding } from '#analysis/embed.ts';
import type { Waits } from '#channel/waits.ts';
import { failureOf } from '#errors/failure.ts';
import type { ImageInput } from '#inference/manifest.ts';
import { openPhantom } from '#phantom/open-phantom.ts';
import { readRegion } from '#slide/region.ts';
import { levelOf, type Pixels, type Slide } from '#slide/slide.ts';
import type { Point } from '#units/rect.ts';
import type { WizardNeeds } from '../lazy-wizard.ts';

export interface SamplePatches {
  readonly patches: readonly Pixels[]; // window × window each
  readonly from: string; //               a sentence
  /** Of all the slide's tissue; undefined where that is not known. */
  readonly count: number | undefined;
}

const PATCHES = 4;
const SEED = 1;

/** The middle of a sample: tissue in every seed. */
async function aroundMiddle(input: ImageInput, steps: readonly Point[], waits: Waits): Promise<Pixels[]> {
  const slide = openPhantom(SEED, 1);
  try {
    const { widthPx, heightPx } = levelOf(slide, 0);
    const downsample = input.mpp / (slide.mpp?.x ?? input.mpp);
    const side = input.window * downsample;
    const found: Pixels[] = [];
    for (const { x, y } of steps) {
      const corner = { x: widthPx / 2 + (x - 0.5) * side, y: heightPx / 2 + (y - 0.5) * side };
      found.push(await readRegion(slide, { ...corner, width: side, height: side }, downsample, waits));
    }
    return found;
  } finally {
    slide[Symbol.dispose]();
  }
}

export async function goldenPatch(input: ImageInput, waits: Waits): Promise<Pixels> {
  const [patch] = await aroundMiddle(input, [{ x: 0, y: 0 }], waits);
  if (patch) return patch;
  throw new Error('The sample gave no patch.');
}

async function ofSample(input: ImageInput, why: string, waits: Waits): Promise<SamplePatches> {
  const steps = [-1, 1].flatMap((y) => [-1, 1].map((x) => ({ x, y })));
  return { patches: await aroundMiddle(input, steps, waits), from: `${why}: patches of the sample.`, count: undefined };
}

/** @throws the signal's reason; what readTile throws of the open slide */
export async function samplePatches(
  { slides, regions }: WizardNeeds,
  input: ImageInput,
  { signal }: Waits,
): Promise<SamplePatches> {
  const slide: Slide | undefined = slides.opened()?.slide;
  const mpp = slides.mpp();
  if (!slide) return ofSample(input, 'No slide is open', { signal });
  if (!mpp) return ofSample(input, 'The open slide does not say how large its pixels are', { signal });
  try {
    const plan = planEmbedding({ slide, mpp, region: await regions.tissue({ signal }), input });
    if (plan.length === 0) return await ofSample(input, 'The open slide shows no tissue', { signal });
    const patches: Pixels[] = [];
    for (let k = 0; k < Math.min(PATCHES, plan.length); k++) {
      const { core } = plan[Math.floor(((k + 0.5) * plan.length) / Math.min(PATCHES, plan.length))]?.frame ?? {};
      if (!core) continue;
      const pixels = await readRegion(slide, core, core.width / input.window, { signal });
      if (pixels.width === input.window && pixels.height === input.window) patches.push(pixels);
    }
    if (patches.length === 0) return await ofSample(input, 'Its pixels are not square', { signal });
    return { patches, from: `${slide.name}, tissue.`, count: plan.length };
  } catch (thrown) {
    signal.throwIfAborted();
    if (failureOf(thrown).tag !== 'TooLittleTissue') throw thrown;
    return ofSample(input, 'The open slide shows no tissue', { signal });
  }
}

// The run that tests disturb: enough patches for hundreds of faults, over in a second when nobody does.
import { random } from '#objects/testing/random.ts';
import { planPatches } from '../plan.ts';
import type { RunAsked } from '../run.ts';
import { asked } from './scene-run.ts';
import { untilSilent } from './silence.ts';
import { type Disc, type Scene, sceneSlide } from './stand-in.ts';

const [WIDTH, HEIGHT] = [1150, 880]; // 9 × 7 patches of 128 px
const next = random(23);
const scattered = (count: number, r: number): Disc[] =>
  Array.from({ length: count }, () => ({ x: next() * WIDTH, y: next() * HEIGHT, r }));
const scene: Scene = {
  width: WIDTH,
  height: HEIGHT,
  nuclei: scattered(90, 9),
  glands: scattered(9, 60),
  lumina: scattered(9, 25),
};
const tile = { width: 60, height: 60 }; // smaller than the patches: their first tiles are all different
export const slide = sceneSlide(scene, { tile });
const whole = { x: 0, y: 0, width: WIDTH, height: HEIGHT };
export const windowPx = 96;
const { mpp, model } = asked();
export const plan = planPatches({
  slide,
  mpp,
  region: whole,
  input: { ...model.manifest.input, window: windowPx },
  viewCentre: { x: 0, y: 0 },
});
export const inFaults = (more: Partial<RunAsked>): RunAsked =>
  asked({ slide, region: whole, windowPx, wait: untilSilent(), viewCentre: () => ({ x: 0, y: 0 }), ...more });

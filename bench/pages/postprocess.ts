// Maps of one window → objects, by one worker of ours; and how far they are those of another program on the same maps.
import { pqOf, score } from '#analysis/evaluate/metrics.ts';
import { rasterise } from '#analysis/evaluate/rasterise.ts';
import { openPostprocess } from '#analysis/open-postprocess.ts';
import type { PatchFrame } from '#analysis/postprocess/frame.ts';
import type { Postprocessor } from '#analysis/postprocess/postprocessor.ts';
import type { ObjectColumns } from '#objects/columns.ts';
import { FINE_PX, MIDDLE, type WindowMaps, windowsOf } from './truth-maps.ts';

const waits = { signal: new AbortController().signal };

/** Settings of the shipped network; the fine map has 0.25, the coarse one 1 µm a pixel. */
const task = {
  fine: FINE_PX,
  coarse: FINE_PX / 4,
  mpp: 0.25,
  um: 1,
  nuclei: { upsample: 1 as const, foreground: 128, marker: 150, minMarkerUm2: 1, minAreaUm2: 4, minProbability: 185 },
  glands: { foreground: 128, seed: 128, minSeedUm2: 200, growUm: 5, minAreaUm2: 500 },
  lumina: { foreground: 128, minAreaUm2: 150 },
};

const named = (...names: string[]) => names.map((name) => ({ name, color: '#000000' }));

// Level-0 px are those of the fine map, so that objects can be painted as they are. A model px is 0.5 µm.
const whole = { x: 0, y: 0, width: task.fine, height: task.fine };
const frame: PatchFrame = {
  ...{ x: 0, y: 0, pxX: 2, pxY: 2, mpp: 0.5, size: task.fine / 2, margin: 0 },
  ...{ slide: whole, core: whole, col: 0, row: 0 },
};

let window1: WindowMaps | undefined;
const found = new Map<string, ObjectColumns>();

const windowOnce = (): WindowMaps => {
  window1 ??= windowsOf(1)(MIDDLE.x, MIDDLE.y, task.fine);
  return window1;
};

/** The task and its maps, little-endian int32 in base64. */
function maps(): { task: typeof task; planes: Record<string, string> } {
  const { nuclei, types, glands, lumina } = windowOnce();
  const base64 = (values: Int32Array): string => {
    let text = '';
    const bytes = new Uint8Array(values.buffer);
    for (let i = 0; i < bytes.length; i += 32_768) text += String.fromCharCode(...bytes.subarray(i, i + 32_768));
    return btoa(text);
  };
  const planes = { nuclei: base64(nuclei), types: base64(types), glands: base64(glands), lumina: base64(lumina) };
  return { task, planes };
}

async function nucleiOnce(post: Postprocessor): Promise<number> {
  const { nuclei, types, fine, coarse } = windowOnce();
  const asked = {
    frame,
    owned: whole,
    packed: nuclei.slice(),
    side: fine,
    types: { packed: types.slice(), width: coarse, stride: 2 },
    classes: named('Epithelial', 'Inflammatory', 'Connective', 'Other'),
    settings: task.nuclei,
  };
  const started = performance.now();
  const got = await post.patch({ nuclei: asked, core: undefined }, waits);
  const seconds = (performance.now() - started) / 1000;
  if (got.nuclei) found.set('nuclei', got.nuclei);
  return seconds;
}

async function largeOnce(post: Postprocessor): Promise<number> {
  const { glands, lumina, coarse } = windowOnce();
  const settings = { um: task.um, glands: task.glands, lumina: task.lumina };
  const core = { frame, maps: { glands: glands.slice(), lumina: lumina.slice(), side: coarse }, stride: 2, settings };
  const setup = { ...settings, side: coarse, pxX: 4, pxY: 4, cores: [{ col: 0, row: 0 }] };
  const started = performance.now();
  using mosaic = await post.openMosaic({ ...setup, glandClasses: named('Gland'), lumenClasses: named('Lumen') }, waits);
  const got = await post.patch({ nuclei: undefined, core }, waits);
  if (got.core) await mosaic.add(0, 0, got.core, waits);
  const large = await mosaic.collect(true, waits);
  const seconds = (performance.now() - started) / 1000;
  found.set('glands', large.glands);
  found.set('lumina', large.lumina);
  return seconds;
}

/** Seconds from maps to columns, transfers included, the best of `repeats`. */
async function measure(repeats: number): Promise<{ nuclei: number; large: number }> {
  using post = openPostprocess();
  const best = { nuclei: Number.POSITIVE_INFINITY, large: Number.POSITIVE_INFINITY };
  for (let i = 0; i < repeats; i++) {
    best.nuclei = Math.min(best.nuclei, await nucleiOnce(post));
    best.large = Math.min(best.large, await largeOnce(post));
  }
  return best;
}

/** PQ of what was measured with the labels (int32) that lie in a folder, and how many objects there are of ours. */
async function agree(folder: string): Promise<Record<string, { pq: number; objects: number }>> {
  const told: Record<string, { pq: number; objects: number }> = {};
  for (const [name, columns] of found) {
    const labels = new Int32Array(await (await fetch(`${folder}${name}.labels`)).arrayBuffer());
    const side = Math.sqrt(labels.length);
    const scale = side / task.fine; // outlines are in level-0 px
    const drawn = rasterise(
      { ...columns, ringUnit: columns.ringUnit * scale, centroid: columns.centroid.map((value) => value * scale) },
      side,
      side,
    );
    told[name] = { pq: pqOf(score(labels, drawn)), objects: columns.count };
  }
  return told;
}

Object.assign(window, { maps, measure, agree });

// A made-up slide with many nuclei, or as many annotations: what it takes to show, to move, to colour and to choose among them.

import { ObjectStore } from '#objects/store.ts';
import { rowsWithin } from '#objects/within.ts';
import { createViewer } from '#viewer/viewer.ts';
import type { LayerStyle, Viewer } from '#viewer/viewer-api.ts';
import { blankSlide, type MadeKind, madeObjects, sideFor } from './made-million.ts';

const waits = { signal: new AbortController().signal };
const STEPS = 60; //     frames of one movement
const STEP_PX = 12; //   CSS px a frame
const PICKS = 2000;
const style: LayerStyle = { shown: true, opacity: 1, fill: false, stroke: true, classShown: [] };

const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));

const element = (): HTMLElement => {
  const found = document.getElementById('slide');
  if (!found) throw new Error('the page has no place for a slide');
  return found;
};

let viewer: Viewer | undefined;
let store: ObjectStore | undefined;
let kind: MadeKind = 'nuclei';
let side = 0;

const now = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('make() comes first');
  return value;
};

const timed = async (work: () => unknown): Promise<number> => {
  const started = performance.now();
  await work();
  return performance.now() - started;
};

const settled = (): Promise<void> => now(viewer).settled(waits);

/** Puts objects into a store and opens an empty slide of their size. */
async function make({ of, count }: { of: MadeKind; count: number }): Promise<{ appendMs: number; bytes: number }> {
  kind = of;
  side = sideFor(count);
  viewer = createViewer({ element: element(), drawer: 'canvas' });
  await viewer.open(blankSlide(side), waits);
  const made = madeObjects(kind, count);
  store = new ObjectStore(kind);
  const appendMs = await timed(() => store?.append(made));
  const { columns } = store;
  const arrays = [
    columns.classIndex,
    columns.probability,
    columns.centroid,
    columns.areaPx,
    columns.ringStart,
    columns.ring,
  ];
  return { appendMs, bytes: arrays.reduce((sum, { buffer }) => sum + buffer.byteLength, 0) };
}

/** ms from handing the objects over until the whole slide's picture is on screen. */
const first = (): Promise<number> =>
  timed(async () => {
    now(viewer).setObjects(kind, now(store).live);
    await settled();
  });

const show = async (magnification: number): Promise<void> => {
  await now(viewer).setView({ centre: { x: side / 2, y: side / 2 }, magnification }, waits);
  await settled();
};

/** Moves, one step a frame. Gives the frames' times and how long after the last one the picture was exact again, ms. */
async function move(how: 'pan' | 'zoom'): Promise<{ frames: number[]; sharpMs: number }> {
  const on = now(viewer);
  const frames: number[] = [];
  let last = await frame();
  for (let k = 0; k < STEPS; k++) {
    const { centre, zoom } = on.view();
    const turn = k < STEPS / 2 ? 1 : -1;
    const next =
      how === 'pan'
        ? { centre: { x: centre.x + (turn * STEP_PX) / zoom, y: centre.y } }
        : { zoom: zoom * 1.02 ** turn };
    void on.setView(next, waits);
    const at = await frame();
    frames.push(at - last);
    last = at;
  }
  const sharpMs = await timed(settled);
  return { frames, sharpMs };
}

/** ms from asking for a place that was not on screen before until its exact picture is. @param round another one goes elsewhere */
async function jump(round: number): Promise<number> {
  const on = now(viewer);
  const { centre } = on.view();
  const place = { x: centre.x + (0.13 + 0.05 * round) * side, y: centre.y - (0.17 - 0.07 * round) * side };
  const ms = await timed(async () => {
    void on.setView({ centre: place }, waits);
    await frame();
    await settled();
  });
  await on.setView({ centre }, waits);
  await settled();
  return ms;
}

const COLOURS = ['#00aaff', '#ff8800', '#cc33cc'];

/** ms until each change of style is on screen. @param round another one changes to something else */
async function restyle(round: number): Promise<Record<string, number>> {
  const on = now(viewer);
  on.setLayerStyle(kind, style); // what the last one left
  await settled();
  const change = (over: Partial<LayerStyle>): Promise<number> =>
    timed(async () => {
      on.setLayerStyle(kind, { ...style, ...over });
      await settled();
    });
  return {
    colour: await change({ colours: COLOURS.slice(round, round + 1) }),
    opacity: await change({ opacity: 0.5 + 0.1 * round }),
    classes: await change({ classShown: [false] }),
    threshold: await change({ threshold: 0.75 + 0.05 * round }),
  };
}

/** ms of each of many hit tests, in places all over the slide. */
function pick(): number[] {
  const objects = now(store);
  return Array.from({ length: PICKS }, (_, k) => {
    const [x, y] = [((k * 7919) % 10_007) / 10_007, ((k * 104_729) % 10_007) / 10_007];
    const started = performance.now();
    objects.live.pick(x * side, y * side, 16);
    return performance.now() - started;
  });
}

/** ms of a box and of a lasso around about so many objects, and how many they hold. */
async function choose(count: number): Promise<{ boxMs: number; lassoMs: number; box: number; lasso: number }> {
  const objects = now(store);
  const half = (Math.sqrt(count) * 60) / 2;
  const middle = side / 2;
  const box = Float64Array.of(
    middle - half,
    middle - half,
    middle + half,
    middle - half,
    middle + half,
    middle + half,
    middle - half,
    middle + half,
  );
  const lasso = Float64Array.from({ length: 800 }, (_, k) => {
    const angle = (2 * Math.PI * (k >> 1)) / 400;
    const radius = half * 1.13 * (1 + 0.05 * Math.sin(17 * angle));
    return middle + radius * (k % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  });
  let found = [0, 0];
  const boxMs = await timed(() => {
    found = [rowsWithin(objects.live, box).length, 0];
  });
  const lassoMs = await timed(() => {
    found = [found[0] ?? 0, rowsWithin(objects.live, lasso).length];
  });
  return { boxMs, lassoMs, box: found[0] ?? 0, lasso: found[1] ?? 0 };
}

Object.assign(window, { measure: { make, first, show, move, jump, restyle, pick, choose } });

import { expect, test } from 'vitest';
import { EosinError } from '#errors/failure.ts';
import type { Slide } from '#slide/slide.ts';
import { sceneSlide } from '../testing/stand-in.ts';
import { automaticTissue } from './edits.ts';
import { findTissue, openTissue } from './tissue.ts';
import { inlineTissueWork, openTissueWork, type TissueThread } from './work.ts';

const calm = { signal: new AbortController().signal };
const slide = sceneSlide({
  width: 2600,
  height: 2100,
  nuclei: [],
  glands: [{ x: 900, y: 1000, r: 600 }],
  lumina: [],
});

test('tissue is found in a worker as on the calling thread', async () => {
  const bitmaps: Slide = {
    ...slide,
    readTile: async (at, waits) => {
      const raster = await slide.readTile(at, waits);
      return 'rgba' in raster ? createImageBitmap(new ImageData(raster.rgba, raster.width)) : raster;
    },
  };
  expect(await findTissue(bitmaps, calm)).toEqual(await findTissue(slide, calm, inlineTissueWork));
});

test('another threshold reads nothing anew; a worker that dies says so, and so does one that was put away', async () => {
  let reads = 0;
  const counted: Slide = {
    ...slide,
    readTile: (at, waits) => {
      reads++;
      return slide.readTile(at, waits);
    },
  };
  const started: Worker[] = [];
  const spawn = (): TissueThread => {
    const worker = new Worker(new URL('./tissue.worker.ts', import.meta.url), { type: 'module' });
    started.push(worker);
    return worker;
  };
  const finder = await openTissue(counted, calm, () => openTissueWork(spawn));
  const first = await finder.find(automaticTissue, calm);
  const before = reads;
  const none = finder.find({ ...automaticTissue, threshold: 254 }, calm);
  await expect(none).rejects.toMatchObject({ failure: { tag: 'TooLittleTissue' } });
  expect(await finder.find(automaticTissue, calm)).toEqual(first);
  expect([reads, started.length]).toEqual([before, 1]);
  const lost = finder.find(automaticTissue, calm);
  started[0]?.dispatchEvent(new ErrorEvent('error', { message: 'out of memory' }));
  await expect(lost).rejects.toMatchObject({ failure: { tag: 'WorkerDied' } });
  finder[Symbol.dispose]();
  await expect(finder.find(automaticTissue, calm)).rejects.toBeInstanceOf(EosinError);
});

test('a search that is left ends its worker', async () => {
  const left = new AbortController();
  let ended = false;
  const waits: Slide = {
    ...slide,
    readTile: (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  };
  const search = openTissue(waits, { signal: left.signal }, () => {
    const work = inlineTissueWork();
    return { ...work, [Symbol.dispose]: () => void (ended = true) };
  });
  left.abort(new Error('left'));
  await expect(search).rejects.toThrow('left');
  expect(ended).toBe(true);
});

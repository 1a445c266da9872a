import { moved, type Port, serve } from '#channel/channel.ts';
import { buffersOf } from '#objects/columns.ts';
import { poolObjects } from './pool.ts';
import { createPatchSteps, Mosaics } from './steps.ts';
import { buffersOfFound, type PostprocessCalls } from './tasks.ts';

declare const self: Port;

const patchOf = createPatchSteps();
const mosaics = new Mosaics();

serve<PostprocessCalls>(self, {
  patch: (task) => {
    const found = patchOf(task);
    return moved(found, buffersOfFound(found));
  },
  pool: (task) => {
    const means = poolObjects(task);
    return moved(means, [means.buffer]);
  },
  openMosaic: ({ mosaic, setup }) => void mosaics.open(mosaic, setup),
  addCore: ({ mosaic, col, row, core }) => void mosaics.add(mosaic, col, row, core),
  skipCore: ({ mosaic, col, row }) => void mosaics.skip(mosaic, col, row),
  wantedCores: ({ mosaic, region }) => mosaics.wanted(mosaic, region),
  collect: ({ mosaic, final }) => {
    const large = mosaics.collect(mosaic, final);
    return moved(large, [...buffersOf(large.glands), ...buffersOf(large.lumina)]);
  },
  closeMosaic: ({ mosaic }) => void mosaics.close(mosaic),
});

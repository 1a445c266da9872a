import { moved, type Port, serve } from '#channel/channel.ts';
import { buffersOf } from '#objects/columns.ts';
import { chromaOfCells } from './cell-chroma.ts';
import { Mosaics, nucleiOf } from './steps.ts';
import type { PostprocessCalls } from './tasks.ts';

declare const self: Port;

const mosaics = new Mosaics();

serve<PostprocessCalls>(self, {
  nuclei: (task) => {
    const columns = nucleiOf(task);
    return moved(columns, buffersOf(columns));
  },
  chroma: async (task, waits) => {
    const chroma = await chromaOfCells(task, waits);
    return moved(chroma, [chroma.buffer]);
  },
  openMosaic: ({ mosaic, setup }) => void mosaics.open(mosaic, setup),
  addCore: ({ mosaic, core }) => void mosaics.add(mosaic, core),
  skipCore: ({ mosaic, col, row }) => void mosaics.skip(mosaic, col, row),
  wantedCores: ({ mosaic, region }) => mosaics.wanted(mosaic, region),
  collect: ({ mosaic, final }) => {
    const large = mosaics.collect(mosaic, final);
    return moved(large, [...buffersOf(large.glands), ...buffersOf(large.lumina)]);
  },
  closeMosaic: ({ mosaic }) => void mosaics.close(mosaic),
});

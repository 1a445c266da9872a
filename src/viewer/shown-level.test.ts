import { expect } from 'vitest';
import type { Jpeg2000Tile } from '#slide/decode-jpeg2000.ts';
import { openSlide } from '#slide/open.ts';
import { release } from '#slide/raster.ts';
import { columnsOf, levelOf, rowsOf } from '#slide/slide.ts';
import { nodeDecoders } from '#slide/testing/decoders.ts';
import { testOn } from '#slide/testing/shared.ts';
import { shownLevel } from './shown-level.ts';

const { signal } = new AbortController();

testOn(
  'tcga-cr-7395-01a-01-ts1.svs',
  'all of a JPEG 2000 slide on a screen of 1,000 px is decoded at half its resolution',
  async (file) => {
    const asked: number[] = [];
    const jpeg2000: typeof nodeDecoders.jpeg2000 = (tile: Jpeg2000Tile, waits) => {
      asked.push(tile.halved);
      return nodeDecoders.jpeg2000(tile, waits);
    };
    using slide = await openSlide(file, { signal, decoders: { ...nodeDecoders, jpeg2000 } });
    const index = shownLevel(slide.levels, levelOf(slide, 0).widthPx / 1000);
    const level = levelOf(slide, index);
    for (let row = 0; row < rowsOf(level); row++)
      for (let col = 0; col < columnsOf(level); col++)
        release(await slide.readTile({ level: index, col, row }, { signal }));
    expect(asked).toHaveLength(9 * 7);
    expect(new Set(asked)).toEqual(new Set([1]));
  },
);

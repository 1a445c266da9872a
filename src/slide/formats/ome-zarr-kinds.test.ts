// OME-Zarrs of all kinds that writers differ in, each with the same grey. testing/fixtures/zarr/make.py writes them.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openSlide } from '../open.ts';
import { readRegion } from '../region.ts';
import { nodeDecoders } from '../testing/decoders.ts';

interface Kind {
  readonly most: number;
  readonly files: Readonly<Record<string, string>>; // by path, as base64
  readonly refused?: string;
  readonly channels?: readonly string[];
  readonly mpp?: readonly [x: number, y: number] | null;
  readonly blank?: readonly [width: number, height: number]; // of a corner that is left out
  readonly downsample?: number; // of the level that holds the grey
}

const told: { width: number; height: number; grey: string; kinds: Readonly<Record<string, Kind>> } = JSON.parse(
  readFileSync(new URL('../testing/fixtures/zarr/kinds.json', import.meta.url), 'utf8'),
);
const { width, height } = told;
const grey = Buffer.from(told.grey, 'base64');
const { signal } = new AbortController();

/** As a browser gives the files of a folder that was picked. */
const folderOf = (name: string, files: Kind['files']): File[] =>
  Object.entries(files).map(([path, base64]) =>
    Object.defineProperty(
      new File([Buffer.from(base64, 'base64')], path.slice(path.lastIndexOf('/') + 1)),
      'webkitRelativePath',
      {
        value: `${name}.zarr/${path}`,
      },
    ),
  );

test.for(Object.entries(told.kinds))('%s', async ([name, kind]) => {
  const { most, refused, channels, blank = [0, 0], mpp = [0.5, 0.5], downsample = 1 } = kind;
  const open = (channel = 0) =>
    openSlide(folderOf(name, kind.files), { signal, decoders: nodeDecoders, chosen: { channel } });
  if (refused !== undefined) {
    await expect(open()).rejects.toMatchObject({
      failure: { tag: 'UnsupportedSlide', reason: expect.stringContaining(refused) },
    });
    return;
  }
  for (const channel of (channels ?? ['']).keys()) {
    using slide = await open(channel);
    expect(slide.format).toBe('OME-Zarr');
    expect(slide.channels?.names).toEqual(channels);
    expect(slide.mpp).toEqual(mpp ? { x: mpp[0], y: mpp[1] } : undefined);
    const rect = { x: 0, y: 0, width: width * downsample, height: height * downsample };
    const { rgba } = await readRegion(slide, rect, downsample, { signal });
    let difference = 0;
    for (const [i, value] of grey.entries()) {
      const isBlank = i % width < blank[0] && Math.floor(i / width) < blank[1];
      const wanted = isBlank ? 0 : channel > 0 ? 255 - value : value; // the second channel is the negative
      for (let c = 0; c < 3; c++) difference = Math.max(difference, Math.abs((rgba[4 * i + c] ?? 0) - wanted));
    }
    expect(difference).toBeLessThanOrEqual(most);
  }
});

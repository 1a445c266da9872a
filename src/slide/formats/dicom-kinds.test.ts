// DICOM slides of all kinds that writers differ in, each with the same picture. testing/fixtures/dicom/make.py writes them.
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { openSlide } from '../open.ts';
import { readRegion } from '../region.ts';
import { nodeDecoders } from '../testing/decoders.ts';
import { throughOwnWindow } from '../testing/pixels.ts';

interface Told {
  readonly truth: string;
  readonly most: number;
  readonly refused?: string;
  readonly channels?: readonly string[];
  readonly beside?: readonly string[]; // files of the same slide
}

const folder = resolve(import.meta.dirname, '../testing/fixtures/dicom');
const told: { width: number; height: number; files: Readonly<Record<string, Told>> } = JSON.parse(
  readFileSync(resolve(folder, 'what.json'), 'utf8'),
);
const { width, height, files } = told;
const { signal } = new AbortController();
const fileOf = (name: string): File => new File([readFileSync(resolve(folder, name))], basename(name));
const truthOf = (name: string): Uint8Array => {
  if (name === 'window') return throughOwnWindow(truthOf('grey'));
  return readFileSync(resolve(folder, name === 'rgb' ? 'picture.rgb' : name === 'grey' ? 'grey.rgb' : name));
};

function largestDifference(rgba: Uint8ClampedArray, truth: Uint8Array, turned = false): number {
  let difference = 0;
  for (let i = 0; i < truth.length; i++) {
    const wanted = turned ? 255 - (truth[i] ?? 0) : (truth[i] ?? 0);
    difference = Math.max(difference, Math.abs((rgba[Math.floor(i / 3) * 4 + (i % 3)] ?? 0) - wanted));
  }
  return difference;
}

test.for(Object.entries(files))('%s', async ([name, { truth, most, refused, channels, beside = [] }]) => {
  const from = beside.length > 0 ? [...beside, name].map(fileOf) : fileOf(name);
  const open = (channel = 0) => openSlide(from, { signal, decoders: nodeDecoders, chosen: { channel } });
  if (refused !== undefined) {
    await expect(open()).rejects.toMatchObject({
      failure: { tag: 'UnsupportedSlide', reason: expect.stringContaining(refused) },
    });
    return;
  }
  for (const [channel] of (channels ?? ['']).entries()) {
    using slide = await open(channel);
    expect(slide.levels[0]).toMatchObject({ widthPx: width, heightPx: height });
    expect(slide.mpp).toEqual({ x: 0.5, y: 0.5 });
    expect(slide.channels?.names).toEqual(channels);
    expect(slide.channels?.inColour).toBe(name === 'lights-in-colour.dcm' || undefined);
    const { rgba } = await readRegion(slide, { x: 0, y: 0, width, height }, 1, { signal });
    expect(largestDifference(rgba, truthOf(truth), channel > 0)).toBeLessThanOrEqual(most); // the second light is the negative
  }
});

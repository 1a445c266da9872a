// Kinds of DICOM that writers differ in, of servers that would pack frames anew, with loss, if they were asked to.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openSlide, type SlideSource } from '../open.ts';
import { readRegion } from '../region.ts';
import type { Pixels, Slide } from '../slide.ts';
import { nodeDecoders } from '../testing/decoders.ts';
import { type Manners, serveDicomWeb } from '../testing/dicomweb-server.ts';
import { largestDifference } from '../testing/pixels.ts';

const { signal } = new AbortController();
const fixture = (name: string): Buffer => readFileSync(new URL(`../testing/fixtures/dicom/${name}`, import.meta.url));
const open = (from: SlideSource, channel: number): Promise<Slide> =>
  openSlide(from, { signal, decoders: nodeDecoders, chosen: { channel } });
const wholeOf = (slide: Slide): Promise<Pixels> => {
  const { widthPx: width = 0, heightPx: height = 0 } = slide.levels[0] ?? {};
  return readRegion(slide, { x: 0, y: 0, width, height }, 1, { signal });
};

for (const manners of ['any-syntax', 'obliging'] satisfies Manners[]) {
  for (const syntaxUnsaid of [false, true]) {
    const how = `${manners}${syntaxUnsaid ? ', and does not say how it stores' : ''}`;
    for (const name of ['explicit.dcm', 'rle.dcm', 'j2k.dcm', 'lights-full.dcm', 'lights-sparse.dcm']) {
      test(`${name} of a server that is ${how}: as stored, and not packed anew`, async () => {
        const bytes = fixture(name);
        await using server = await serveDicomWeb([bytes], { manners, syntaxUnsaid });
        for (const channel of [0, 1]) {
          using local = await open(new File([new Uint8Array(bytes)], name), channel);
          using web = await open(server.series, channel);
          expect(web).toMatchObject({ mpp: local.mpp, levels: local.levels, channels: local.channels });
          expect(largestDifference(await wholeOf(web), await wholeOf(local))).toBe(0);
        }
      });
    }
  }
}

// Results of a page, as plain values that cross to the test.
import type { Page } from '@playwright/test';
import type { Eosin, Kind, RunResult } from '../src/app/console.d.ts';
import type { Rect, Ring } from './shapes.ts';

export interface Found {
  readonly ring: Ring; //        the outer ring
  readonly centroid: readonly [number, number];
  readonly className: string | undefined;
  readonly probability: number;
}

/**
 * All objects of a kind that the slide holds, or the truth of a synthetic one in a region, from top to bottom: rows have no
 * order of their own, for patches are finished in any, and what was looked at first makes room.
 */
export function objectsIn(page: Page, kind: Exclude<Kind, 'annotations'>, truthIn?: Rect): Promise<Found[]> {
  return page.evaluate(
    ({ kind, truthIn }) => {
      const table = truthIn ? window.eosin.truth(kind, truthIn) : window.eosin.objects(kind);
      return Array.from(
        { length: table.count },
        (_, i): Found => ({
          ring: Array.from(table.polygon(i)[0] ?? []),
          centroid: [table.centroids[2 * i] ?? Number.NaN, table.centroids[2 * i + 1] ?? Number.NaN],
          className: table.classes[table.classIndex[i] ?? -1]?.name,
          probability: table.probability[i] ?? Number.NaN,
        }),
      ).sort((a, b) => a.centroid[1] - b.centroid[1] || a.centroid[0] - b.centroid[0]);
    },
    { kind, truthIn },
  );
}

export type PlainResult = Pick<
  RunResult,
  | 'id'
  | 'device'
  | 'deviceName'
  | 'whyNotGpu'
  | 'models'
  | 'seconds'
  | 'patches'
  | 'failedPatches'
  | 'areaMm2'
  | 'counts'
> & {
  tissue: { classes: string[]; share: number[] } | undefined;
  progress: { done: number; total: number; failed: number }[];
};

const NETWORK = ['cerberus-lite']; // alone: attention, which goes along where nothing is said, has a journey of its own

/** Analyses and gives the result with all progress that was told. */
export function analyse(page: Page, given: Parameters<Eosin['analyse']>[0]): Promise<PlainResult> {
  const asked = { models: NETWORK, ...given };
  return page.evaluate(async (asked) => {
    const progress: { done: number; total: number; failed: number }[] = [];
    const stop = window.eosin.on('progress', ({ done, total, failed }) => progress.push({ done, total, failed }));
    const { tissue, attention: _later, ...result } = await window.eosin.analyse(asked);
    stop();
    return { ...result, tissue: tissue && { classes: tissue.classes, share: Array.from(tissue.share) }, progress };
  }, asked);
}

export interface Grey {
  readonly width: number;
  readonly height: number;
  readonly values: Uint8Array; // row-major, 0 black to 255 white
}

/** The pixels of a region at level 0, as their mean of red, green and blue. */
export async function greyOf(page: Page, region: Rect): Promise<Grey> {
  const { width, height, text } = await page.evaluate(async (region) => {
    const image = await window.eosin.readRegion(region, 1);
    let text = '';
    for (let i = 0; i < image.data.length; i += 4) {
      const [r = 0, g = 0, b = 0] = image.data.subarray(i, i + 3);
      text += String.fromCharCode(Math.round((r + g + b) / 3));
    }
    return { width: image.width, height: image.height, text: btoa(text) };
  }, region);
  return { width, height, values: new Uint8Array(Buffer.from(text, 'base64')) };
}

/** What a refused call said: its message and its failure's tag. Throws where the call was not refused. */
export function refusalOf(page: Page, source: string): Promise<{ message: string; tag: string }> {
  return page.evaluate(async (source) => {
    try {
      await window.eosin.open(source);
    } catch (error) {
      return refusalFrom(error);
    }
    throw new Error(`${source} was opened`);

    function refusalFrom(error: unknown): { message: string; tag: string } {
      if (!(error instanceof Error) || !('failure' in error)) throw error;
      const { failure } = error;
      const tag = typeof failure === 'object' && failure !== null && 'tag' in failure ? String(failure.tag) : '';
      return { message: error.message, tag };
    }
  }, source);
}

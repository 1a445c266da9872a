// GeoJSON → objects, in constant memory: batches that the taker may put onto the slide while the rest is read.
import { EosinError, isAbort } from '#errors/failure.ts';
import type { ObjectColumns } from '../columns.ts';
import { FeatureTaker, type Refused, type SlideFrame } from './feature-objects.ts';
import { featuresOf, noGeoJSON, type Told } from './feature-stream.ts';
import { gunzipped } from './gunzip.ts';
import { inUtf8, type Pull } from './text-bytes.ts';

const inFrame = (frame: string): string =>
  `the file says that its coordinates are of ${frame}: here they were taken as pixels of the full resolution`;

export interface ReadBatch {
  readonly objects: readonly ObjectColumns[]; // the receiver's own
  readonly imported: number; //                  features so far
  readonly refused: readonly Refused[]; //       since the last batch
}

const ROWS = 4000; //          of a batch: what the main thread takes in within a frame
const VERTICES = 200_000;
const MOST_REFUSED = 10_000; // told one by one

/** What is taken of a file. */
interface Most {
  readonly objects: number;
  readonly corners: number; // of them
}
export const MOST: Most = { objects: 5_000_000, corners: 200_000_000 }; // some gigabytes, which a tab may have

/**
 * @param pull see featuresOf; nothing more is pulled once as much as is taken is there
 * @throws EosinError BadInput where nothing at all can be read; the signal's reason
 */
export async function* objectsOf(
  pull: Pull,
  slide: SlideFrame,
  { signal }: { readonly signal: AbortSignal },
  most: Most = MOST,
): AsyncGenerator<ReadBatch, void, undefined> {
  const taker = new FeatureTaker(slide);
  let [told, untold, firstUntold] = [0, 0, 0];
  const away = (): ReadBatch => {
    const refused = taker.refused;
    taker.refused = [];
    const kept = refused.slice(0, Math.max(0, MOST_REFUSED - told));
    if (untold === 0 && kept.length < refused.length) firstUntold = refused[kept.length]?.feature ?? 0;
    told += kept.length;
    untold += refused.length - kept.length;
    return { objects: taker.takeAway(), imported: taker.imported, refused: kept };
  };
  const features = featuresOf(
    inUtf8(() => {
      signal.throwIfAborted(); // between two pieces, too: of space alone there may be gigabytes
      return pull();
    }),
  );
  let [taken, corners] = [0, 0];
  let isFull = false;
  let frame: string | undefined;
  for (let index = 0; !isFull; ) {
    signal.throwIfAborted();
    let batch: readonly Told[];
    try {
      const next = await features.next();
      if (next.done) break;
      batch = next.value;
    } catch (thrown) {
      if (thrown instanceof EosinError || isAbort(thrown)) throw thrown;
      if (index === 0) throw noGeoJSON('it cannot be read, or unpacked', 0);
      taker.refused.push({ feature: index, why: 'the file cannot be read, or unpacked, from here on' });
      break;
    }
    for (const each of batch) {
      if ('frame' in each) {
        frame ??= each.frame;
        continue;
      }
      isFull = taken + taker.rows >= most.objects || corners + taker.vertices >= most.corners;
      if (isFull) {
        taker.refused.push({ feature: each.index, why: tooMany(taken + taker.rows) });
        break;
      }
      if ('broken' in each) taker.refused.push({ feature: each.index, why: each.broken });
      else taker.take(each.feature, each.index);
      index = each.index + 1;
      if (taker.rows < ROWS && taker.vertices < VERTICES) continue;
      [taken, corners] = [taken + taker.rows, corners + taker.vertices];
      yield away();
    }
  }
  taker.refused.push(...taker.leftOut());
  if (frame !== undefined && taker.imported > 0) taker.refused.push({ feature: 0, why: inFrame(frame), partly: true });
  yield away();
  if (untold === 0) return;
  const why = `${untold.toLocaleString('en-US')} more features were refused from here on`;
  yield { objects: [], imported: taker.imported, refused: [{ feature: firstUntold, why }] };
}

const tooMany = (taken: number): string =>
  `the file holds more than the ${taken.toLocaleString('en-US')} objects up to here, which is as much as is taken: what follows was not read`;

/** Pulls a file, unpacked where it is gzipped: here, or by who is asked to. */
export async function pulling(file: Blob, unpack: (packed: Blob) => Pull = gunzipped): Promise<Pull> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  if (first === 0x1f && second === 0x8b) return unpack(file);
  const reader = file.stream().getReader();
  return async () => (await reader.read()).value;
}

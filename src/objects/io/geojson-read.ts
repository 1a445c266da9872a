// GeoJSON → objects, in constant memory: batches that the taker may put onto the slide while the rest is read.
import { EosinError, isAbort } from '#errors/failure.ts';
import type { ObjectColumns } from '../columns.ts';
import { FeatureTaker, type Refused, type SlideFrame } from './feature-objects.ts';
import { featuresOf, noGeoJSON, type Told } from './feature-stream.ts';

export interface ReadBatch {
  readonly objects: readonly ObjectColumns[]; // the receiver's own
  readonly imported: number; //                  features so far
  readonly refused: readonly Refused[]; //       since the last batch
}

const ROWS = 4000; //          of a batch: what the main thread takes in within a frame
const VERTICES = 200_000;
const MOST_REFUSED = 10_000; // told one by one

/**
 * @param pull see featuresOf
 * @throws EosinError BadInput where nothing at all can be read; the signal's reason
 */
export async function* objectsOf(
  pull: () => Promise<Uint8Array | undefined>,
  slide: SlideFrame,
  { signal }: { readonly signal: AbortSignal },
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
  const features = featuresOf(pull);
  for (let index = 0; ; ) {
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
      if ('broken' in each) taker.refused.push({ feature: each.index, why: each.broken });
      else taker.take(each.feature, each.index);
      index = each.index + 1;
      if (taker.rows >= ROWS || taker.vertices >= VERTICES) yield away();
    }
  }
  taker.refused.push(...taker.leftOut());
  yield away();
  if (untold === 0) return;
  const why = `${untold.toLocaleString('en-US')} more features were refused from here on`;
  yield { objects: [], imported: taker.imported, refused: [{ feature: firstUntold, why }] };
}

/** Pulls from a stream. */
export function pulling(stream: ReadableStream<Uint8Array>): () => Promise<Uint8Array | undefined> {
  const reader = stream.getReader();
  return async () => {
    const { done, value } = await reader.read();
    return done ? undefined : value;
  };
}

/** The file's bytes, unpacked where it is gzipped. */
export async function unpacked(file: Blob): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
  const isPacked = first === 0x1f && second === 0x8b;
  return isPacked ? file.stream().pipeThrough(new DecompressionStream('gzip')) : file.stream();
}

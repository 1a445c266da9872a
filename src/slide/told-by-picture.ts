// Slides whose description lies apart from their pixels. Two of one size, out of one program, have the same description to the
// byte: what tells them apart is the picture, of which the smallest level is read along.
import type { Waits } from '#channel/waits.ts';
import { isAbort } from '#errors/failure.ts';
import { fingerprint as shortHash } from './byte-source.ts';
import { fingerprintOf, hashOf, readOnce } from './fingerprint.ts';
import type { Reading } from './page-tile.ts';
import type { Slide } from './slide.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** A part of the smallest level, as stored. */
export interface Sample {
  readonly key: string; // by which it is kept among the tiles: what follows the source's identity and a slash
  /** Undefined where it is left out. */
  read(waits: Waits): Promise<Bytes | undefined>;
}

export interface Told {
  readonly reading: Reading; // whose source has an identity of its own
  readonly fingerprint: Slide['fingerprint'];
}

/** The part is kept as a tile, so that it is not read again for the first view. */
export async function toldByPicture(reading: Reading, sample: Sample, waits: Waits): Promise<Told> {
  const { source, tiles } = reading;
  const bytes = await unlessUnreadable(sample, waits);
  const fingerprint = readOnce(async (during) => {
    const whole = await fingerprintOf(source, during);
    const part = bytes ?? (await sample.read(during));
    return part ? hashOf(`${whole}\n${await hashOf(part)}`) : whole;
  });
  if (!bytes) return { reading, fingerprint };
  const identity = `${source.identity} ${shortHash(bytes)}`;
  await tiles.get(`${identity}/${sample.key}`, async () => bytes, waits);
  return { reading: { ...reading, source: { ...source, identity } }, fingerprint };
}

/** A tile that cannot be read is told where it is to be shown. */
async function unlessUnreadable(sample: Sample, waits: Waits): Promise<Bytes | undefined> {
  try {
    return await sample.read(waits);
  } catch (thrown) {
    waits.signal.throwIfAborted();
    if (isAbort(thrown)) throw thrown;
    return undefined;
  }
}

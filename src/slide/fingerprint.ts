// Which slide this is, so that what was found on it is found again after a reload: told by its bytes, not by its name.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import { type ByteSource, HEAD_BYTES } from './byte-source.ts';
import { SharedJob } from './shared-job.ts';

/**
 * SHA-256, 64 hexadecimal digits, over the length (8 bytes, little-endian) and the first and last 64 KiB of the source.
 * Scanners write sizes, dates and tables of offsets there, so that two slides that differ anywhere differ there.
 * @throws EosinError BadInput where the page has no checksums (not HTTPS); what reading throws; the signal's reason
 */
export async function fingerprintOf(source: ByteSource, waits: Waits): Promise<string> {
  assertChecksums();
  const end = Math.min(source.size, HEAD_BYTES);
  const tail = Math.max(end, source.size - HEAD_BYTES); // what the first part holds is not read again
  const [first, last] = await Promise.all([
    source.read(0, end, waits),
    tail < source.size ? source.read(tail, source.size - tail, waits) : new Uint8Array(0),
  ]);
  const all = new Uint8Array(8 + first.length + last.length);
  new DataView(all.buffer).setBigUint64(0, BigInt(source.size), true);
  all.set(first, 8);
  all.set(last, 8 + first.length);
  const digest = await crypto.subtle.digest('SHA-256', all);
  waits.signal.throwIfAborted();
  return hexOf(digest);
}

function assertChecksums(): void {
  if (!('subtle' in crypto)) {
    throw new EosinError({
      tag: 'BadInput',
      what: 'This page',
      seen: 'it is not served over HTTPS, so the browser gives it no checksums',
      todo: 'Open it over HTTPS or on localhost.',
    });
  }
}

const hexOf = (digest: ArrayBuffer): string =>
  Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** SHA-256 of a text or bytes, 64 hexadecimal digits. @throws EosinError BadInput where the page has no checksums */
export async function hashOf(of: string | Uint8Array<ArrayBuffer>): Promise<string> {
  assertChecksums();
  return hexOf(await crypto.subtle.digest('SHA-256', typeof of === 'string' ? new TextEncoder().encode(of) : of));
}

/** The same, read once however often it is asked for; a read that failed is tried anew by the next one to ask. */
export const fingerprinting = (source: ByteSource): ((waits: Waits) => Promise<string>) =>
  readOnce((waits) => fingerprintOf(source, waits));

/** Of a slide in several files, in whatever order they are given; of one, what fingerprinting gives. */
export function combinedFingerprint(sources: readonly ByteSource[]): (waits: Waits) => Promise<string> {
  const [only] = sources;
  if (only && sources.length === 1) return fingerprinting(only);
  return readOnce(async (waits) => {
    const each = await Promise.all(sources.map((source) => fingerprintOf(source, waits)));
    return hashOf(each.sort().join('\n'));
  });
}

/**
 * Of what is shown of the slide: of the first channel, the slide's own; of another one, its own. Each of several focal planes
 * has its own: which one a slide begins with is for readers to choose, and may change.
 */
export function ofShown(
  whole: (waits: Waits) => Promise<string>,
  channel: number,
  plane: number | undefined,
): (waits: Waits) => Promise<string> {
  const more = [
    ...(channel > 0 ? [`channel ${channel + 1}`] : []),
    ...(plane === undefined ? [] : [`plane ${plane + 1}`]),
  ];
  if (more.length === 0) return whole;
  return readOnce(async (waits) => hashOf([await whole(waits), ...more].join('\n')));
}

/** What is read for all who ask, once; anew by the next to ask where that failed. */
export function readOnce(read: (waits: Waits) => Promise<string>): (waits: Waits) => Promise<string> {
  let job: SharedJob<string> | undefined;
  return (waits) => {
    if (!job || job.abandoned) {
      const begun = new SharedJob<string>(async (during) => {
        try {
          return await read(during);
        } catch (thrown) {
          if (job === begun) job = undefined;
          throw thrown;
        }
      });
      job = begun;
    }
    return job.join(waits);
  };
}

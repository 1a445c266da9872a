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
  if (!('subtle' in crypto)) {
    throw new EosinError({
      tag: 'BadInput',
      what: 'This page',
      seen: 'it is not served over HTTPS, so the browser gives it no checksums',
      todo: 'Open it over HTTPS or on localhost.',
    });
  }
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
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', all));
  waits.signal.throwIfAborted();
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The same, read once however often it is asked for; a read that failed is tried anew by the next one to ask. */
export function fingerprinting(source: ByteSource): (waits: Waits) => Promise<string> {
  let job: SharedJob<string> | undefined;
  return (waits) => {
    if (!job || job.abandoned) {
      const begun = new SharedJob<string>(async (during) => {
        try {
          return await fingerprintOf(source, during);
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

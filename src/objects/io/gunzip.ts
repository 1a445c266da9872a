// What a gzip file holds, member after member, as far as it is whole. Its pieces are the caller's own.
import type { Pull } from './text-bytes.ts';

const STEP = 16 << 10; // packed bytes at once: what they hold, 16 MB at most, is held

/**
 * By the browser's unpacker, which is fast, takes one member and drops what it had where the file breaks off. Where it
 * stumbles, a patient one reads the file anew and goes on after what was given already.
 */
export function gunzipped(file: Blob): Pull {
  const reader = file.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
  let given = 0;
  let patient: AsyncGenerator<Uint8Array, void, undefined> | undefined;
  return async () => {
    if (!patient) {
      try {
        const { value } = await reader.read();
        given += value?.length ?? 0;
        return value;
      } catch {
        patient = memberByMember(file, given); // says itself what is wrong, once it comes to it
      }
    }
    const next = await patient.next();
    return next.done ? undefined : next.value;
  };
}

/** @param skipped bytes of the content @throws where it breaks off, or is damaged */
async function* memberByMember(file: Blob, skipped: number): AsyncGenerator<Uint8Array, void, undefined> {
  const { Gunzip } = await import('fflate');
  const waiting: Uint8Array[] = [];
  let left = skipped;
  const unpacker = new Gunzip((piece) => {
    const kept = piece.subarray(Math.min(left, piece.length));
    left -= piece.length - kept.length;
    if (kept.length > 0) waiting.push(kept.slice());
  });
  for (let at = 0; at < file.size; at += STEP) {
    const packed = new Uint8Array(await file.slice(at, at + STEP).arrayBuffer());
    let broken: unknown;
    try {
      unpacker.push(packed, false);
    } catch (thrown) {
      broken = thrown;
    }
    yield* waiting.splice(0);
    if (broken !== undefined) throw broken;
  }
  unpacker.push(new Uint8Array(0), true);
  yield* waiting.splice(0);
}

// A whole file from a host that sends no parts, so that it can be read in parts here.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';

export interface Progress {
  readonly bytes: number;
  readonly of: number | undefined; // where the host told
}

/**
 * The browser keeps it, on disk where it is large, for as long as the file is held.
 * @param tell as it goes on, several times a second at most
 * @throws EosinError NotFound, Unreachable; the signal's reason
 */
export async function downloadWhole(url: string, tell: (progress: Progress) => void, { signal }: Waits): Promise<File> {
  const unreachable = (thrown: unknown): EosinError => {
    signal.throwIfAborted();
    const reason = thrown instanceof Error ? thrown.message : 'the connection broke off';
    return new EosinError({ tag: 'Unreachable', url, reason }, { cause: thrown });
  };
  let response: Response;
  try {
    response = await fetch(url, { cache: 'no-store', signal });
  } catch (thrown) {
    throw unreachable(thrown);
  }
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw new EosinError({ tag: 'NotFound', url, status: response.status });
  }
  const announced = Number(response.headers.get('Content-Length') ?? Number.NaN);
  const of = Number.isSafeInteger(announced) && announced > 0 ? announced : undefined;
  try {
    const blob = await new Response(response.body.pipeThrough(counting(of, tell))).blob();
    return new File([blob], nameIn(url));
  } catch (thrown) {
    throw unreachable(thrown);
  }
}

const EVERY_MS = 200;

function counting(
  of: number | undefined,
  tell: (progress: Progress) => void,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let bytes = 0;
  let told = 0;
  return new TransformStream({
    transform(part, controller) {
      bytes += part.byteLength;
      controller.enqueue(part);
      const now = performance.now();
      if (now - told < EVERY_MS) return;
      told = now;
      tell({ bytes, of: of !== undefined && of >= bytes ? of : undefined }); // packed on its way, it grows beyond
    },
  });
}

function nameIn(url: string): string {
  const last = new URL(url, location.href).pathname.split('/').findLast((part) => part !== '') ?? 'slide';
  try {
    return decodeURIComponent(last);
  } catch {
    return last; // a stray per cent sign
  }
}

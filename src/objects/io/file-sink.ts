import { Gzip } from './gzip.ts';

/** Bytes into a file that the browser keeps, on its disk where it is large; packed on the way where asked. */
export class FileSink {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #blob: Promise<Blob>;
  readonly #type: string;
  readonly #gzip: Gzip | undefined;

  constructor(type: string, gzip: boolean) {
    const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
    this.#gzip = gzip ? new Gzip() : undefined;
    this.#writer = writable.getWriter();
    this.#blob = new Response(readable).blob();
    this.#blob.catch(() => undefined); // whoever ends the file hears of it
    this.#type = gzip ? 'application/gzip' : type;
  }

  /** Waits while there is more than the browser has taken. */
  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    for (const piece of this.#gzip?.add(bytes) ?? [bytes]) if (piece.length > 0) await this.#writer.write(piece);
  }

  async end(): Promise<Blob> {
    for (const piece of this.#gzip?.end() ?? []) await this.#writer.write(piece);
    await this.#writer.close();
    const blob = await this.#blob;
    return blob.slice(0, blob.size, this.#type);
  }

  leave(): void {
    this.#writer.abort().catch(() => undefined);
  }
}

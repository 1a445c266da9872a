/** Bytes into a file that the browser keeps, on its disk where it is large; packed on the way where asked. */
export class FileSink {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #blob: Promise<Blob>;
  readonly #type: string;

  constructor(type: string, gzip: boolean) {
    const { readable, writable } = gzip
      ? new CompressionStream('gzip')
      : new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
    this.#writer = writable.getWriter();
    this.#blob = new Response(readable).blob();
    this.#blob.catch(() => undefined); // whoever ends the file hears of it
    this.#type = gzip ? 'application/gzip' : type;
  }

  /** Waits while there is more than the browser has taken. */
  async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (bytes.length > 0) await this.#writer.write(bytes);
  }

  async end(): Promise<Blob> {
    await this.#writer.close();
    const blob = await this.#blob;
    return blob.slice(0, blob.size, this.#type);
  }

  leave(): void {
    this.#writer.abort().catch(() => undefined);
  }
}

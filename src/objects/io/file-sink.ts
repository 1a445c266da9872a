/** Bytes into a file that the browser keeps, on its disk where it is large. */
export interface Sink {
  /** Taken over. Waits while there is more than has been taken. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  end(): Promise<Blob>;
  /** Nothing of it stays. */
  leave(): void;
}

/** On this very thread. */
export class FileSink implements Sink {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #blob: Promise<Blob>;
  readonly #type: string;

  constructor(type: string) {
    const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
    this.#writer = writable.getWriter();
    this.#blob = new Response(readable).blob();
    this.#blob.catch(() => undefined); // whoever ends the file hears of it
    this.#type = type;
  }

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

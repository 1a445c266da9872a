/**
 * GPU buffers of one owner that are used again: one given back waits for the next of its size and usage. Work on the
 * queue is in order, so a buffer may be given back as soon as what reads it has been submitted.
 */
export class BufferPool implements Disposable {
  readonly #device: Pick<GPUDevice, 'createBuffer'>;
  readonly #mostIdle: number;
  readonly #idle: GPUBuffer[] = []; // the longest unused one first
  #disposed = false;

  /** @param mostIdle buffers that wait; beyond that the longest unused one is destroyed */
  constructor(device: Pick<GPUDevice, 'createBuffer'>, mostIdle = 4) {
    this.#device = device;
    this.#mostIdle = mostIdle;
  }

  /** The caller owns it until it is given back; what it holds is whatever it held before. */
  take(label: string, size: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const at = this.#idle.findIndex((buffer) => buffer.size === size && buffer.usage === usage);
    const [idle] = at < 0 ? [] : this.#idle.splice(at, 1);
    return idle ?? this.#device.createBuffer({ label, size, usage });
  }

  /** Also after the pool was disposed, which destroys it at once. It must not be mapped. */
  give(buffer: GPUBuffer): void {
    this.#idle.push(buffer);
    while (this.#idle.length > (this.#disposed ? 0 : this.#mostIdle)) this.#idle.shift()?.destroy();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const buffer of this.#idle.splice(0)) buffer.destroy();
  }
}

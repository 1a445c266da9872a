// The features of one slide by one encoder, patch by patch as they are embedded; nothing is embedded twice.
import { EosinError } from '#errors/failure.ts';
import type { PatchManifest } from '#inference/manifest.ts';
import type { PatchOutputs } from '#inference/model.ts';
import type { Rect } from '#units/rect.ts';

export interface Block {
  readonly name: string;
  readonly channels: number;
}

/** Which encoder made features: of another one, or another version, they cannot be mixed in. */
export interface EncoderName {
  readonly id: string;
  readonly sha256: string;
}

/** What an encoder says of a patch that can be learnt from. */
export const blocksOf = ({ outputs }: Pick<PatchManifest, 'outputs'>): Block[] =>
  outputs.flatMap(({ name, ...output }) => (output.kind === 'pooled' ? [{ name, channels: output.channels }] : []));

const FIRST_ROWS = 256;

export class FeatureSet {
  readonly encoder: EncoderName;
  readonly blocks: readonly Block[];
  readonly #values = new Map<string, Float32Array<ArrayBuffer>>(); // by block, grown by doubling
  readonly #rowOf = new Map<string, number>(); // by the patch's key
  #boxes = new Float32Array(4 * FIRST_ROWS);
  #rows = 0;

  constructor({ id, sha256, outputs }: Pick<PatchManifest, 'id' | 'sha256' | 'outputs'>) {
    this.encoder = { id, sha256 };
    this.blocks = blocksOf({ outputs });
    for (const { name, channels } of this.blocks) this.#values.set(name, new Float32Array(FIRST_ROWS * channels));
  }

  get rows(): number {
    return this.#rows;
  }

  /** [rows × 4] x, y, width, height, level-0 px: a view, good until the next row is added. */
  get boxes(): Float32Array<ArrayBuffer> {
    return this.#boxes.subarray(0, 4 * this.#rows);
  }

  /** Undefined where no patch of that key was added. */
  rowOf(key: string): number | undefined {
    return this.#rowOf.get(key);
  }

  /** [rows × channels] of a block: a view, good until the next row is added. @throws EosinError BadInput for no such block */
  values(block: string): Float32Array<ArrayBuffer> {
    return this.#valuesOf(block).subarray(0, this.#rows * this.channels(block));
  }

  /** @throws EosinError BadInput for no such block */
  channels(block: string): number {
    return this.#valuesOf(block).length / (this.#boxes.length / 4);
  }

  /** The last of the rows whose box holds a point, level-0 px. */
  rowAt(x: number, y: number): number | undefined {
    const boxes = this.#boxes;
    for (let row = this.#rows - 1, at = 4 * row; row >= 0; row--, at -= 4) {
      const [left, top] = [boxes[at] ?? 0, boxes[at + 1] ?? 0];
      if (x < left || y < top || x >= left + (boxes[at + 2] ?? 0) || y >= top + (boxes[at + 3] ?? 0)) continue;
      return row;
    }
    return undefined;
  }

  /**
   * Keeps a patch's pooled outputs; one of a key that is here already changes nothing.
   * @returns its row
   * @throws EosinError ModelWrong where a feature is no number
   */
  add(key: string, box: Rect, outputs: PatchOutputs): number {
    const known = this.#rowOf.get(key);
    if (known !== undefined) return known;
    const rows = this.blocks.map(({ name, channels }) => ({ name, channels, data: outputs[name]?.data }));
    for (const { name, channels, data } of rows) {
      if (data?.length === channels && data.every(Number.isFinite)) continue;
      const seen = data?.length === channels ? `${name} holds a feature that is no number` : `${name} is missing`;
      throw new EosinError({ tag: 'ModelWrong', model: this.encoder.id, device: 'The device', seen });
    }
    if (this.#rows === this.#boxes.length / 4) this.#grow();
    const row = this.#rows++;
    this.#boxes.set([box.x, box.y, box.width, box.height], 4 * row);
    for (const { name, channels, data } of rows) if (data) this.#values.get(name)?.set(data, row * channels);
    this.#rowOf.set(key, row);
    return row;
  }

  #valuesOf(block: string): Float32Array<ArrayBuffer> {
    const values = this.#values.get(block);
    if (values) return values;
    const known = this.blocks.map(({ name }) => name).join(', ');
    const seen = `${this.encoder.id} has none named ${block}`;
    throw new EosinError({ tag: 'BadInput', what: 'The block', seen, todo: `It has ${known}.` });
  }

  #grow(): void {
    this.#boxes = doubled(this.#boxes);
    for (const [name, values] of this.#values) this.#values.set(name, doubled(values));
  }
}

function doubled(values: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const larger = new Float32Array(2 * values.length);
  larger.set(values);
  return larger;
}

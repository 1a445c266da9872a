// One ONNX session that reads features: an attention network or a head. Small enough for WASM everywhere.
import type { Waits } from '#channel/waits.ts';
import { EosinError } from '#errors/failure.ts';
import type { RowsManifest } from './manifest.ts';
import type { PatchOutputs } from './model.ts';
import { checkedNames, goldenOutputs, rowsShapes, whatIsWrong } from './outputs.ts';
import type { Verdict } from './protocol.ts';
import { type Ort, type Session, startSession, tensorOf, verdictOn } from './session.ts';

export interface RowsSource {
  readonly ort: Ort;
  readonly manifest: RowsManifest;
  readonly onnx: Uint8Array<ArrayBuffer>;
  readonly deviceName: string;
}

/** @throws as openSession of session.ts */
export async function openRowsSession({ manifest, ...source }: RowsSource): Promise<RowsSession> {
  const session = await startSession({ ...source, id: manifest.id, gpu: undefined });
  return new RowsSession(session, source.ort, manifest, source.deviceName);
}

export class RowsSession {
  readonly manifest: RowsManifest;
  readonly #session: Session;
  readonly #ort: Pick<Ort, 'Tensor'>;
  readonly #deviceName: string;

  constructor(session: Session, ort: Pick<Ort, 'Tensor'>, manifest: RowsManifest, deviceName: string) {
    this.manifest = manifest;
    this.#session = session;
    this.#ort = ort;
    this.#deviceName = deviceName;
  }

  /**
   * @param features float32 [rows × channels]
   * @throws EosinError BadInput for another length or features that are no numbers; ModelWrong
   */
  async run(features: Float32Array<ArrayBuffer>, outputs: readonly string[], { signal }: Waits): Promise<PatchOutputs> {
    signal.throwIfAborted();
    checkedNames(this.manifest, outputs);
    const rows = rowsIn(features, this.manifest);
    const found = await this.#infer(features, rows, outputs);
    const seen = whatIsWrong(rowsShapes(this.manifest, rows), found);
    if (seen) throw new EosinError({ tag: 'ModelWrong', model: this.manifest.id, device: this.#deviceName, seen });
    return found;
  }

  /** The golden features through the same path as all others. */
  async judge(features: ArrayBuffer, golden: ArrayBuffer): Promise<Verdict> {
    const { manifest } = this;
    const { id, golden: files, input, outputs } = manifest;
    const rows = features.byteLength / (4 * input.channels);
    if (!Number.isInteger(rows) || rows === 0) {
      const seen = `${files.features} holds ${features.byteLength} bytes, which is no number of rows of ${input.channels}`;
      throw new EosinError({ tag: 'ModelInvalid', model: id, seen, todo: 'Export the model again.' });
    }
    const shapes = rowsShapes(manifest, rows);
    const expected = goldenOutputs(golden, manifest, shapes, `its ${rows} rows`);
    const names = outputs.map(({ name }) => name);
    return verdictOn(shapes, expected, await this.#infer(new Float32Array(features), rows, names), files.tolerance);
  }

  release(): Promise<void> {
    return this.#session.release();
  }

  async #infer(features: Float32Array<ArrayBuffer>, rows: number, names: readonly string[]): Promise<PatchOutputs> {
    const { input } = this.manifest;
    const tensor = new this.#ort.Tensor('float32', features, [rows, input.channels]);
    try {
      const results = await this.#session.run({ [input.name]: tensor }, names);
      return Object.fromEntries(names.map((name) => [name, tensorOf(results[name], name, this.manifest)]));
    } finally {
      tensor.dispose();
    }
  }
}

function rowsIn(features: Float32Array, { id, input }: RowsManifest): number {
  const rows = features.length / input.channels;
  if (!Number.isInteger(rows) || rows === 0) {
    const seen = `${features.length} numbers are no rows of ${input.channels}`;
    throw new EosinError({ tag: 'BadInput', what: `The features for ${id}`, seen, todo: 'Embed with its encoder.' });
  }
  const wrong = features.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return rows;
  const seen = `row ${Math.floor(wrong / input.channels)} holds ${features[wrong]}`;
  throw new EosinError({ tag: 'BadInput', what: `The features for ${id}`, seen, todo: 'Embed the slide again.' });
}

// What was learnt, as a model folder: ONNX, manifest and golden files, which this app and any runtime open again.
import type { RowsInput, RowsManifest } from '#inference/manifest.ts';
import type { Features } from './features.ts';

export interface ModelName {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly licence: string;
  readonly licenceNote: string;
  readonly data: readonly string[]; //                          what it learnt from, in words
  readonly metrics: RowsManifest['metrics'];
  readonly encoder: RowsInput['encoder'];
}

/** Files by name, ready to be stored or zipped. */
export interface ModelFolder {
  readonly manifest: RowsManifest;
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>; // model.json too
}

export interface FolderParts {
  readonly named: ModelName;
  readonly task: RowsManifest['task'];
  readonly onnx: Uint8Array<ArrayBuffer>;
  readonly parameters: number;
  readonly channels: number;
  readonly outputs: RowsManifest['outputs'];
  readonly golden: { readonly features: Float32Array; readonly outputs: readonly Float32Array[] }; // in their order
}

const GOLDEN_ROWS = 9;

/** The first few patches, which become a folder's golden input. */
export function goldenRows({ values, rows: all, cols }: Features): Features {
  const rows = Math.min(GOLDEN_ROWS, all);
  return { values: values.slice(0, rows * cols), rows, cols };
}

const GOLDEN = { features: 'golden-features.bin', outputs: 'golden.bin', tolerance: 1e-4 };

export async function modelFolder(parts: FolderParts): Promise<ModelFolder> {
  const { encoder, ...named } = parts.named;
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', parts.onnx));
  const manifest: RowsManifest = {
    schema: 1,
    ...named,
    version: '1.0.0',
    task: parts.task,
    file: 'model.onnx',
    bytes: parts.onnx.length,
    sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join(''),
    parameters: parts.parameters,
    gflopPerMegapixel: 0,
    input: { name: 'features', layout: 'NC', channels: parts.channels, encoder },
    outputs: parts.outputs,
    golden: GOLDEN,
  };
  const outputs = Float32Array.from(parts.golden.outputs.flatMap((values) => [...values]));
  const files = new Map([
    ['model.onnx', parts.onnx],
    ['model.json', new TextEncoder().encode(`${JSON.stringify({ ...manifest, tasks: {} }, undefined, 2)}\n`)],
    [GOLDEN.features, new Uint8Array(Float32Array.from(parts.golden.features).buffer)],
    [GOLDEN.outputs, new Uint8Array(outputs.buffer)],
  ]);
  return { manifest, files };
}

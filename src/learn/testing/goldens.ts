// What models/learn_goldens.py wrote: NumPy's and PyTorch's answers.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const FOLDER = 'models/goldens/learn';

export function goldenFloats(name: string): Float32Array<ArrayBuffer> {
  const bytes = gunzipSync(readFileSync(`${FOLDER}/${name}.bin.gz`));
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

interface Goldens {
  readonly similarity: {
    readonly rows: number;
    readonly widths: readonly number[];
    readonly plain: readonly (readonly number[])[];
    readonly debiased: readonly (readonly number[])[];
    readonly components: readonly (readonly number[])[];
    readonly share: readonly number[];
  };
  readonly attention: {
    readonly cols: number;
    readonly learnt: number;
    readonly rate: number;
    readonly decay: number;
    readonly rows: readonly number[];
    readonly labels: readonly number[];
    readonly orders: readonly (readonly number[])[];
    readonly tensors: Readonly<Record<string, readonly number[]>>;
    readonly logits: readonly (readonly number[])[];
    readonly auc: number;
  };
}

export const goldens = (): Goldens => JSON.parse(readFileSync(`${FOLDER}/goldens.json`, 'utf8'));

// What the trial of an added model offers: types only, the one file that both threads import.
export interface TrialAsked {
  readonly onnx: Uint8Array<ArrayBuffer>;
  readonly input: string;
  readonly side: number; //                       px
  readonly patches: readonly Float32Array<ArrayBuffer>[]; // [3 × side × side] each, normalised
  readonly outputs: readonly string[];
}

export interface TrialFound {
  /** By patch, then by output in the order asked. */
  readonly outputs: readonly (readonly Float32Array<ArrayBuffer>[])[];
  readonly seconds: number; //                    a patch, the first one left out where there are more
}

export type TrialCalls = {
  /** One session on the processor, one patch after the other. The arrays move. */
  run: { in: TrialAsked; out: TrialFound };
};

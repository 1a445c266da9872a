export type ThreadsCalls = {
  run: {
    in: {
      onnx: Uint8Array<ArrayBuffer>;
      input: string;
      outputs: readonly string[];
      picture: Float32Array<ArrayBuffer>; // [3 × side × side]
      side: number; // px
      threads: number;
      times: number;
      /** Each run is computed by one helper alone, in turn; else by all threads. */
      byOneHelper: boolean;
    };
    /** The outputs of each run, in the order asked. */
    out: { threads: number; runs: (Int32Array | Float32Array)[][] };
  };
};

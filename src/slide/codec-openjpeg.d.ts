// The package brings no types: these are of what is used.
declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  export interface J2KDecoder {
    /** Memory of the decoder that the codestream is to be written to. */
    getEncodedBuffer(length: number): Uint8Array;
    /** @param halved how often @param layers 0: all */
    decodeSubResolution(halved: number, layers: number): void;
    /** A copy, components interleaved; empty when it did not decode. */
    getDecodedBuffer(): Uint8ClampedArray;
    delete(): void;
  }
  export interface OpenJpegModule {
    readonly J2KDecoder: new () => J2KDecoder;
  }
  const start: (options: {
    wasmBinary: ArrayBuffer;
    print: (line: string) => void;
    printErr: (line: string) => void;
  }) => Promise<OpenJpegModule>;
  export default start;
}

/** What runs the networks on a device, by its name in the browser. */
export const providerOf = ({ device }: { readonly device: 'webgpu' | 'wasm' }): string =>
  device === 'webgpu' ? 'WebGPU' : 'WebAssembly';

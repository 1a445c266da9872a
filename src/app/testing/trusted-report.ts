import type { DeviceReport } from '#inference/model.ts';

/** Of a stand-in for a network. */
export const trustedReport: DeviceReport = {
  device: 'wasm',
  deviceName: 'WebAssembly',
  whyNotGpu: undefined,
  trust: { verdict: 'trusted', precision: 'fp32', maxDifference: 0, tolerance: 0.01, since: 0, why: undefined },
};

// The tiny model of the tests, as the browser finds it on the test server.
import { type Inference, type InferenceParts, openInference } from '../open-inference.ts';
import { spawnInference } from '../spawn-inference.ts';

/** Of at most 10,000 parameters: what software WebGPU gets through. */
export const SIBLING = '/e2e/fixtures/models/cerberus-sibling/';

export const openTestInference = (parts: Partial<InferenceParts> = {}): Inference =>
  openInference({
    spawn: spawnInference,
    page: location.href,
    network: { fetch: (url, init) => fetch(url, init), caches: undefined },
    ...parts,
  });

/** Deterministic colours of a plausible range, opaque: enough for numbers to agree or not. */
export function speckled(width: number, height: number, seed: number) {
  const rgba = new Uint8ClampedArray(width * height * 4);
  let state = seed >>> 0 || 1;
  for (let i = 0; i < rgba.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    rgba[i] = i % 4 === 3 ? 255 : 60 + (state >>> 24) * 0.75;
  }
  return { width, height, rgba };
}

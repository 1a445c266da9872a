import type { PatchOutputs } from '#inference/model.ts';

/** What the stand-in for the network offers: the truth of a window of the phantom as the maps of a network. */
export type TruthCalls = {
  /** Corner in level-0 px, side in model px at 0.5 µm. */
  maps: { in: { seed: number; x: number; y: number; size: number }; out: PatchOutputs };
};

// What the worker offers that alters patches: types only, the one file that both threads import.
export type AlterCalls = {
  /** `rgba` [side × side × 4] moves there, and comes back restained and turned: the same for the same seed. */
  alter: {
    in: { rgba: Uint8ClampedArray<ArrayBuffer>; side: number; seed: number };
    out: { rgba: Uint8ClampedArray<ArrayBuffer> };
  };
};

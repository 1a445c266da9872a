// How often patches come on screen. What they bring costs a twentieth of a core's second: one frame serves several of them, where
// nobody waits for the next one.

let next = 0; // ms of performance.now(), from which on they may be shown

/** How long what a patch brings may wait: for NextBeat.ask. Negative: no longer. */
export const restOfPatches = (): number => next - performance.now();

/** The next ones may wait so long. */
export function patchesRest(ms: number): void {
  next = performance.now() + ms;
}

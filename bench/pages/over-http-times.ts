// What both pages that read a large slide over HTTP have in common.

export const PLACE = { x: 31_000.5, y: 29_000.5 }; // in the middle of a tile, away from the middle of the slide

export interface Times {
  readonly firstView: number; // ms from asking for the address until all of the slide is on screen
  readonly jump: number; //      ms until the screen is filled at full resolution
}

export const screen = (): HTMLElement => {
  const found = document.getElementById('screen');
  if (!found) throw new Error('The page has no screen.');
  return found;
};

export const frame = (): Promise<number> => new Promise((done) => requestAnimationFrame(done));

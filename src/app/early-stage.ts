import type { EarlyPicture } from '#slide/early-picture.ts';

/** Shows a picture of a slide that is being opened; what it gives takes the picture away. */
export type EarlyStage = (picture: EarlyPicture) => () => void;

/** On the viewer's element; the code comes with the first picture. */
export const earlyStage =
  (element: HTMLElement): EarlyStage =>
  (picture) => {
    let takeAway = (): void => undefined;
    let isGone = false;
    void import('#viewer/early-picture.ts').then(({ showEarlyPicture }) => {
      takeAway = showEarlyPicture(element, picture);
      if (isGone) takeAway();
    });
    return () => {
      isGone = true;
      takeAway();
    };
  };

// F6 and Shift F6 go round the regions of the window: top bar, slide, run bar, strip, inspector.
const REGIONS = ['top-bar', 'slide', 'run-bar', 'strip', 'inspector'];

const firstIn = (region: HTMLElement): HTMLElement | null =>
  region.matches('[tabindex]') && region.tabIndex >= 0
    ? region
    : region.querySelector<HTMLElement>(
        '[role="application"], button:not([disabled]), input:not([disabled]), a[href], [tabindex="0"]',
      );

/** Moves the focus to the next (1) or previous (−1) region that is on screen. */
export function cycleRegion(step: 1 | -1): void {
  const present = REGIONS.flatMap((name) => {
    const region = document.querySelector<HTMLElement>(`[data-region="${name}"]`);
    return region && region.offsetParent !== null ? [region] : [];
  });
  const now = present.findIndex((region) => region.contains(document.activeElement));
  const next = present[(now + step + present.length) % present.length];
  if (next) firstIn(next)?.focus();
}

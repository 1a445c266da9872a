import { type Canvas, paint, paintRed } from './canvas.ts';
import type { Coverage } from './coverage.ts';
import { type Nucleus, outlineOf } from './nucleus.ts';
import type { Vessel } from './vessels.ts';

/** Wall, pale plasma, red cells; the nuclei of the wall are among the cells. */
export function paintVessel(canvas: Canvas, coverage: Coverage, vessel: Vessel): void {
  const s = canvas.umPerPx;
  const ring = (inward: number): Nucleus => ({
    ...vessel,
    long: vessel.long - inward,
    short: vessel.short - inward,
    kind: 'lymphocyte',
  });
  if (coverage.fill(outlineOf(ring(0), s), canvas)) paint(canvas, coverage, 0.05, 0.27);
  if (coverage.fill(outlineOf(ring(vessel.wall), s), canvas)) paint(canvas, coverage, 0.008, 0.02);
  for (const cell of vessel.redCells) {
    if (coverage.fill(outlineOf(cell, s), canvas)) paintRed(canvas, coverage, 0.13, 0.17);
  }
}

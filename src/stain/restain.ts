// A picture as another laboratory might have stained it, and turned: what augmentation in stain space does (Tellez et al., IEEE
// TMI 2018; 37: 2126). How much of each stain a pixel holds is scaled and shifted by the same draw over the whole picture.
import { densityOf, transmittanceOf } from './beer-lambert.ts';
import { RUIFROK_JOHNSTON, unit, unmixing } from './vectors.ts';

const SCALED = 0.2; //  of an amount, either way
const SHIFTED = 0.05; // of optical density, either way; glass stays glass

/** In place. @param rgba white 255; alpha stays @param random uniform in [0, 1) */
export function restain(rgba: Uint8ClampedArray, random: () => number): void {
  const rows = unmixing(RUIFROK_JOHNSTON);
  const directions = [unit(RUIFROK_JOHNSTON.haematoxylin), unit(RUIFROK_JOHNSTON.eosin)] as const;
  const draws = directions.map(() => ({
    scale: SCALED * (2 * random() - 1),
    shift: SHIFTED * (2 * random() - 1),
  }));
  const densities = Float32Array.from({ length: 256 }, (_, value) => densityOf(value));
  for (let at = 0; at < rgba.length; at += 4) {
    const density = [0, 1, 2].map((c) => densities[rgba[at + c] ?? 255] ?? 0);
    const all = (density[0] ?? 0) + (density[1] ?? 0) + (density[2] ?? 0);
    const share = Math.min(1, all / TISSUE); // no colour comes to glass
    for (const [k, { scale, shift }] of draws.entries()) {
      let amount = 0;
      for (let c = 0; c < 3; c++) amount += (rows[3 * k + c] ?? 0) * (density[c] ?? 0);
      const change = scale * Math.max(0, amount) + share * shift;
      for (let c = 0; c < 3; c++) density[c] = (density[c] ?? 0) + change * (directions[k]?.[c] ?? 0);
    }
    for (let c = 0; c < 3; c++) rgba[at + c] = Math.round(255 * transmittanceOf(Math.max(0, density[c] ?? 0)));
  }
}

const TISSUE = 0.45; // sum of the three densities, from which on a pixel counts as stained

/** A square turned by quarters clockwise, then mirrored where asked. @param rgba [side × side × 4], borrowed */
export function turned(
  rgba: Uint8ClampedArray,
  side: number,
  quarters: number,
  isMirrored: boolean,
): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(rgba.length);
  const [from, to] = [new Uint32Array(new Uint8ClampedArray(rgba).buffer), new Uint32Array(out.buffer)];
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const across = isMirrored ? side - 1 - x : x;
      const [u, v] = [
        [across, y],
        [y, side - 1 - across],
        [side - 1 - across, side - 1 - y],
        [side - 1 - y, across],
      ][quarters & 3] ?? [x, y];
      to[y * side + x] = from[(v ?? 0) * side + (u ?? 0)] ?? 0;
    }
  return out;
}

// In the place of the network: what is painted there, as the packed maps that cerberus-lite gives.
import { moved, type Port, serve } from '#channel/channel.ts';
import type { PatchOutputs } from '#inference/model.ts';
import { labelImage } from '#phantom/label-image.ts';
import { Plan } from '#phantom/plan.ts';
import { shapesTouching, TISSUE_CLASSES, type TruthKind, tissueAt } from '#phantom/truth.ts';
import type { Rect } from '#units/rect.ts';
import type { TruthCalls } from './truth-calls.ts';

declare const self: Port;

const MODEL_PX = 2; //  level-0 px
const COARSE = 4; //    level-0 px a pixel of the coarse maps
const CELL = 128; //    level-0 px a tissue cell
const SURE = 255;
const CONTOUR = { nuclei: 2, glands: 2, lumina: 0 }; // pixels on the inner side of an edge

let plan: { seed: number; plan: Plan } | undefined;

function planOf(seed: number): Plan {
  if (plan?.seed !== seed) plan = { seed, plan: new Plan(seed) };
  return plan.plan;
}

/** background + 256 inner + 65536 contour, all of them certain. */
function packed(ids: Uint16Array, side: number, contour: number, out: Int32Array): void {
  for (let y = 0, i = 0; y < side; y++) {
    for (let x = 0; x < side; x++, i++) {
      const id = ids[i];
      let isEdge = false;
      for (let d = 1; id !== 0 && d <= contour && !isEdge; d++) {
        const [left, right] = [x >= d ? ids[i - d] : id, x + d < side ? ids[i + d] : id];
        const [above, below] = [y >= d ? ids[i - d * side] : id, y + d < side ? ids[i + d * side] : id];
        isEdge = left !== id || right !== id || above !== id || below !== id;
      }
      out[i] = id === 0 ? SURE : isEdge ? SURE * 65536 : SURE * 256;
    }
  }
}

function mapsOf(of: Plan, x: number, y: number, size: number): PatchOutputs {
  const fine = size * MODEL_PX;
  const coarse = fine / COARSE;
  const cells = fine / CELL;
  const region: Rect = { x, y, width: fine, height: fine };
  const shapes = (kind: TruthKind) => shapesTouching(of, kind, region);
  const nuclei = shapes('nuclei');
  const rings = nuclei.map(({ ring }) => ring);
  const fineMap = new Int32Array(fine * fine);
  packed(labelImage(rings, region, 1, fine, fine).ids, fine, CONTOUR.nuclei, fineMap);
  const coarseMaps = new Int32Array(3 * coarse * coarse);
  const typed = labelImage(rings, region, COARSE, coarse, coarse);
  for (const [i, id] of typed.ids.entries()) {
    const classIndex = id === 0 ? 3 : (nuclei[typed.from[id - 1] ?? 0]?.classIndex ?? 3);
    if (classIndex < 3) coarseMaps[i] = SURE << (8 * classIndex);
  }
  for (const [k, kind] of (['glands', 'lumina'] as const).entries()) {
    const kindRings = shapes(kind).map(({ ring }) => ring);
    const { ids } = labelImage(kindRings, region, COARSE, coarse, coarse);
    const plane = coarse * coarse;
    packed(ids, coarse, CONTOUR[kind], coarseMaps.subarray((k + 1) * plane, (k + 2) * plane));
  }
  const tissue = new Float32Array(TISSUE_CLASSES.length * cells * cells);
  for (let i = 0; i < cells * cells; i++) {
    const [cx, cy] = [x + ((i % cells) + 0.5) * CELL, y + (Math.floor(i / cells) + 0.5) * CELL];
    tissue[tissueAt(of, cx, cy) * cells * cells + i] = 1;
  }
  return {
    nuclei: { dims: [1, 1, fine, fine], data: fineMap },
    coarse: { dims: [1, 3, coarse, coarse], data: coarseMaps },
    tissue: { dims: [1, TISSUE_CLASSES.length, cells, cells], data: tissue },
  };
}

serve<TruthCalls>(self, {
  maps: ({ seed, x, y, size }) => {
    const outputs = mapsOf(planOf(seed), x, y, size);
    return moved(
      outputs,
      Object.values(outputs).map(({ data }) => data.buffer),
    );
  },
});

// What the legend has to say about what is on screen now.
import type { ColourBy } from '#objects/colour-by.ts';
import type { MppXY } from '#units/units.ts';
import type { LayerStyle, Legend, LegendLayer, ObjectSource, Part } from '../viewer-api.ts';
import { classLegend } from './class-map.ts';
import { stepsOf } from './colormaps.ts';
import { densitySteps } from './density.ts';
import { formOf } from './form.ts';
import { legendOf as gridLegend } from './grid-cells.ts';
import type { Densities, DensitySaid } from './paint-asked.ts';
import { kindOf, PARTS, smallSaid } from './parts.ts';
import { patchLegend } from './patch-map.ts';
import { type Scene, styleOf } from './scene.ts';

/** µm² of a level-0 px. */
const pixelArea = (mpp: MppXY | undefined): number | undefined => (mpp ? mpp.x * mpp.y : undefined);

/** @param sources of what is drawn @param densities those on screen; without the ones that are being counted */
export function legendOf(
  scene: Scene,
  sources: ReadonlyMap<Part, ObjectSource>,
  zoom: number,
  mpp: MppXY | undefined,
  densities: Densities,
): Legend {
  const layers = PARTS.flatMap((part): LegendLayer[] => {
    const source = sources.get(part);
    const style = styleOf(scene, kindOf(part));
    if (!source || !style.shown || source.columns.count === 0) return [];
    const form = formOf(part, zoom, mpp);
    const isSaidOfCells = part === 'annotations' && sources.has('cells') && formOf('cells', zoom, mpp) !== 'density';
    if (isSaidOfCells) return [];
    const { classes } = source.columns;
    const counted = form === 'density' ? densities.get(part) : undefined;
    const colourBy = scene.colourBy.get(kindOf(part));
    const by = form !== 'density' || counted?.shows === 'means' ? colourBy : undefined;
    return [
      {
        kind: part,
        upTo: part === 'cells' ? smallSaid(mpp) : undefined,
        form,
        opacity: style.opacity,
        classes: classes.map(({ name, color }, i) => ({
          name,
          color: style.colours?.[i] ?? color,
          shown: style.classShown[i] !== false,
        })),
        measure: by?.version === source.version ? measureLegend(by, style, counted && cellOf(counted, mpp)) : undefined,
        threshold: style.threshold || undefined,
        density:
          counted?.shows === 'counts'
            ? {
                unit: mpp ? ('per mm²' as const) : ('per cell' as const),
                entries: densitySteps(counted, pixelArea(mpp)),
              }
            : undefined,
      },
    ];
  });
  const map = scene.grid?.style.shown ? scene.grid : undefined;
  const patches = scene.patchMap?.style.shown && !scene.classMap ? scene.patchMap : undefined;
  return {
    layers,
    grid: map && gridLegend(map.grid, map.style, scene.tissue === 'auto'),
    divider: dividerOf(scene),
    patchMap: patches && patchLegend(patches.map, patches.style, scene.tissue === 'auto'),
    classMap: scene.classMap && classLegend(scene.classMap),
  };
}

function dividerOf({ swipe, grid, patchMap, classMap, tissue }: Scene): Legend['divider'] {
  if (!swipe || classMap) return undefined;
  const greys = tissue === 'auto';
  if (swipe.of === 'patchMap') {
    const isShown = patchMap?.style.shown && swipe.style.shown;
    return isShown ? { left: 'patchMap', right: patchLegend(swipe.map, swipe.style, greys) } : undefined;
  }
  if (!grid?.style.shown) return undefined;
  if (swipe.of === 'layers') return { left: 'grid', right: 'patchMap' };
  return { left: 'grid', right: gridLegend(swipe.grid, swipe.style, greys) };
}

const cellOf = ({ cellPx }: DensitySaid, mpp: MppXY | undefined): string =>
  mpp ? `${Number((cellPx * mpp.x).toPrecision(3))} µm` : `${cellPx} px`;

function measureLegend(
  { name, unit, low, high }: ColourBy,
  { colormap = 'viridis' }: LayerStyle,
  cell: string | undefined,
) {
  const width = (high - low) / 10;
  const entries = stepsOf(colormap).map((color, step) => ({
    color,
    from: low + step * width,
    to: low + (step + 1) * width,
  }));
  return { name, unit, cell, entries };
}

// How densely objects lie, as a small map of what was analysed: hover or arrows read it, a click or Enter goes there.
import { type KeyboardEvent, type PointerEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { manyOfClass } from '#objects/class-words.ts';
import { rgbOf, stepOf, stepsOf } from '#viewer/overlay/colormaps.ts';
import { LAYER_NAMES } from '../inspector/layers-section.tsx';
import { useRegion } from '../inspector/use-counts.ts';
import { type DensityGrid, densityGrid, groupsOf } from '../measures/density-grid.ts';
import { countedOn, rowsWithin } from '../measures/scope.ts';
import { usePicked } from '../stores.ts';
import css from '../styles/inspector.module.css';
import own from '../styles/measures.module.css';
import { count, measure } from '../words.ts';
import { useDesk } from '../workbench.ts';
import { DensityNumbers } from './density-numbers.tsx';
import { KindPick } from './kind-pick.tsx';
import { useMeasured } from './measures-context.tsx';
import { useClassName, useKind } from './use-kind.ts';

const VIRIDIS = stepsOf('viridis');

export default function DensityPlot() {
  const { stores } = useDesk();
  const kind = useKind();
  const className = useClassName(kind);
  const brushed = usePicked(stores.selection, (state) => state.brushed);
  const mpp = usePicked(stores.slide, ({ open }) => open?.info.mpp);
  const unitPx = mpp ? 1e6 / (mpp.x * mpp.y) : 1e6;
  const unit = mpp ? 'per mm²' : 'per million px²';
  const marked = brushed?.kind === kind ? brushed.rows : undefined;
  const grid = useGrid(marked, unitPx);
  const of = `${marked ? 'marked ' : ''}${className ? manyOfClass(kind, className) : LAYER_NAMES[kind].toLowerCase()}`;
  return (
    <>
      <div className={`${own.picks} ${css.gap}`}>
        <KindPick />
      </div>
      {grid ? (
        <>
          {marked && <p className={`t2 ${css.p} ${css.gap}`}>Of the {count(marked.length)} that are marked.</p>}
          <DensityPicture grid={grid} unit={unit} label={`Density of ${of}, ${unit}`} />
          <DensityNumbers grid={grid} unit={unit} unitPx={unitPx} of={of} mpp={mpp} />
        </>
      ) : (
        <p className={`t2 ${css.p} ${css.gap}`}>
          Nothing was analysed here, so there is no area to count on. Analyse a region, or look at all.
        </p>
      )}
    </>
  );
}

/** Of the class and in the scope that are looked at. @param marked rows; undefined: all */
function useGrid(marked: ArrayLike<number> | undefined, unitPx: number): DensityGrid | undefined {
  const { found, stores } = useDesk();
  const kind = useKind();
  const { widthPx = 0, heightPx = 0 } = usePicked(stores.slide, ({ open }) => open?.info) ?? {};
  const region = useDeferredValue(useRegion());
  const classIndex = useMeasured((state) => state.classIndex);
  const version = useMeasured((state) => state.version);
  // biome-ignore lint/correctness/useExhaustiveDependencies: objects may differ with each version
  return useMemo(() => {
    const {
      live,
      live: { columns, isGone },
    } = found.store(kind);
    const groups = groupsOf(columns.classIndex.subarray(0, columns.count), { classIndex, chosen: marked, isGone });
    if (region) {
      const within = groupsOf(columns.classIndex.subarray(0, columns.count), {
        classIndex: undefined,
        chosen: rowsWithin(live, region),
        isGone: undefined,
      });
      for (const [row, group] of within.entries()) if (group !== 0) groups[row] = group;
    }
    const slide = { x: 0, y: 0, width: widthPx, height: heightPx };
    return densityGrid({
      centroid: columns.centroid,
      count: columns.count,
      groups,
      area: countedOn(found, slide),
      region,
      unitPx,
    });
  }, [found, kind, region, classIndex, marked, unitPx, version, widthPx, heightPx]);
}

function DensityPicture({ grid, unit, label }: { grid: DensityGrid; unit: string; label: string }) {
  const { viewer } = useDesk();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [at, setAt] = useState<readonly [col: number, row: number]>();
  const { cols, rows, sidePx, perArea, counts, top } = grid;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const picture = context.createImageData(cols, rows);
    for (const [k, value] of perArea.entries()) {
      if (Number.isNaN(value)) continue;
      picture.data.set([...rgbOf(VIRIDIS[stepOf(value, [0, top])] ?? ''), 255], 4 * k);
    }
    context.putImageData(picture, 0, 0);
  }, [cols, rows, perArea, top]);
  const col = Math.min(cols - 1, at?.[0] ?? 0);
  const row = Math.min(rows - 1, at?.[1] ?? 0);
  const go = ([c, r]: readonly [number, number]): void =>
    viewer.glideTo({ x: grid.x + (c + 0.5) * sidePx, y: grid.y + (r + 0.5) * sidePx });
  const under = (event: PointerEvent<HTMLElement>): readonly [number, number] => {
    const box = event.currentTarget.getBoundingClientRect();
    const cell = (share: number, n: number): number => Math.min(n - 1, Math.max(0, Math.floor(share * n)));
    return [cell((event.clientX - box.left) / box.width, cols), cell((event.clientY - box.top) / box.height, rows)];
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && at) {
      event.stopPropagation(); // elsewhere Enter starts a run
      go([col, row]);
    }
    const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [];
    if (dx === undefined || dy === undefined) return;
    event.preventDefault();
    if (!at) setAt([Math.floor(cols / 2), Math.floor(rows / 2)]);
    else setAt([Math.min(cols - 1, Math.max(0, col + dx)), Math.min(rows - 1, Math.max(0, row + dy))]);
  };
  const value = perArea[row * cols + col] ?? Number.NaN;
  const n = counts[row * cols + col] ?? 0;
  const said = Number.isNaN(value) ? 'Not analysed' : `${measure(value)} ${unit}, ${count(n)} counted`;
  return (
    <>
      <div className={own.density}>
        <div
          className={own.densityMap}
          style={{ aspectRatio: `${cols} / ${rows}`, width: `min(100%, ${Math.round((220 * cols) / rows)}px)` }}
          role="application"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: arrows walk its squares, and the sentence below tells each
          tabIndex={0}
          aria-label={`${label}: arrows go from square to square, Enter goes there on the slide`}
          onKeyDown={onKeyDown}
          onPointerMove={(event) => setAt(under(event))}
          onClick={() => at && go([col, row])}
        >
          <canvas ref={canvas} width={cols} height={rows} />
          {at && (
            <i
              style={{
                left: `${(100 * col) / cols}%`,
                top: `${(100 * row) / rows}%`,
                width: `${100 / cols}%`,
                height: `${100 / rows}%`,
              }}
            />
          )}
        </div>
      </div>
      <div className={own.densityKey} aria-hidden="true">
        <span>0</span>
        <span className={own.densitySteps}>
          {VIRIDIS.map((color) => (
            <i key={color} style={{ background: color }} />
          ))}
        </span>
        <span>
          {measure(top)} and more {unit}
        </span>
      </div>
      <p className={own.said} aria-live="polite">
        {at ? said : 'Point at the map to read it; a click goes there on the slide. Empty: not analysed.'}
      </p>
    </>
  );
}

// The scene of million.ts in Annotorious: the same outlines over the same empty slide.
import { createOSDAnnotator, type ImageAnnotation, ShapeType } from '@annotorious/openseadragon';
import '@annotorious/openseadragon/annotorious-openseadragon.css';
import OpenSeadragon from 'openseadragon';
import { ringOf } from '#objects/columns.ts';
import { SlideTileSource } from '#viewer/tile-source.ts';
import { blankSlide, madeObjects, sideFor } from './made-million.ts';

const STEPS = 60; //   frames of the movement
const STEP_PX = 12; // CSS px a frame
const MAGNIFICATION_ZOOM = 0.25; // CSS px a level-0 px: 10× at 0.25 µm

const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));

function annotations(count: number): ImageAnnotation[] {
  const columns = madeObjects('nuclei', count);
  return Array.from({ length: count }, (_, i) => {
    const ring = ringOf(columns, i);
    const points = Array.from({ length: ring.length / 2 }, (_, v): [number, number] => [
      ring[2 * v] ?? 0,
      ring[2 * v + 1] ?? 0,
    ]);
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    const bounds = { minX: Math.min(...xs), minY: Math.min(...ys), maxX: Math.max(...xs), maxY: Math.max(...ys) };
    const id = `n${i}`;
    return {
      id,
      bodies: [],
      target: { annotation: id, selector: { type: ShapeType.POLYGON, geometry: { bounds, points } } },
    };
  });
}

async function measure(count: number): Promise<{ loadMs: number; frameMs: number }> {
  const side = sideFor(count);
  const osd = new OpenSeadragon.Viewer({
    id: 'slide',
    drawer: 'canvas',
    showNavigationControl: false,
    animationTime: 0,
  });
  await new Promise<void>((resolve) => {
    osd.addHandler('open', () => resolve());
    osd.open({ tileSource: new SlideTileSource(blankSlide(side), () => undefined) });
  });
  const annotator = createOSDAnnotator(osd);
  const given = annotations(count);
  const started = performance.now();
  annotator.setAnnotations(given, true);
  await frame();
  await frame();
  const loadMs = performance.now() - started;
  osd.viewport.zoomTo((MAGNIFICATION_ZOOM * side) / osd.viewport.getContainerSize().x, undefined, true);
  osd.viewport.panTo(new OpenSeadragon.Point(0.5, 0.5), true);
  await frame();
  const frames: number[] = [];
  let last = await frame();
  for (let k = 0; k < STEPS; k++) {
    const by = ((k < STEPS / 2 ? 1 : -1) * STEP_PX) / MAGNIFICATION_ZOOM / side;
    osd.viewport.panBy(new OpenSeadragon.Point(by, 0), true);
    const now = await frame();
    frames.push(now - last);
    last = now;
  }
  frames.sort((a, b) => a - b);
  return { loadMs, frameMs: frames[Math.floor(0.95 * frames.length)] ?? 0 };
}

Object.assign(window, { measure });

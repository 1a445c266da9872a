// A large slide over HTTP: how soon its first full view and a place at full resolution are on screen, by our viewer and by
// GeoTIFFTileSource; and whether a pan keeps the page waiting.
import { enableGeoTIFFTileSource } from 'geotiff-tilesource';
import OpenSeadragon from 'openseadragon';
import { openerInTab } from '#slide/open-in-tab.ts';
import { createViewer } from '#viewer/viewer.ts';

const { signal } = new AbortController();
const PLACE = { x: 31_000.5, y: 29_000.5 }; // in the middle of a tile, away from the middle of the slide
const PAN_PX = 40; //     CSS px a step
const PAN_STEPS = 60;

export interface Times {
  readonly firstView: number; // ms from asking for the address until all of the slide is on screen
  readonly jump: number; //      ms until the screen is filled at full resolution
}

const screen = (): HTMLElement => {
  const found = document.getElementById('screen');
  if (!found) throw new Error('The page has no screen.');
  return found;
};

const frame = (): Promise<number> => new Promise((done) => requestAnimationFrame(done));

async function ours(url: string): Promise<Times & { longest: number; longTasks: number }> {
  using opener = openerInTab();
  const started = performance.now();
  using slide = await opener.open(url, { signal });
  using viewer = createViewer({ element: screen(), drawer: 'canvas' });
  await viewer.open(slide, { signal });
  const firstView = performance.now() - started;
  const asked = performance.now();
  await viewer.setView({ centre: PLACE, zoom: 1 }, { signal });
  const jump = performance.now() - asked;

  const tasks: number[] = [];
  const watch = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
  watch.observe({ type: 'longtask' });
  for (let step = 0; step < PAN_STEPS; step++) {
    viewer.glideTo({ x: PLACE.x + step * PAN_PX, y: PLACE.y + step * 10 });
    await frame();
  }
  await viewer.setView({}, { signal });
  await frame();
  watch.disconnect();
  return { firstView, jump, longest: Math.max(0, ...tasks), longTasks: tasks.length };
}

const loaded = (osd: OpenSeadragon.Viewer): Promise<void> =>
  new Promise((done) => {
    const look = (): void => {
      if (osd.world.getItemAt(0)?.getFullyLoaded()) done();
      else requestAnimationFrame(look);
    };
    look();
  });

interface Peer {
  getAllTileSources(url: string, options: { logLatency: boolean }): Promise<OpenSeadragon.TileSource[]>;
}
const isPeer = (value: unknown): value is Peer => typeof value === 'function' && 'getAllTileSources' in value;

async function geotiff(url: string): Promise<Times> {
  enableGeoTIFFTileSource(OpenSeadragon);
  const started = performance.now();
  const peer: unknown = Reflect.get(OpenSeadragon, 'GeoTIFFTileSource');
  if (!isPeer(peer)) throw new Error('GeoTIFFTileSource is not there.');
  const [source] = await peer.getAllTileSources(url, { logLatency: false });
  const osd = new OpenSeadragon.Viewer({
    element: screen(),
    drawer: 'canvas',
    showNavigationControl: false,
    ...(source && { tileSources: [source] }),
    animationTime: 0,
    maxZoomPixelRatio: 16,
  });
  await new Promise<void>((done) => osd.addOnceHandler('open', () => done()));
  await loaded(osd);
  const firstView = performance.now() - started;
  const asked = performance.now();
  const { x: width } = osd.world.getItemAt(0).getContentSize();
  osd.viewport.zoomTo(width / osd.viewport.getContainerSize().x, undefined, true);
  osd.viewport.panTo(new OpenSeadragon.Point(PLACE.x / width, PLACE.y / width), true);
  await frame();
  await loaded(osd);
  const jump = performance.now() - asked;
  osd.destroy();
  return { firstView, jump };
}

Object.assign(window, { measure: { ours, geotiff } });

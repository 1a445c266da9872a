// The same slide as over-http.ts reads, by GeoTIFFTileSource. Vite does not build that package's worker: the page comes from its
// development server, which has bundled the package before.
import { enableGeoTIFFTileSource } from 'geotiff-tilesource';
import OpenSeadragon from 'openseadragon';
import { frame, PLACE, screen, type Times } from './over-http-times.ts';

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
  const peer: unknown = Reflect.get(OpenSeadragon, 'GeoTIFFTileSource');
  if (!isPeer(peer)) throw new Error('GeoTIFFTileSource is not there.');
  const osd = new OpenSeadragon.Viewer({
    element: screen(),
    drawer: 'canvas',
    showNavigationControl: false,
    animationTime: 0,
    maxZoomPixelRatio: 16,
  });
  const started = performance.now();
  const [source] = await peer.getAllTileSources(url, { logLatency: false });
  if (!source) throw new Error('GeoTIFFTileSource gave nothing.');
  const opened = new Promise<void>((done) => osd.addOnceHandler('open', () => done()));
  osd.open([{ tileSource: source }]);
  await opened;
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

Object.assign(window, { measure: geotiff });

// OpenSeadragon 6.1.1 as Eosin uses it: no buttons, no keys of its own.
import OpenSeadragon from 'openseadragon';
import type { Level } from '#slide/slide.ts';
import { BitmapDrawer } from './bitmap-drawer.ts';
import { RestingViewer } from './idle-frames.ts';
import { minPixelRatioFor } from './shown-level.ts';
import { TileDrawer } from './tile-drawer.ts';

/** A frame's tiles live on the GPU; a bitmap that the cache drops is freed at once rather than by the collector. */
OpenSeadragon.converter.learnDestroy('imageBitmap', (bitmap: ImageBitmap) => bitmap.close());

/** Tiles that fail or leave the view are told through Viewer.gaps(), not on the console. Everything else passes. */
const QUIET = 'Tile %s failed to load';
Reflect.set(OpenSeadragon, 'console', {
  ...console,
  assert: console.assert.bind(console),
  error: (...said: readonly unknown[]) => {
    if (!String(said[0]).startsWith(QUIET)) console.error(...said);
  },
});

/** 200 ms, or none where the user wants no motion. In seconds, as OpenSeadragon counts. */
export const motionSeconds = (): number => (matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 0.2);

const gestures: OpenSeadragon.GestureSettings = {
  clickToZoom: false,
  dblClickToZoom: false,
  dblClickDragToZoom: false,
  flickEnabled: false,
};

/** Bytes that decoded tiles may take, at 4 a pixel. */
const CACHE_BYTES = 256 * 2 ** 20;

/** Fits cache and choice of levels to a slide. Both are fixed at construction by the public options (6.1.1). */
export function tuneTo(osd: OpenSeadragon.Viewer, levels: readonly Level[]): void {
  const { tileWidth = 256, tileHeight = 256 } = levels[0] ?? {};
  const tiles = Math.floor(CACHE_BYTES / (4 * tileWidth * tileHeight));
  Reflect.set(osd.tileCache, '_maxCacheItemCount', Math.min(1000, Math.max(64, tiles)));
  Reflect.set(osd, 'minPixelRatio', minPixelRatioFor(levels.map((level) => level.downsample)));
}

/** All tiles of a large screen are asked for at once: neighbours then travel in one request, and the source sets the order. */
const MOST_TILES = 64;

const EMULATED = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** False too where WebGL is emulated on the processor: a 2-D canvas then draws the same tiles several times faster. */
export function hasFastWebGL(): boolean {
  const gl = document.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  if (!gl) return false;
  const info = gl.getExtension('WEBGL_debug_renderer_info'); // a browser told to use an emulation does not call it a caveat
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return !EMULATED.test(renderer);
}

export function createOsd(element: HTMLElement, drawer: 'webgl' | 'canvas'): OpenSeadragon.Viewer {
  const osd = new RestingViewer({
    element,
    drawer: drawer === 'webgl' ? [BitmapDrawer, TileDrawer] : [TileDrawer],
    showNavigationControl: false,
    autoHideControls: false, // there are none; yet two seconds after each move it would fade them, ninety frames long
    showNavigator: false,
    keyboardNavEnabled: false,
    tabIndex: -1,
    animationTime: motionSeconds(),
    springStiffness: 9,
    immediateRender: false,
    blendTime: 0,
    imageLoaderLimit: MOST_TILES,
    maxTilesPerFrame: MOST_TILES,
    preserveImageSizeOnResize: true,
    timeout: 600_000, // a slow host is waited for; what leaves the view is aborted
    visibilityRatio: 0.2,
    minZoomImageRatio: 0.05, // small slides reach 1.25×, too
    maxZoomPixelRatio: 16,
    smoothTileEdgesMinZoom: Number.POSITIVE_INFINITY,
    gestureSettingsMouse: { ...gestures, scrollToZoom: true },
    gestureSettingsTouch: { ...gestures, pinchToZoom: true, pinchRotate: true },
    gestureSettingsPen: { ...gestures },
    gestureSettingsUnknown: { ...gestures, scrollToZoom: true },
  });
  // Viewport and viewer share one size object at first (6.1.1): the first resize would not know the size before it.
  Reflect.set(osd.viewport, 'containerSize', osd.viewport.getContainerSize());
  return osd;
}

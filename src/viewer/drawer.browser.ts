import { expect, test } from 'vitest';
import { hasFastWebGL } from './osd.ts';
import { checkerboard, colourOf } from './testing/checkerboard.ts';
import { createViewer } from './viewer.ts';

// OpenSeadragon is pinned for this: its WebGL drawer uploads whatever it is handed, though it names fewer formats.
test('WebGL draws bitmaps without a 2-D canvas in between, each tile at its place in a turned view', async () => {
  const { signal } = new AbortController();
  const element = document.createElement('div');
  element.style.cssText = 'position:fixed;left:0;top:0;width:400px;height:300px';
  document.body.append(element);
  const uploads: string[] = [];
  const upload = WebGL2RenderingContext.prototype.texImage2D;
  Reflect.set(
    WebGL2RenderingContext.prototype,
    'texImage2D',
    function (this: WebGL2RenderingContext, ...args: unknown[]) {
      const source = args.at(-1);
      if (source !== null && typeof source === 'object') uploads.push(source.constructor.name);
      return Reflect.apply(upload, this, args);
    },
  );
  try {
    using viewer = createViewer({ element, drawer: 'webgl' });
    await viewer.open(checkerboard({ widthPx: 1600, heightPx: 1100, downsamples: [1, 4], bitmaps: true }), { signal });
    await viewer.setView({ centre: { x: 800, y: 600 }, zoom: 0.5, rotation: 30 }, { signal });
    const picture = await createImageBitmap(await viewer.snapshot({ signal }));
    const context = new OffscreenCanvas(picture.width, picture.height).getContext('2d');
    context?.drawImage(picture, 0, 0);
    for (const [x, y] of [
      [800, 600],
      [900, 700],
      [700, 480],
    ] as const) {
      const at = viewer.toScreen(x, y);
      const seen = [...(context?.getImageData(Math.floor(at.x), Math.floor(at.y), 1, 1).data ?? [])];
      for (const [i, value] of colourOf(x, y).entries()) expect(Math.abs((seen[i] ?? 0) - value)).toBeLessThan(8);
    }
    expect(uploads).toContain('ImageBitmap');
    for (const detour of ['HTMLCanvasElement', 'OffscreenCanvas', 'HTMLImageElement']) {
      expect(uploads).not.toContain(detour);
    }
  } finally {
    Reflect.set(WebGL2RenderingContext.prototype, 'texImage2D', upload);
    element.remove();
  }
});

test('a 2-D canvas draws tiles at a third of their size without aliasing, each at its place', async () => {
  const { signal } = new AbortController();
  const element = document.createElement('div');
  element.style.cssText = 'position:fixed;left:0;top:0;width:400px;height:300px';
  document.body.append(element);
  try {
    using viewer = createViewer({ element, drawer: 'canvas' });
    const slide = checkerboard({ widthPx: 1601, heightPx: 1103, downsamples: [1, 4] });
    const striped = (x: number): number => (x % 2 === 0 ? 40 : 200); // lines of one px in the left half
    await viewer.open(
      {
        ...slide,
        readTile: async (at, waits) => {
          const raster = await slide.readTile(at, waits);
          if (!('rgba' in raster) || at.level > 0 || at.col > 2) return raster;
          for (let k = 0; k < raster.rgba.length; k++) if (k % 4 < 3) raster.rgba[k] = striped((k >> 2) % raster.width);
          return raster;
        },
      },
      { signal },
    );
    await viewer.setView({ centre: { x: 1100, y: 550 }, zoom: 0.34 }, { signal });
    const canvas = element.querySelector<HTMLCanvasElement>('.openseadragon-canvas canvas:not([data-layer])');
    const seen = (x: number, y: number): number[] => {
      const at = viewer.toScreen(x, y);
      const context = new OffscreenCanvas(1, 1).getContext('2d');
      if (canvas) context?.drawImage(canvas, -Math.floor(at.x), -Math.floor(at.y));
      return [...(context?.getImageData(0, 0, 1, 1).data ?? [])];
    };
    for (let x = 540; x < 740; x += 4) expect(Math.abs((seen(x, 400)[0] ?? 0) - 120)).toBeLessThan(4); // whole: 40 to 200
    for (const [x, y] of [
      [900, 300],
      [1400, 960],
      [1598, 600], // the last column, an odd px wide
    ] as const) {
      for (const [i, value] of colourOf(x, y).entries()) expect(Math.abs((seen(x, y)[i] ?? 0) - value)).toBeLessThan(8);
    }
  } finally {
    element.remove();
  }
});

test('an emulated WebGL counts as none unless asked for', () => {
  const gl = document.createElement('canvas').getContext('webgl2');
  const info = gl?.getExtension('WEBGL_debug_renderer_info');
  const renderer = gl && info ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)) : '';
  expect(renderer).not.toBe(''); // there is one, so that this test says something
  expect(hasFastWebGL()).toBe(!/SwiftShader|llvmpipe|software/i.test(renderer));
});

// What fifty slides that were opened and closed leave behind, counted: canvases, contexts, bitmaps.
import { expect, onTestFinished, test } from 'vitest';
import { cdp } from 'vitest/browser';
import { openerInTab } from '#slide/open-in-tab.ts';
import rgbUrl from '#slide/testing/fixtures/jpeg-rgb.tif?url';
import ycbcrUrl from '#slide/testing/fixtures/jpeg-ycbcr.tif?url';
import { createViewer } from './viewer.ts';

const { signal } = new AbortController();

/** Everything that gets a context from here on, held weakly, and all bitmaps that are not closed. */
function watched() {
  const contexts: WeakRef<object>[] = [];
  for (const { prototype } of [HTMLCanvasElement, OffscreenCanvas]) {
    const get = prototype.getContext;
    const watching = function (this: unknown, ...asked: unknown[]): unknown {
      const context: unknown = Reflect.apply(get, this, asked);
      if (typeof context === 'object' && context !== null && !contexts.some((each) => each.deref() === context))
        contexts.push(new WeakRef(context));
      return context;
    };
    Reflect.set(prototype, 'getContext', watching); // a spy would hold on to all that it saw
    onTestFinished(() => void Reflect.set(prototype, 'getContext', get));
  }
  const open = new Set<number>();
  let made = 0;
  const make = globalThis.createImageBitmap;
  const making = async (...of: unknown[]): Promise<ImageBitmap> => {
    const bitmap: ImageBitmap = await Reflect.apply(make, globalThis, of);
    const number = ++made;
    open.add(number);
    const close = bitmap.close.bind(bitmap);
    bitmap.close = () => {
      open.delete(number);
      close();
    };
    return bitmap;
  };
  Reflect.set(globalThis, 'createImageBitmap', making);
  onTestFinished(() => void Reflect.set(globalThis, 'createImageBitmap', make));
  const living = () => contexts.map((each) => each.deref()).filter((each) => each !== undefined);
  return {
    bitmaps: () => made,
    openBitmaps: () => open.size,
    async livingContexts() {
      await cdp().send('HeapProfiler.collectGarbage');
      return living().length;
    },
    livingWebgl: () =>
      living().filter((each) => each instanceof WebGL2RenderingContext && !each.isContextLost()).length,
  };
}

function place(): HTMLElement {
  const element = document.createElement('div');
  element.style.cssText = 'position:fixed;left:0;top:0;width:320px;height:240px';
  document.body.append(element);
  onTestFinished(() => element.remove());
  return element;
}

const fileAt = async (url: string): Promise<File> => new File([await (await fetch(url)).blob()], 'tissue.tif');

for (const [drawer, times] of [
  ['canvas', 50],
  ['webgl', 50],
] as const) {
  test(`fifty slides in one viewer, drawn by ${drawer}`, { timeout: 120_000 }, async () => {
    const files = await Promise.all([rgbUrl, ycbcrUrl].map(fileAt));
    const seen = watched();
    const [element, navigatorElement] = [place(), place()];
    using opener = openerInTab();
    const viewer = createViewer({ element, navigatorElement, drawer });
    const openAndClose = async (index: number): Promise<void> => {
      const file = files[index % files.length];
      if (!file) throw new Error('There is no such file.');
      using slide = await opener.open(file, { signal });
      await viewer.open(slide, { signal });
      await viewer.setView({ centre: { x: 40, y: 40 }, zoom: 4 }, { signal });
      viewer.close();
    };
    for (let i = 0; i < 3; i++) await openAndClose(i);
    const canvases = document.querySelectorAll('canvas').length;
    const webgl = seen.livingWebgl();
    await expect.poll(seen.openBitmaps).toBe(0);
    const contexts = await seen.livingContexts();
    for (let i = 3; i < times; i++) await openAndClose(i);
    await expect.poll(seen.openBitmaps).toBe(0);
    expect(seen.bitmaps()).toBeGreaterThan(times);
    expect(document.querySelectorAll('canvas')).toHaveLength(canvases);
    expect(seen.livingWebgl()).toBe(webgl);
    expect(opener.tiles.usedBytes).toBe(0);
    await expect.poll(seen.livingContexts, { timeout: 20_000 }).toBeLessThanOrEqual(contexts);
    viewer[Symbol.dispose]();
    expect(seen.livingWebgl()).toBe(0);
  });
}

import { afterAll, describe, expect, test } from 'vitest';
import { checkerboard, colourOf } from './testing/checkerboard.ts';
import { stage } from './testing/stage.ts';

// What pointer and keys do, on the slide and on the overview.

const nav = document.createElement('div');
nav.style.cssText = 'position:fixed;right:0;top:0;width:200px';
document.body.append(nav);
afterAll(() => nav.remove());
const on = stage({ navigatorElement: nav });

describe('pointer and keys', () => {
  const press = (type: string, x: number, y: number): void => {
    const target = on.element.querySelector('.openseadragon-canvas');
    if (!target) throw new Error('no canvas element');
    const buttons = type === 'pointerup' ? 0 : 1;
    const init = {
      clientX: x,
      clientY: y,
      bubbles: true,
      cancelable: true,
      pointerId: 1,
      isPrimary: true,
      button: type === 'pointermove' ? -1 : 0,
      buttons,
      pointerType: 'mouse',
    };
    target.dispatchEvent(new PointerEvent(type, init));
  };
  const key = (name: string): boolean => {
    const event = new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true });
    on.element.dispatchEvent(event);
    return event.defaultPrevented;
  };

  test('a drag with the rectangle tool gives a rectangle in slide px, and the slide stays', async () => {
    await on.viewer.open(checkerboard({ widthPx: 3000, heightPx: 2600 }), { signal: on.signal });
    await on.viewer.setView({ centre: { x: 1500, y: 1300 }, zoom: 0.5, rotation: 0 }, { signal: on.signal });
    const told: unknown[] = [];
    on.viewer.on('piece', ({ does, ring }) => told.push(does, [...ring]));
    on.viewer.setTool('rectangle');
    press('pointerover', 100, 80);
    press('pointerenter', 100, 80);
    press('pointerdown', 100, 80);
    press('pointermove', 150, 120);
    press('pointermove', 300, 200);
    await on.frames(2);
    expect(on.overlayAt(300, 140)[3]).toBeGreaterThan(0); // the edge follows the pointer
    press('pointerup', 300, 200);
    const corner = on.viewer.toSlide(100, 80);
    const [x, y] = [corner.x, corner.y];
    expect(told).toEqual(['replace', [x, y, x + 400, y, x + 400, y + 240, x, y + 240]]);
    expect(on.viewer.view().centre.x).toBeCloseTo(1500, 6);
  });

  test('a box and a lasso around objects are told apart from a region, with Shift and Alt', async () => {
    await on.viewer.open(checkerboard({ widthPx: 3000, heightPx: 2600 }), { signal: on.signal });
    await on.viewer.setView({ centre: { x: 1500, y: 1300 }, zoom: 0.5, rotation: 0 }, { signal: on.signal });
    const told: [string, number][] = [];
    on.viewer.on('piece', () => told.push(['piece', 0]));
    on.viewer.on('lasso', () => told.push(['lasso', 0]));
    on.viewer.on('chosen', ({ does, ring }) => told.push([does, ring.length / 2]));
    for (const tool of ['selectBox', 'selectLasso'] as const) {
      on.viewer.setTool(tool);
      press('pointerover', 100, 80);
      press('pointerenter', 100, 80);
      press('pointerdown', 100, 80);
      press('pointermove', 150, 120);
      press('pointermove', 150, 200);
      press('pointermove', 90, 200);
      press('pointerup', 90, 200);
      expect(on.viewer.tool()).toBe(tool); // one piece after the other
    }
    expect(told[0]).toEqual(['replace', 4]);
    expect(told[1]?.[0]).toBe('replace');
    expect(told[1]?.[1]).toBeGreaterThan(3);
    expect(told).toHaveLength(2);
  });

  test('a drag with the lasso gives the ring it drew; Esc drops one, a click is none', async () => {
    await on.viewer.open(checkerboard({ widthPx: 3000, heightPx: 2600 }), { signal: on.signal });
    await on.viewer.setView({ centre: { x: 1500, y: 1300 }, zoom: 0.5, rotation: 0 }, { signal: on.signal });
    const rings: Float64Array[] = [];
    on.viewer.on('lasso', (ring) => rings.push(ring));
    on.viewer.setTool('lasso');
    const corners = [
      [100, 80],
      [300, 80],
      [300, 200],
      [100, 200],
    ] as const;
    const draw = (): void => {
      press('pointerdown', 100, 80);
      for (const [x, y] of corners.slice(1)) press('pointermove', x, y);
    };
    draw();
    await on.frames(2);
    expect(on.overlayAt(200, 140)[3]).toBeGreaterThan(0); // the inside is shaded while it is drawn
    press('pointerup', 100, 200);
    const ring = [...(rings[0] ?? [])];
    for (const [x, y] of corners) {
      const at = on.viewer.toSlide(x, y);
      expect(ring.some((value, i) => i % 2 === 0 && value === at.x && ring[i + 1] === at.y)).toBe(true);
    }
    draw();
    expect(key('Escape')).toBe(true);
    press('pointerup', 100, 200);
    press('pointerdown', 100, 80);
    press('pointerup', 100, 80);
    expect(rings).toHaveLength(1);
    expect(on.viewer.view().centre.x).toBeCloseTo(1500, 6);
  });

  test('Esc ends the drag, then the tool, then is left to the page', async () => {
    await on.viewer.open(checkerboard({ widthPx: 3000, heightPx: 2600 }), { signal: on.signal });
    const told: unknown[] = [];
    on.viewer.on('piece', (piece) => told.push(piece));
    on.viewer.setTool('rectangle');
    press('pointerover', 100, 80);
    press('pointerenter', 100, 80);
    press('pointerdown', 100, 80);
    press('pointermove', 200, 200);
    expect(key('Escape')).toBe(true);
    press('pointermove', 250, 220);
    press('pointerup', 250, 220);
    expect(told).toEqual([]);
    expect(on.viewer.tool()).toBe('rectangle');
    expect(key('Escape')).toBe(true);
    expect(on.viewer.tool()).toBe('move');
    expect(key('Escape')).toBe(false);
  });

  test('a click picks the slide point under it, in a turned view too', async () => {
    await on.viewer.open(checkerboard({ widthPx: 3000, heightPx: 2600 }), { signal: on.signal });
    await on.viewer.setView({ centre: { x: 1500, y: 1300 }, zoom: 0.5, rotation: 60 }, { signal: on.signal });
    const told: { x: number; y: number }[] = [];
    on.viewer.on('pick', ({ at }) => told.push(at));
    press('pointerover', 400, 100);
    press('pointerenter', 400, 100);
    press('pointerdown', 400, 100);
    press('pointerup', 400, 100);
    const expected = on.viewer.toSlide(400, 100);
    expect(told).toHaveLength(1);
    expect(told[0]?.x).toBeCloseTo(expected.x, 6);
    expect(told[0]?.y).toBeCloseTo(expected.y, 6);

    on.viewer.flip();
    await on.frames(3);
    press('pointerdown', 400, 100);
    press('pointerup', 400, 100);
    const mirrored = on.viewer.toSlide(400, 100);
    expect(told.at(-1)?.x).toBeCloseTo(mirrored.x, 6);
    expect(mirrored.x).not.toBeCloseTo(expected.x, 0);
  });

  test('the pointer tells place and colour', async () => {
    await on.viewer.open(checkerboard({ widthPx: 3000, heightPx: 2600 }), { signal: on.signal });
    await on.viewer.setView({ centre: { x: 1400, y: 1400 }, zoom: 1, rotation: 0 }, { signal: on.signal });
    const seen: unknown[] = [];
    on.viewer.on('pointer', ({ at, colour }) => seen.push([at?.x, at?.y, colour()]));
    press('pointermove', 320, 240);
    expect(seen).toEqual([[1400, 1400, colourOf(1400, 1400)]]);
  });

  test('arrows pan on screen; a step goes through the buttons; other keys are left to the page', async () => {
    await on.viewer.open(checkerboard({ widthPx: 3000, heightPx: 2600 }), { signal: on.signal });
    await on.viewer.setView({ centre: { x: 1500, y: 1300 }, magnification: 20, rotation: 90 }, { signal: on.signal });
    expect(key('ArrowRight')).toBe(true);
    await expect.poll(() => on.viewer.view().centre.y).toBeCloseTo(1300 - 60 / 0.5, 2); // right on screen is up on the slide
    on.viewer.zoomStep(1);
    await expect.poll(() => on.viewer.view().magnification).toBeCloseTo(40, 4);
    on.viewer.zoomStep(-1);
    on.viewer.zoomStep(-1);
    await expect.poll(() => on.viewer.view().magnification).toBeCloseTo(10, 4);
    for (const other of ['x', '+', '-', '0']) expect(key(other)).toBe(false);
  });
});

describe('the overview', () => {
  const navAt = (x: number, y: number): number[] => {
    const canvas = nav.querySelector('canvas');
    const ratio = (canvas?.width ?? 0) / 200;
    return [...(canvas?.getContext('2d')?.getImageData(x * ratio, y * ratio, 1, 1).data ?? [])];
  };

  test('shows the slide, what is computed, and where the view is', async () => {
    await on.viewer.open(checkerboard({ widthPx: 2048, heightPx: 1536, downsamples: [1, 2] }), { signal: on.signal });
    await on.viewer.setView({ centre: { x: 1500, y: 1000 }, zoom: 1 }, { signal: on.signal });
    await on.frames(2);
    const scale = 200 / 2048;
    const close = (seen: readonly number[], expected: readonly number[]): boolean =>
      expected.every((value, i) => Math.abs(value - (seen[i] ?? 0)) < 15);
    expect(close(navAt(128 * scale, 128 * scale), colourOf(128, 128))).toBe(true);
    expect(close(navAt(1180 * scale, 1000 * scale), [194, 24, 91])).toBe(true); // the view's left edge, 1500 − 320
    on.viewer.setRun({ finished: [{ x: 0, y: 0, width: 256, height: 256 }], inWork: [], failed: [] });
    await on.frames(2);
    const dark = colourOf(128, 128).map((value) => 17 * 0.62 + value * 0.38);
    expect(close(navAt(128 * scale, 128 * scale), dark)).toBe(true);
  });

  test('shows the whole slide where the first view shows a part of it, or the user moved while it opened', async () => {
    const slide = checkerboard({ widthPx: 2048, heightPx: 1536, downsamples: [1, 2, 8] });
    const scale = 200 / 2048;
    const shows = (x: number, y: number): boolean => {
      const seen = navAt(x * scale, y * scale);
      return colourOf(x, y).every((value, i) => Math.abs(value - (seen[i] ?? 0)) < 15);
    };
    const first = { centre: { x: 1500, y: 1000 }, zoom: 1 };
    await on.viewer.open(slide, { signal: on.signal }, first);
    expect(on.viewer.view()).toMatchObject(first);
    expect(slide.reads.filter(({ level }) => level === 0).length).toBeLessThan(20); // of 48: the view's alone
    await expect.poll(() => shows(128, 128) && shows(1920, 1408)).toBe(true);

    const opening = on.viewer.open(slide, { signal: on.signal });
    await new Promise((resolve) => setTimeout(resolve));
    const moved = on.viewer.setView(first, { signal: on.signal });
    await Promise.all([opening, moved]);
    await expect.poll(() => shows(128, 128) && shows(1920, 1408)).toBe(true);
  });

  test('a press goes to the place', async () => {
    await on.viewer.open(checkerboard({ widthPx: 2048, heightPx: 1536, downsamples: [1, 2] }), { signal: on.signal });
    await on.viewer.setView({ centre: { x: 1500, y: 1000 }, zoom: 1 }, { signal: on.signal });
    await on.frames(2);
    const canvas = nav.querySelector('canvas');
    const box = canvas?.getBoundingClientRect();
    if (!canvas || !box) throw new Error('no overview');
    canvas.setPointerCapture = () => undefined; // made-up pointers cannot be captured
    canvas.dispatchEvent(new PointerEvent('pointerdown', { clientX: box.left + 50, clientY: box.top + 75, button: 0 }));
    await on.frames(2);
    expect(on.viewer.view().centre.x).toBeCloseTo((50 * 2048) / 200, 0);
    expect(on.viewer.view().centre.y).toBeCloseTo((75 * 2048) / 200, 0);
  });
});

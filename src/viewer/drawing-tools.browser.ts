import { beforeEach, describe, expect, test } from 'vitest';
import { checkerboard } from './testing/checkerboard.ts';
import { stage } from './testing/stage.ts';
import type { BrushStroke, DrawnPiece, RegionCorner } from './viewer-api.ts';

// Polygons, freehand lines, the brush, and handles on corners, by pointer and keys.

const on = stage({});
const pieces: DrawnPiece[] = [];
const strokes: BrushStroke[] = [];

beforeEach(async () => {
  await on.viewer.open(checkerboard({ widthPx: 3000, heightPx: 2600 }), { signal: on.signal });
  await on.viewer.setView({ centre: { x: 1500, y: 1300 }, zoom: 0.5, rotation: 0 }, { signal: on.signal });
  pieces.length = 0;
  strokes.length = 0;
  on.viewer.on('piece', (piece) => pieces.push(piece));
  on.viewer.on('stroke', (stroke) => strokes.push(stroke));
});

function pointer(type: string, x: number, y: number, more: PointerEventInit = {}, at?: Element): void {
  const target = at ?? on.element.querySelector('.openseadragon-canvas');
  if (!target) throw new Error('no canvas element');
  target.dispatchEvent(
    new PointerEvent(type, {
      clientX: x,
      clientY: y,
      bubbles: true,
      cancelable: true,
      pointerId: 1,
      isPrimary: true,
      button: type === 'pointermove' ? -1 : 0,
      buttons: type === 'pointerup' ? 0 : 1,
      pointerType: 'mouse',
      ...more,
    }),
  );
}

function click(x: number, y: number, more: PointerEventInit = {}): void {
  pointer('pointerover', x, y, more);
  pointer('pointerenter', x, y, more);
  pointer('pointerdown', x, y, more);
  pointer('pointerup', x, y, more);
}

function drag(points: readonly (readonly [number, number])[], more: PointerEventInit = {}): void {
  const [[x, y] = [0, 0], ...rest] = points;
  pointer('pointerdown', x, y, more);
  for (const to of rest) pointer('pointermove', ...to, more);
  const [lastX, lastY] = rest.at(-1) ?? [x, y];
  pointer('pointerup', lastX, lastY, more);
}

function key(name: string, at: Element = on.element, more: KeyboardEventInit = {}): boolean {
  const event = new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true, ...more });
  at.dispatchEvent(event);
  return event.defaultPrevented;
}

const onSlide = (...points: readonly (readonly [number, number])[]): number[] =>
  points.flatMap(([x, y]) => [on.viewer.toSlide(x, y).x, on.viewer.toSlide(x, y).y]);

describe('a polygon', () => {
  test('is clicked corner by corner; Backspace takes the last back, Enter closes', async () => {
    on.viewer.setTool('polygon');
    click(100, 80);
    click(300, 80);
    click(350, 300);
    await on.frames(2);
    expect(on.overlayAt(200, 80)[3]).toBeGreaterThan(0);
    expect(key('Backspace')).toBe(true);
    click(300, 200);
    click(100, 200);
    expect(key('Enter')).toBe(true);
    expect(pieces.map(({ does }) => does)).toEqual(['replace']);
    expect([...(pieces[0]?.ring ?? [])]).toEqual(onSlide([100, 80], [300, 80], [300, 200], [100, 200]));
    expect(key('Enter')).toBe(false); // Enter is the page's again
    expect(on.viewer.view().centre.x).toBeCloseTo(1500, 6);
  });

  test('a double click closes it with that corner', () => {
    on.viewer.setTool('polygon');
    click(100, 80);
    click(300, 80);
    click(300, 200);
    click(300, 200);
    expect([...(pieces[0]?.ring ?? [])]).toEqual(onSlide([100, 80], [300, 80], [300, 200]));
  });

  test('two corners are no polygon yet; Esc drops them, then the tool', () => {
    on.viewer.setTool('polygon');
    click(100, 80);
    click(300, 80);
    expect(key('Enter')).toBe(true);
    expect(pieces).toEqual([]);
    expect(key('Escape')).toBe(true);
    expect(on.viewer.tool()).toBe('polygon');
    expect(key('Backspace')).toBe(false);
    expect(key('Escape')).toBe(true);
    expect(on.viewer.tool()).toBe('move');
  });

  test('a drag draws freehand, simplified to a pixel on screen', () => {
    on.viewer.setTool('polygon');
    const circle = Array.from({ length: 120 }, (_, k) => {
      const turn = (k / 120) * 2 * Math.PI;
      return [Math.round(250 + 90 * Math.cos(turn)), Math.round(200 + 90 * Math.sin(turn))] as const;
    });
    drag(circle);
    const ring = pieces[0]?.ring ?? new Float64Array();
    expect(ring.length / 2).toBeGreaterThan(12);
    expect(ring.length / 2).toBeLessThan(60);
    const middle = on.viewer.toSlide(250, 200);
    for (let v = 0; v < ring.length; v += 2) {
      expect(Math.hypot((ring[v] ?? 0) - middle.x, (ring[v + 1] ?? 0) - middle.y)).toBeCloseTo(180, -1);
    }
  });

  test('a drag between clicks goes on from them', () => {
    on.viewer.setTool('polygon');
    click(100, 80);
    drag([
      [300, 80],
      [320, 150],
      [300, 200],
    ]);
    expect(pieces).toEqual([]);
    click(100, 200);
    key('Enter');
    expect([...(pieces[0]?.ring ?? [])]).toEqual(onSlide([100, 80], [300, 80], [320, 150], [300, 200], [100, 200]));
  });

  test('Shift adds and Alt takes away', () => {
    const corners = [
      [100, 80],
      [200, 90],
      [200, 200],
      [100, 190],
    ] as const;
    on.viewer.setTool('polygon');
    drag(corners, { shiftKey: true });
    drag(corners, { altKey: true });
    on.viewer.setTool('rectangle');
    drag(corners.slice(0, 3), { shiftKey: true });
    expect(pieces.map(({ does }) => does)).toEqual(['add', 'subtract', 'add']);
  });
});

test('the brush paints as wide as it is on screen; a dot counts; Alt takes away', async () => {
  on.viewer.setTool('brush');
  on.viewer.setBrushSize(40);
  pointer('pointerdown', 100, 100);
  pointer('pointermove', 200, 100);
  await on.frames(2);
  expect(on.overlayAt(150, 110)[3]).toBeGreaterThan(0); // within 20 px of its path
  expect(on.overlayAt(150, 130)[3]).toBe(0);
  pointer('pointerup', 200, 100);
  drag([[300, 300]], { altKey: true });
  expect(strokes.map(({ does, radiusPx }) => [does, radiusPx])).toEqual([
    ['add', 40],
    ['subtract', 40],
  ]);
  expect([...(strokes[0]?.path ?? [])]).toEqual(onSlide([100, 100], [200, 100]));
  expect([...(strokes[1]?.path ?? [])].slice(0, 2)).toEqual(onSlide([300, 300]));
});

describe('handles', () => {
  const corners = [
    { piece: 0, corner: 0, at: { x: 1200, y: 1100 } },
    { piece: 0, corner: 1, at: { x: 1600, y: 1100 } },
    { piece: 0, corner: 2, at: { x: 1600, y: 1500 } },
  ];
  const handles = (): HTMLElement[] => [...on.element.querySelectorAll<HTMLElement>('[data-corner]')];
  const marks = { lines: [Float64Array.of(1200, 1100, 1600, 1100, 1600, 1500, 1200, 1100)], corners };

  test('stand on the corners, follow the view, and go with the region or another tool', async () => {
    on.viewer.setRegion(marks);
    const box = handles()[2]?.getBoundingClientRect();
    const at = on.viewer.toScreen(1600, 1500);
    expect([(box?.left ?? 0) + 12, (box?.top ?? 0) + 12]).toEqual([at.x, at.y]);
    await on.viewer.setView({ centre: { x: 1600, y: 1500 } }, { signal: on.signal });
    await on.frames(2);
    const moved = handles()[2]?.getBoundingClientRect();
    expect((moved?.left ?? 0) + 12).toBeCloseTo(on.element.clientWidth / 2, 3);
    on.viewer.setTool('rectangle');
    expect(handles()).toEqual([]);
    on.viewer.setTool('move');
    expect(handles().length).toBe(3);
    on.viewer.setRegion(undefined);
    expect(handles()).toEqual([]);
  });

  test('are moved by drag and by arrows, and the slide stays', () => {
    const told: RegionCorner[] = [];
    on.viewer.on('corner', (corner) => told.push(corner));
    on.viewer.setRegion(marks);
    const [, second] = handles();
    if (!second) throw new Error('no handle');
    let held = false; // made-up pointers cannot be captured
    second.setPointerCapture = () => (held = true);
    second.hasPointerCapture = () => held;
    pointer('pointerdown', 300, 100, {}, second);
    pointer('pointermove', 320, 140, {}, second);
    expect(told).toEqual([{ piece: 0, corner: 1, at: on.viewer.toSlide(320, 140) }]);
    expect(key('ArrowLeft', second, { shiftKey: true })).toBe(true);
    expect(told[1]?.at.x).toBeCloseTo(1600 - 10 / 0.5, 6);
    expect(key('PageDown', second)).toBe(true);
    expect(document.activeElement).toBe(handles()[2]);
    expect(on.viewer.view().centre.x).toBeCloseTo(1500, 6);
  });
});

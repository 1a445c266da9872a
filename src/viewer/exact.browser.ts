import { expect, test } from 'vitest';
import { ColumnsBuilder } from '#objects/builder.ts';
import { ObjectStore } from '#objects/store.ts';
import { checkerboard } from './testing/checkerboard.ts';
import { HEIGHT, stage, WIDTH } from './testing/stage.ts';

// Every pixel of drawn outlines against distances worked out here: turned, mirrored, and as near as the objective's own 40×.

const on = stage();
const CENTRE = { x: 3000, y: 2500 };
const CORE = 0.8; //   CSS px from the outline: half the line's width
const OUTER = 1.6; //  and with its casing
const EDGE = 1; //     of a line, px: blended, and objects' vertices are kept to an eighth of a px

const random = (seed: number) => () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 2 ** 32;
};

/** Ellipses on a jittered grid about the middle, level-0 px. */
function madeNuclei(cols: number, apart: number): readonly (readonly (readonly [number, number])[])[] {
  const next = random(11);
  return Array.from({ length: cols * cols }, (_, i) => {
    const x = CENTRE.x + ((i % cols) - cols / 2 + 0.5 + 0.2 * next()) * apart;
    const y = CENTRE.y + (Math.floor(i / cols) - cols / 2 + 0.5 + 0.2 * next()) * apart;
    const [a, b, turn] = [(0.3 + 0.15 * next()) * apart, (0.2 + 0.1 * next()) * apart, 3 * next()];
    return Array.from({ length: 24 }, (_, v): [number, number] => {
      const [u, w] = [a * Math.cos((Math.PI * v) / 12), b * Math.sin((Math.PI * v) / 12)];
      return [x + u * Math.cos(turn) - w * Math.sin(turn), y + u * Math.sin(turn) + w * Math.cos(turn)];
    });
  });
}

function storeOf(rings: ReturnType<typeof madeNuclei>): ObjectStore {
  const builder = new ColumnsBuilder('nuclei', [{ name: 'Epithelial', color: '#ff7a1a' }]);
  for (const ring of rings) {
    const middle = (axis: 0 | 1): number => ring.reduce((sum, at) => sum + at[axis], 0) / ring.length;
    const areaPx = Math.abs(ring.reduce((sum, [x, y], v) => sum + x * (ring.at(v - 1)?.[1] ?? y), 0));
    builder.add({ classIndex: 0, probability: 1, x: middle(0), y: middle(1), areaPx, ring: ring.flat() });
  }
  const store = new ObjectStore('nuclei');
  store.append(builder.view());
  return store;
}

/** Distance from every px of the screen to the nearest outline, CSS px. @param zoom CSS px a level-0 px */
function distances(rings: ReturnType<typeof madeNuclei>, zoom: number, degrees: number, flipped: boolean) {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const out = new Float32Array(WIDTH * HEIGHT).fill(99);
  for (const ring of rings) {
    const at = ring.map(([x, y]) => {
      const [dx, dy] = [(x - CENTRE.x) * zoom, (y - CENTRE.y) * zoom];
      return { x: WIDTH / 2 + (flipped ? -1 : 1) * (cos * dx - sin * dy), y: HEIGHT / 2 + sin * dx + cos * dy };
    });
    for (const [v, b] of at.entries()) {
      const a = at.at(v - 1) ?? b;
      const [dx, dy] = [b.x - a.x, b.y - a.y];
      for (let row = Math.floor(Math.min(a.y, b.y)) - 4; row <= Math.max(a.y, b.y) + 4; row++) {
        for (let col = Math.floor(Math.min(a.x, b.x)) - 4; col <= Math.max(a.x, b.x) + 4; col++) {
          if (row < 0 || col < 0 || row >= HEIGHT || col >= WIDTH) continue;
          const [qx, qy] = [col + 0.5 - a.x, row + 0.5 - a.y];
          const t = Math.min(1, Math.max(0, (qx * dx + qy * dy) / (dx * dx + dy * dy)));
          const k = row * WIDTH + col;
          out[k] = Math.min(out[k] ?? 99, Math.hypot(qx - t * dx, qy - t * dy));
        }
      }
    }
  }
  return out;
}

/** RGBA of the findings, one a CSS px, whoever painted them. */
function drawnNow(): Uint8ClampedArray {
  const canvas = on.layer('findings');
  const context = new OffscreenCanvas(WIDTH, HEIGHT).getContext('2d');
  context?.drawImage(canvas, (WIDTH - canvas.width) / 2, (HEIGHT - canvas.height) / 2);
  return context?.getImageData(0, 0, WIDTH, HEIGHT).data ?? new Uint8ClampedArray();
}

test.each([
  ['a few, drawn on the page', 9, 90],
  ['many, drawn by a worker', 40, 60],
])('%s: the line lies where the outline is, to a pixel, and nowhere else', async (_, cols, apart) => {
  await on.viewer.open(checkerboard({ widthPx: 6000, heightPx: 5000, downsamples: [1, 4] }), { signal: on.signal });
  const rings = madeNuclei(cols, apart);
  on.viewer.setObjects('nuclei', storeOf(rings).live);
  for (const [magnification, rotation, flipped] of [
    [40, 37, true],
    [40, 37, false],
    [40, 0, true],
    [80, 143.5, true],
    [20, 37, true],
  ] as const) {
    await on.viewer.setView({ centre: CENTRE, magnification, rotation, flipped }, { signal: on.signal });
    await on.viewer.settled({ signal: on.signal });
    const away = distances(rings, magnification / 40, rotation, flipped);
    const seen = drawnNow();
    let [core, empty, wrong] = [0, 0, 0];
    for (const [k, distance] of away.entries()) {
      const [r = 0, , b = 0, alpha = 0] = seen.subarray(4 * k, 4 * k + 4);
      if (distance < CORE - 0.5) {
        core++;
        if (alpha < 128 || r - b < 60) wrong++; // orange, blended at most by half with its black casing
      } else if (distance > OUTER + EDGE) {
        empty++;
        if (alpha > 0) wrong++;
      }
    }
    expect(core).toBeGreaterThan(1000);
    expect(empty).toBeGreaterThan(100_000);
    expect(wrong, `${magnification}×, ${rotation}°`).toBe(0);
  }
});

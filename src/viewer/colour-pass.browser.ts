// The shader against the same look-up in plain numbers, which is tested against littleCMS (slide/icc).
import { expect, test } from 'vitest';
import { colourTransform, inSrgb } from '#slide/icc/colour-transform.ts';
import { ColourPass } from './colour-pass.ts';
import { checkerboard, colourOf } from './testing/checkerboard.ts';
import { stage } from './testing/stage.ts';

const on = stage();
const profiles = import.meta.glob<string>('../slide/testing/icc/*.icc', {
  query: '?url',
  import: 'default',
  eager: true,
});

async function profileNamed(name: string): Promise<Uint8Array> {
  const url = profiles[`../slide/testing/icc/${name}.icc`];
  if (url === undefined) throw new Error(`no profile ${name}`);
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

const colourAt = (k: number): readonly [number, number, number] => {
  const h = Math.imul(k + 1, 2_654_435_761) >>> 0;
  return k < 256 ? [k, k, k] : [h >>> 24, (h >>> 16) & 255, (h >>> 8) & 255];
};

test.each([...Object.keys(profiles).map((path) => path.replace(/.*\/|\.icc$/g, ''))])(
  '%s: 4,096 colours through the shader are those of the look-up, but for rounding',
  async (name) => {
    const transform = colourTransform(await profileNamed(name));
    const [width, height] = [128, 32];
    const pixels = new ImageData(width, height);
    for (let k = 0; k < width * height; k++) pixels.data.set([...colourAt(k), k === 300 ? 0 : 255], 4 * k);
    const slide = document.createElement('canvas');
    Object.assign(slide, { width, height });
    slide.getContext('2d')?.putImageData(pixels, 0, 0);
    using pass = new ColourPass(on.element, transform, () => undefined);
    expect(pass.draw(slide)).toBe(true);
    const seen = new OffscreenCanvas(width, height).getContext('2d');
    seen?.drawImage(pass.canvas, 0, 0);
    const data = seen?.getImageData(0, 0, width, height).data ?? [];
    let most = 0;
    for (let k = 0; k < width * height; k++) {
      if (k === 300) continue;
      for (const [c, value] of inSrgb(transform, ...colourAt(k)).entries())
        most = Math.max(most, Math.abs(value - (data[4 * k + c] ?? 0)));
    }
    expect(most).toBeLessThanOrEqual(1);
    expect(data[4 * 300 + 3]).toBe(0); // where no slide is, there stays none
  },
);

test('the slide is shown in the colours that its profile means; what is read stays as stored; off shows that again', async () => {
  await on.viewer.open(checkerboard({ widthPx: 1536, heightPx: 1024 }), { signal: on.signal });
  const plain = await on.shot();
  const transform = colourTransform(await profileNamed('table-16'));
  let read: readonly number[] | undefined;
  on.viewer.on('pointer', ({ colour }) => {
    read = colour();
  });
  await on.viewer.setColours(transform);
  await on.frames(2);
  const turned = await on.shot();
  for (const [x, y] of [
    [300, 300],
    [900, 640],
  ] as const) {
    const at = on.viewer.toScreen(x, y);
    const wanted = inSrgb(transform, ...colourOf(x, y));
    for (const [c, value] of turned(at.x, at.y).slice(0, 3).entries())
      expect(Math.abs(value - (wanted[c] ?? 0))).toBeLessThanOrEqual(1);
    on.element.dispatchEvent(new PointerEvent('pointermove', { clientX: at.x, clientY: at.y }));
    expect(read).toEqual(colourOf(x, y));
  }
  expect(on.viewer.legend().colours).toBe("Colours by the slide's profile, 16 bits");
  await on.viewer.setColours(undefined);
  await on.frames(2);
  const at = on.viewer.toScreen(300, 300);
  expect((await on.shot())(at.x, at.y)).toEqual(plain(at.x, at.y));
  expect(on.viewer.legend().colours).toBeUndefined();
});

test('a context that the GPU loses comes back with its tables', async () => {
  const transform = colourTransform(await profileNamed('matrix-4'));
  const slide = document.createElement('canvas');
  const context = slide.getContext('2d');
  if (context) context.fillStyle = 'rgb(120 60 180)';
  context?.fillRect(0, 0, slide.width, slide.height);
  let isBack = false;
  using pass = new ColourPass(on.element, transform, () => {
    isBack = true;
  });
  const lose = pass.canvas.getContext('webgl2')?.getExtension('WEBGL_lose_context');
  const gone = new Promise((resolve) => pass.canvas.addEventListener('webglcontextlost', resolve));
  lose?.loseContext();
  await gone;
  await on.frames(2); // the event is over, and with it the question whether the context may come back
  expect(pass.draw(slide)).toBe(false);
  lose?.restoreContext();
  await expect.poll(() => isBack).toBe(true);
  expect(pass.draw(slide)).toBe(true);
  const seen = new OffscreenCanvas(1, 1).getContext('2d');
  seen?.drawImage(pass.canvas, 0, 0);
  const wanted = inSrgb(transform, 120, 60, 180);
  for (const [c, value] of wanted.entries())
    expect(Math.abs(value - (seen?.getImageData(0, 0, 1, 1).data[c] ?? 0))).toBeLessThanOrEqual(1);
});

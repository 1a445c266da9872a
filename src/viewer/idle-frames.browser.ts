import { expect, test } from 'vitest';
import { checkerboard } from './testing/checkerboard.ts';
import { asked } from './testing/frames-asked.ts'; // before what brings OpenSeadragon
import { stage } from './testing/stage.ts';
import { SlideTileSource } from './tile-source.ts';

const on = stage();
const FADE_MS = 3000; //   within which OpenSeadragon fades its buttons after a move
const QUIET_MS = 500; // longer than frames go on after the last thing that happened

const rests = () => expect.poll(() => performance.now() - asked.last, { timeout: 10_000 }).toBeGreaterThan(QUIET_MS);

test('a slide that nobody moves costs no frames, and what happens then is drawn', async () => {
  const slide = checkerboard({ widthPx: 40_000, heightPx: 30_000, downsamples: [1, 4, 16] });
  await on.viewer.open(slide, { signal: on.signal });
  expect(asked.count).toBeGreaterThan(1);
  await rests();

  const seen: number[] = [];
  on.viewer.on('view', ({ zoom }) => seen.push(zoom));
  for (const magnification of [10, 5, 10, 5]) {
    seen.length = 0;
    on.viewer.zoomTo(magnification); // glides there, over several frames, unless the machine is held up just then
    await expect.poll(() => on.viewer.view().magnification).toBeCloseTo(magnification, 3);
    if (seen.length > 1) break;
    await rests();
  }
  expect(seen.length).toBeGreaterThan(1);
  await rests();

  await on.viewer.setView({ centre: { x: 30_000, y: 20_000 } }, { signal: on.signal }); // waits for new tiles
  await rests();

  on.element.style.width = '400px';
  await expect.poll(() => on.layer('marks').style.width).toBe('400px');
  await rests();

  const { count } = asked;
  await new Promise((resolve) => setTimeout(resolve, FADE_MS));
  expect(asked.count - count).toBeLessThan(5);
});

test('a viewer that is not ours goes on as it does', async () => {
  const { default: OpenSeadragon } = await import('openseadragon');
  const element = document.createElement('div');
  element.style.cssText = 'position:fixed;width:200px;height:200px';
  document.body.append(element);
  const slide = checkerboard({ widthPx: 400, heightPx: 300, downsamples: [1] });
  const other = new OpenSeadragon.Viewer({ element, drawer: 'canvas', showNavigationControl: false });
  other.open({ tileSource: new SlideTileSource(slide, () => undefined) });
  await expect.poll(() => other.isOpen()).toBe(true);
  const before = asked.count;
  await expect.poll(() => asked.count - before, { timeout: 10_000 }).toBeGreaterThan(60); // a second, where nothing happens
  other.destroy();
  element.remove();
});

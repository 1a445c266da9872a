// A large slide over HTTP: how soon its first full view and a place at full resolution are on screen, and whether a pan keeps
// the page waiting. The page is built as the site is.
import { openerInTab } from '#slide/open-in-tab.ts';
import { createViewer } from '#viewer/viewer.ts';
import { frame, PLACE, screen, type Times } from './over-http-times.ts';

const { signal } = new AbortController();
const PAN_PX = 40; //     CSS px a step
const PAN_STEPS = 60;

async function ours(
  url: string,
): Promise<Times & { shownAt: number; filledAt: number; longest: number; longTasks: number }> {
  using opener = openerInTab();
  using viewer = createViewer({ element: screen(), drawer: 'canvas' }); // there before the slide, as in the app
  const started = performance.now();
  using slide = await opener.open(url, { signal });
  await viewer.open(slide, { signal });
  const firstView = performance.now() - started;
  const shownAt = Date.now(); // the host's clock
  const asked = performance.now();
  await viewer.setView({ centre: PLACE, zoom: 1 }, { signal });
  const jump = performance.now() - asked;
  const filledAt = Date.now();

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
  return { firstView, jump, shownAt, filledAt, longest: Math.max(0, ...tasks), longTasks: tasks.length };
}

Object.assign(window, { measure: ours });

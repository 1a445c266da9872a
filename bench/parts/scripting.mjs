// How long the page's own thread ran scripts in each frame of something that moves, from the browser's trace.

const SCRIPTS = new Set([
  'FunctionCall',
  'FireAnimationFrame',
  'TimerFire',
  'RunMicrotasks',
  'EvaluateScript',
  'MinorGC',
  'MajorGC',
]);
const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'v8'];

/** @returns ms of scripts by frame, while `work` ran in the page. */
export async function scriptingOf(browser, page, work) {
  await browser.startTracing(page, { categories: CATEGORIES });
  const found = await work();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  return { found, frames: byFrame(traceEvents) };
}

function byFrame(events) {
  const mains = new Set(
    events.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(threadOf),
  );
  const busiest = [...mains]
    .map((thread) => events.filter((event) => threadOf(event) === thread))
    .sort((a, b) => b.length - a.length)[0];
  const starts = (busiest ?? [])
    .filter(({ name }) => name === 'BeginCommitCompositorFrame')
    .map(({ ts }) => ts)
    .sort((a, b) => a - b);
  const scripts = (busiest ?? [])
    .filter(({ name, ph, dur }) => ph === 'X' && dur > 0 && SCRIPTS.has(name))
    .sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  const sums = starts.map(() => 0);
  let [end, frame] = [0, -1];
  for (const { ts, dur, tdur } of scripts) {
    if (ts < end) continue; // within another one
    end = ts + dur;
    while (frame + 1 < starts.length && starts[frame + 1] <= ts) frame++;
    if (frame >= 0) sums[frame] += (tdur ?? dur) / 1000;
  }
  return sums;
}

const threadOf = ({ pid, tid }) => `${pid}/${tid}`;

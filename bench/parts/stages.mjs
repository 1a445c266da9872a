// `npm run bench -- inference --stages`: where the time of a run goes, thread by thread. CPU times are the system's, of the
// run itself, in all processes of the browser; a small run afterwards, under a profiler that would slow it to half, tells which
// thread is which. They hardly depend on what else the machine does, as times by the clock do.
import { threadTimes } from './processes.mjs';

const CATEGORIES = ['disabled-by-default-v8.cpu_profiler', '__metadata'];
const TOP = 3; //             functions shown of each thread
const LEAST_SECONDS = 0.05; // of a kind of threads worth a line

/** What a thread is for, by the file whose code it ran. */
const STAGES = [
  [/inference\.worker/, 'inference worker'],
  [/compose\.worker/, 'composing'],
  [/postprocess\.worker/, 'post-processing'],
  [/storage\.worker/, 'committing'],
  [/decode\.worker/, 'unpacking tiles'],
  [/helper\.worker/, 'inference helper'],
  [/paint\.worker/, 'painting'],
  [/ort-wasm/, 'thread of the runtime'],
];

/** What a thread without scripts is for, by its name. */
const PARTS = [
  [/^ThreadPool/, 'the browser’s pool: decoding, collecting, compiling, raster'],
  [/^(Compositor|VizCompositor)/, 'frames on their way to the screen'],
];

/**
 * @param {() => Promise<any>} work  what is looked at
 * @param {() => Promise<any>} small the same threads at work for a moment
 * @returns {Promise<{ found: any, threads: object[] }>} empty where the system does not tell
 */
export async function stagesOf(browser, page, work, small) {
  const before = await threadTimes(browser);
  const found = await work();
  const after = await threadTimes(browser);
  await browser.startTracing(page, { categories: CATEGORIES });
  await small();
  const trace = JSON.parse((await browser.stopTracing()).toString('utf8'));
  const profiles = profilesIn(trace.traceEvents);
  const threads = [];
  for (const [key, { process, name, seconds, waited }] of after) {
    const { seconds: usedBefore = 0, waited: waitedBefore = 0 } = before.get(key) ?? {};
    const used = seconds - usedBefore;
    if (used > 0)
      threads.push({ ...nameOf(process, name, profiles.get(key)), seconds: used, waited: waited - waitedBefore });
  }
  return { found, threads: merged(threads) };
}

function nameOf(process, name, functions) {
  if (!functions) {
    const part = PARTS.find(([pattern]) => pattern.test(name))?.[1];
    return { stage: part ?? (process === 'renderer' ? name : `${process} process`), functions: [] };
  }
  if (name.startsWith('CrRendererMain') || name === 'chromium' || name === 'chrome')
    return { stage: 'main thread', functions: topOf(functions) };
  const ran = [...functions.keys()].join('\n');
  const stage = STAGES.find(([file]) => file.test(ran))?.[1] ?? name;
  return { stage, functions: topOf(functions) };
}

const topOf = (functions) =>
  [...functions]
    .filter(([name]) => !name.startsWith('(idle)') && !name.startsWith('(program)'))
    .sort((a, b) => b[1] - a[1])
    .slice(0, TOP)
    .map(([name]) => name);

/** One row for all threads of a kind that no file tells apart. */
function merged(threads) {
  const rows = new Map();
  for (const thread of threads) {
    const known = thread.functions.length === 0 ? rows.get(thread.stage) : undefined;
    if (known) {
      known.seconds += thread.seconds;
      known.waited += thread.waited;
    } else rows.set(thread.functions.length === 0 ? thread.stage : Symbol(thread.stage), { ...thread });
  }
  return [...rows.values()].sort((a, b) => b.seconds - a.seconds);
}

/** `pid/tid` → function → its own seconds, from the chunks of the sampling profiler. */
function profilesIn(events) {
  const profiles = new Map();
  const chunks = events.filter(({ name }) => name === 'Profile' || name === 'ProfileChunk');
  for (const { name, pid, tid, id, ts: _ts, args } of chunks.sort((a, b) => a.ts - b.ts)) {
    const key = `${pid}/${id}`;
    const profile = profiles.get(key) ?? { nodes: new Map(), thread: undefined, functions: new Map() };
    profiles.set(key, profile);
    if (name === 'Profile') profile.thread = `${pid}/${tid}`;
    const { cpuProfile = {}, timeDeltas = [] } = args.data;
    for (const node of cpuProfile.nodes ?? []) {
      const { functionName, url = '' } = node.callFrame;
      const file = url.split('/').pop() ?? '';
      const called = /^wasm-function/.test(functionName) ? 'the network' : functionName || '(unnamed)';
      profile.nodes.set(node.id, `${called} ${file}`.trim());
    }
    for (const [i, node] of (cpuProfile.samples ?? []).entries()) {
      const called = profile.nodes.get(node) ?? '';
      profile.functions.set(called, (profile.functions.get(called) ?? 0) + (timeDeltas[i] ?? 0) / 1e6);
    }
  }
  return new Map([...profiles.values()].map(({ thread, functions }) => [thread, functions]));
}

/** @param {{ seconds: number, patches: number }} whole */
export function printStages(threads, { seconds, patches }) {
  const ms = (of) => `${((1000 * of) / patches).toFixed(1)} ms`;
  const sum = (of) => of.reduce((all, thread) => all + thread.seconds, 0);
  const network = sum(threads.filter(({ stage }) => stage.startsWith('inference ')));
  console.log(
    `  CPU time a patch of ${(seconds / patches).toFixed(3)} s: ${ms(sum(threads))}, beside the network’s threads ${ms(sum(threads) - network)}`,
  );
  for (const { stage, functions, seconds: used, waited } of threads.filter(
    (thread) => thread.seconds > LEAST_SECONDS,
  )) {
    const most = functions.length > 0 ? `  ${functions.join(', ')}` : '';
    console.log(`    ${stage.padEnd(60)} ${ms(used).padStart(9)}, waited for a core ${ms(waited).padStart(8)}${most}`);
  }
}

// What a browser's processes use, as the system counts it. Linux alone; elsewhere nothing is known.
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_A_SECOND = 100; // USER_HZ

/** @returns {Promise<{ id: number, type: string }[]>} type: browser, renderer, GPU, utility */
export async function processesOf(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.map(({ id, type }) => ({ id, type }));
}

/**
 * Of every thread of the browser, so far: `pid/tid` → { process, name, seconds, waited }. `process` as processesOf's type;
 * `seconds` on a core, `waited` for one.
 */
export async function threadTimes(browser) {
  const times = new Map();
  for (const { id, type } of await processesOf(browser)) {
    let threads = [];
    try {
      threads = readdirSync(`/proc/${id}/task`);
    } catch {
      continue; // another system, or it ended meanwhile
    }
    for (const thread of threads) {
      try {
        const stat = readFileSync(`/proc/${id}/task/${thread}/stat`, 'utf8');
        const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
        times.set(`${id}/${thread}`, { process: type, name, ...timesOf(`/proc/${id}/task/${thread}`, stat) });
      } catch {
        // it ended meanwhile
      }
    }
  }
  return times;
}

/** To the nanosecond where the kernel counts so, else in its ticks. */
function timesOf(folder, stat) {
  try {
    const [ran = 0, waited = 0] = readFileSync(`${folder}/schedstat`, 'utf8').split(' ').map(Number);
    return { seconds: ran / 1e9, waited: waited / 1e9 };
  } catch {
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { seconds: (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND, waited: 0 }; // not told
  }
}

/**
 * Memory that the renderers hold for themselves or share with their helpers, bytes: heaps, WebAssembly, pictures; not the
 * program's own file. Undefined where it is not known.
 */
export async function rendererBytes(browser) {
  let sum;
  for (const { id } of (await processesOf(browser)).filter(({ type }) => type === 'renderer')) {
    try {
      const status = readFileSync(`/proc/${id}/status`, 'utf8');
      const kilobytes = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
      sum = (sum ?? 0) + (kilobytes('RssAnon') + kilobytes('RssShmem') + kilobytes('VmSwap')) * 1024;
    } catch {
      // as above
    }
  }
  return sum;
}

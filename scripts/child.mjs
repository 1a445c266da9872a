// Programs run with a time limit, and nothing of them left behind: browsers put themselves into process groups of their
// own, so on Linux their processes are found by a mark in the environment and by parentage.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { root } from './project.mjs';

const MARK = 'EOSIN_CHILD';
const live = new Set();

/** Ids of all processes that carry `mark`, and of all that descend from them. Linux only; elsewhere none. */
function marked(mark) {
  const parent = new Map();
  const found = new Set();
  let ids = [];
  try {
    ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return []; // no /proc on this system
  }
  for (const id of ids) {
    try {
      parent.set(id, readFileSync(`/proc/${id}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
      if (readFileSync(`/proc/${id}/environ`, 'latin1').includes(`${MARK}=${mark}`)) found.add(id);
    } catch {
      parent.delete(id); // it ended meanwhile, or is another user's
    }
  }
  for (let grew = true; grew; ) {
    grew = false;
    for (const [id, from] of parent)
      if (!found.has(id) && found.has(from)) {
        found.add(id);
        grew = true;
      }
  }
  return [...found].map(Number);
}

function kill(id, signal) {
  try {
    process.kill(id, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error; // gone already is what was wanted
  }
}

/** Ends a child's whole process group and every marked process. */
function sweep(child, mark) {
  if (process.platform !== 'win32') kill(-child.pid, 'SIGKILL');
  else child.kill('SIGKILL');
  for (const id of marked(mark)) kill(id, 'SIGKILL');
}

/**
 * Runs a program of the checkout; its output is ours. Never rejects.
 * @param options.seconds the time limit; when it passes, the program gets 5 s to end by itself
 * @param options.quiet   keep the output back and give it as `output`
 * @returns { code, timedOut, seconds, output }
 */
export function run(program, args, { seconds, env = {}, cwd = root, quiet = false }) {
  const mark = randomUUID();
  const started = Date.now();
  return new Promise((done) => {
    const child = spawn(program, args, {
      cwd,
      detached: process.platform !== 'win32',
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env, [MARK]: mark },
    });
    live.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes) => (output += bytes));
    let timedOut = false;
    const soft = setTimeout(() => {
      timedOut = true;
      child.kill('SIGTERM');
    }, seconds * 1000);
    const hard = setTimeout(() => sweep(child, mark), (seconds + 5) * 1000);
    let code = 127; // what a shell says of a program that is not there
    child.on('error', (error) => {
      output += error.message;
      if (!quiet) console.error(error.message);
    });
    child.on('exit', (status) => {
      code = status ?? 1;
      sweep(child, mark); // else a process left behind keeps the pipes, and us, open
    });
    child.on('close', () => {
      clearTimeout(soft);
      clearTimeout(hard);
      live.delete(child);
      done({ code: timedOut ? 124 : code, timedOut, seconds: (Date.now() - started) / 1000, output });
    });
  });
}

/** npm itself, as the one that runs us, else the one on the PATH. */
export function npm(args, options) {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('.js') || cli?.endsWith('.cjs')) return run(process.execPath, [cli, ...args], options);
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, options);
}

/** `npm ci`, with what builds and tests need, whatever NODE_ENV says. */
export const npmCi = (options) => npm(['ci', '--include=dev', '--no-audit', '--no-fund'], { seconds: 900, ...options });

/** Ends all that runs; for use on the way out. */
export function endChildren() {
  for (const child of live)
    if (child.pid !== undefined) kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGTERM');
}
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
])
  process.once(signal, () => {
    endChildren();
    process.exit(code);
  });

// What a piece of work costs this process, whatever else the machine does: processor time, and bytes asked for.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';

export interface Cost {
  readonly cpuMs: number; //  of all threads of the process: at least what the work took
  readonly bytes: number; //  of all array buffers that were made: at least what was held at any one time
}

let asked = 0;

/** Counts the bytes of every typed array and array buffer made from here on, touched or not. Call once a process. */
export function countBuffers(): void {
  for (const name of ['ArrayBuffer', 'Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Float32Array'] as const) {
    const plain = globalThis[name];
    const made: unknown = new Proxy(plain, {
      construct(target, given, as): ArrayBuffer | ArrayBufferView {
        const value: ArrayBuffer | ArrayBufferView = Reflect.construct(target, given, as === made ? target : as);
        if (!(given[0] instanceof ArrayBuffer)) asked += value.byteLength; // else a view of what was counted
        return value;
      },
    });
    Reflect.set(globalThis, name, made);
    Reflect.set(plain.prototype, 'constructor', made); // what slices are made by, and what libraries tell arrays by
  }
}

export async function costOf(work: () => Promise<void>): Promise<Cost> {
  const [cpu, bytes] = [process.cpuUsage(), asked];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMs: (user + system) / 1000, bytes: asked - bytes };
}

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

export function collectGarbage(): void {
  if (typeof collect === 'function') collect();
}

/** The most memory that this process ever held, in bytes. */
export const peakMemory = (): number => process.resourceUsage().maxRSS * 1024;

export interface Watchdog extends Disposable {
  /** The work that begins now. */
  watch(name: string): void;
}

/**
 * Ends the process, telling what it hung in, once one piece of work took so much processor time: a thread that never comes
 * back cannot tell itself.
 */
export function watchdog(mostCpuSeconds: number): Watchdog {
  const thread = new Worker(
    `const { parentPort } = require('node:worker_threads');
     let name = '', from = process.cpuUsage();
     parentPort.on('message', (next) => { name = next; from = process.cpuUsage(); });
     setInterval(() => {
       const { user, system } = process.cpuUsage(from);
       if (name === '' || (user + system) / 1e6 < ${mostCpuSeconds}) return;
       require('node:fs').writeSync(2, name + ' hangs\\n');
       process.kill(process.pid, 'SIGKILL');
     }, 1000);`,
    { eval: true },
  );
  thread.unref();
  return {
    watch: (name) => thread.postMessage(name),
    [Symbol.dispose]: () => void thread.terminate(),
  };
}

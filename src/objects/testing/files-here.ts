// The file worker and the one that packs, on this thread, for tests.
import type { Port } from '#channel/channel.ts';
import type { Spawned } from '#channel/worker-set.ts';
import { type Files, openFiles } from '../io/open-files.ts';
import { servePacking } from '../io/packing.ts';
import { serveFiles } from '../io/serve-files.ts';

function here(serve: (port: Port) => void): Spawned {
  const { port1, port2 } = new MessageChannel();
  const ports = [port1, port2];
  serve(port2);
  for (const port of ports) port.start();
  return { port: port1, terminate: () => ports.forEach((port) => void port.close()), onError: () => undefined };
}

/** @param watch is told each call that reaches a worker */
export const filesHere = (watch: (call: string) => void = () => undefined): Files => {
  const watched = (serve: (port: Port) => void): Spawned =>
    here((port) => {
      port.addEventListener('message', ({ data }) => 'call' in data && watch(data.call));
      serve(port);
    });
  return openFiles(() => watched((port) => serveFiles(port, () => watched(servePacking))));
};

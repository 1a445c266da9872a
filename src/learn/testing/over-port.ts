// The learn worker without a worker: its work behind a message channel on this thread.
import { type Learn, openLearn } from '../open-learn.ts';
import { serveLearn } from '../serve-learn.ts';

export function overPort(budgetBytes = 512e6): Learn {
  return openLearn({
    budgetBytes,
    spawn: (budget) => {
      const { port1, port2 } = new MessageChannel();
      const ports = [port1, port2];
      serveLearn(port2, budget);
      for (const port of ports) port.start();
      return { port: port1, terminate: () => ports.forEach((port) => void port.close()), onError: () => undefined };
    },
  });
}

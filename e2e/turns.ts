// Whose turn it is. Journeys go two at a time; one that measures time (tag ALONE) goes when no other does. The runner keeps
// the book, and a worker holds a connection for the length of a test: one that is ended in the middle holds up nobody.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export const ALONE = '@alone';
const PORT = 'EOSIN_TURNS_PORT'; // Playwright hands the environment on to its workers

/** Playwright's global set-up; what it returns is called at the end. */
export default async function keepTurns(): Promise<() => void> {
  const waiting: { readonly socket: Socket; readonly isAlone: boolean }[] = []; // first come, first served
  let going = 0;
  let isOneAlone = false;
  const admit = (): void => {
    for (let next = waiting[0]; next && (next.isAlone ? going === 0 : !isOneAlone); next = waiting[0]) {
      const { socket, isAlone } = next;
      waiting.shift();
      if (socket.destroyed) continue;
      going++;
      isOneAlone = isAlone;
      socket.once('close', () => {
        going--;
        isOneAlone = false;
        admit();
      });
      socket.write('go');
    }
  };
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (said) => {
      waiting.push({ socket, isAlone: said.toString() === ALONE });
      admit();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = server.address();
  process.env[PORT] = String(typeof at === 'object' ? at?.port : at);
  return () => server.close();
}

/** Waits for a turn; call what it gives when the test is over. */
export async function turn(isAlone: boolean): Promise<() => void> {
  const socket = connect(Number(process.env[PORT]), '127.0.0.1');
  socket.write(isAlone ? ALONE : 'together');
  await once(socket, 'data');
  return () => socket.destroy();
}

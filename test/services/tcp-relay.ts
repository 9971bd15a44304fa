import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Passes bytes between its clients and a server, until it is told to go silent: then both sides wait for what never comes. */
export async function openRelay(target: { readonly host: string; readonly port: number }) {
  const sockets = new Set<Socket>();
  let isSilent = false;
  let accepted = 0;

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    return socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  }

  function pass(from: Socket, to: Socket): void {
    from.on('data', (bytes) => isSilent || to.write(bytes));
    from.on('end', () => isSilent || to.end());
    from.on('close', () => isSilent || to.destroy());
  }

  const server = createServer((client) => {
    accepted += 1;
    const upstream = keep(connect(target));
    pass(keep(client), upstream);
    pass(upstream, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    /** How many clients have connected so far. */
    accepted: () => accepted,
    goSilent(): void {
      isSilent = true;
    },
    speak(): void {
      isSilent = false;
    },
    async close(): Promise<void> {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

const loopback = '127.0.0.1';

/** How a link is cut: nothing comes through and nothing is said, or connections are reset and new ones refused. */
export type Cut = 'silent' | 'reset';

/** A TCP connection line between two processes that can be cut. */
export interface Link {
  /** Where to connect to. */
  readonly port: number;
  cut(manner: Cut): void;
  /** Joins it again. What was under way on a silent link arrives late, as on a network that comes back. */
  mend(): Promise<void>;
  close(): void;
}

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

function join({ near, far }: Pair): void {
  near.pipe(far);
  far.pipe(near);
}

/** A socket that is not read is not told either that its other end has gone. */
function part({ near, far }: Pair): void {
  near.unpipe(far).pause();
  far.unpipe(near).pause();
}

/** Resets a connection; one that is ending already cannot be reset any more, and Node would keep its handle for ever. */
function abort(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/** Opens a line to a port of the loopback address. Whoever ends a connection on one side ends it on the other. */
export async function openLink(targetPort: number): Promise<Link> {
  const pairs = new Set<Pair>();
  let manner: Cut | undefined;

  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (near) => {
    const far = connect({ host: loopback, port: targetPort, allowHalfOpen: true, noDelay: true });
    const pair = { near, far };
    pairs.add(pair);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.on('error', () => abort(other));
      socket.on('close', () => {
        pairs.delete(pair);
        other.destroySoon();
      });
    }
    if (manner === undefined) join(pair);
  });

  async function listen(port: number): Promise<void> {
    server.listen(port, loopback);
    await once(server, 'listening');
  }

  function reset(): void {
    server.close();
    for (const { near, far } of pairs) {
      abort(near);
      abort(far);
    }
  }

  await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    cut(how) {
      if (manner !== undefined) return;
      manner = how;
      if (how === 'silent') pairs.forEach(part);
      else reset();
    },
    async mend() {
      const was = manner;
      manner = undefined;
      if (was === 'silent') pairs.forEach(join);
      if (was === 'reset') await listen(port);
    },
    close: reset,
  };
}

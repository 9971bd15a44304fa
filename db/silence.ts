import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What we use of a client of `pg`. */
interface Client {
  readonly connection: { readonly stream: Duplex };
  /** False while a statement runs. */
  readonly readyForQuery?: boolean;
}

/**
 * Ends a connection on which a statement runs and the server says nothing for so long: it was frozen, or the network drops
 * what it sends. Otherwise the statement would wait for hours, until the system gives up. Its error reads like that of any
 * lost connection.
 */
export function endWhenSilent(client: Client, limitMs: number): void {
  const { stream } = client.connection;
  if (!(stream instanceof Socket)) throw new TypeError('A connection to PostgreSQL runs over a socket');
  // Not the callback of `setTimeout`, which is called once: an idle connection would be guarded no more.
  stream.setTimeout(limitMs);
  stream.on('timeout', () => {
    if (client.readyForQuery === false)
      stream.destroy(new Error('Connection terminated: the server was silent for too long'));
  });
}

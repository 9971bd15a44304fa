import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Connection {
  /** Rejects when the connection is closed before the answer is whole. */
  send(request: string | Uint8Array): Promise<Reply>;
  /** False once either side has closed it, as a server does with one that was idle for long. */
  isOpen(): boolean;
  close(): void;
}

/** An answer as far as a load generator reads it. */
interface Reply {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

const headEnd = '\r\n\r\n';

function parse(text: string): Reply | undefined {
  const end = text.indexOf(headEnd);
  if (end < 0) return undefined;
  const head = text.slice(0, end);
  const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  const body = text.slice(end + headEnd.length);
  return body.length < length ? undefined : { status: Number(head.slice(9, 12)), head, body };
}

/**
 * A keep-alive connection that sends one request after the other, as cheaply as Node can: the load generator shares the
 * processors with what it measures. Answers must be ASCII.
 */
export async function openConnection(url: URL): Promise<Connection> {
  const socket: Socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
  await once(socket, 'connect');
  socket.setEncoding('latin1');
  let received = '';
  let settle: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | undefined;
  socket.on('data', (piece: string) => {
    received += piece;
    const reply = parse(received);
    if (!reply) return;
    received = '';
    settle?.resolve(reply);
  });
  socket.on('close', () => settle?.reject(new Error('The connection was closed')));
  socket.on('error', () => {});
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        if (!socket.writable) return reject(new Error('The connection was closed'));
        settle = { resolve, reject };
        socket.write(request);
      }),
    isOpen: () => socket.writable,
    close: () => void socket.destroy(),
  };
}

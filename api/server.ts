import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Slow senders are cut off after these times; Node checks every second. */
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 16_384,
};

/** Far above any honest use; beyond it, connections wait in the backlog of the system. */
const maxConnections = 10_000;

const statusOfError: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** What is no HTTP gets a last line of HTTP, where there is still somebody to read it. */
function refuseGarbage(error: NodeJS.ErrnoException, socket: Socket): void {
  const status = statusOfError[error.code ?? ''] ?? '400 Bad Request';
  if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  else socket.destroy();
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

export interface RunningServer {
  readonly port: number;
  /** Accepts nothing new, answers what is in flight, and resolves when the last connection is closed. */
  close(): Promise<void>;
}

/**
 * Starts the HTTP server, or the HTTPS server when there is a certificate, with every limit set explicitly.
 * @throws the system's error when the address cannot be listened on
 */
export async function startServer(
  handle: Handler,
  options: {
    readonly host: string;
    readonly port: number;
    readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  },
): Promise<RunningServer> {
  let draining = false;
  const inFlight = new Set<ServerResponse>();
  const onRequest: Handler = (request, response) => {
    if (draining) response.setHeader('Connection', 'close');
    inFlight.add(response);
    response.on('close', () => inFlight.delete(response));
    handle(request, response);
  };
  const { tls } = options;
  const server: Server = tls
    ? createHttpsServer({ ...limits, ...tls }, onRequest)
    : createHttpServer(limits, onRequest);
  server.maxConnections = maxConnections;
  server.on('clientError', refuseGarbage);
  await listen(server, options.host, options.port);

  return {
    port: (server.address() as AddressInfo).port,
    close() {
      draining = true;
      for (const response of inFlight) if (!response.headersSent) response.setHeader('Connection', 'close');
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      return closed;
    },
  };
}

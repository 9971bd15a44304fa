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

/** Far above any honest use; beyond it, a new connection is closed at once. */
const maxConnections = 10_000;

/** So many connections may wait to be accepted; the system's own limit counts as well. Node's 511 are few in an overload. */
const backlog = 4096;

/** No limit beside `maxHeaderSize`: Node drops the headers beyond it in silence, and one may be a proxy's X-Forwarded-For. */
const maxHeadersCount = 0;

/** Node's own limits end with `close`: a body that has begun by then may take so long. */
const drainUploadMs = 5000;

/** So long may a refused client take to hang up: it must have time to read why. */
const lingerMs = 5000;

/**
 * So much of a body is dropped behind its answer. No less than the largest body that can be allowed, for a client may send
 * all of it before it reads that it must log in.
 */
const maxDroppedBytes = 64 * 1024 * 1024;
const checkDroppedMs = 100;

const statusOfError: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/**
 * Drops what still comes instead of parsing it. The rest of a call that was refused as too slow must not make it a call
 * after all, and garbage is reported once.
 */
function stopParsing(socket: Socket): void {
  socket.removeAllListeners('data').on('data', () => {});
}

/**
 * What is no HTTP gets a last line of HTTP, where there is still somebody to read it. Node never looks at a connection
 * again that it has found too slow: a client that does not hang up would keep it for ever.
 */
function refuseGarbage(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const status = statusOfError[error.code ?? ''] ?? '400 Bad Request';
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.on('close', () => clearTimeout(timer));
}

/**
 * An answer may overtake its body, the rest of which is dropped until it ends; one without an end is cut off. The bytes of
 * the socket are counted because those of a body that Node itself drops are not to be seen.
 */
function limitDropped(request: IncomingMessage): void {
  request.once('resume', () => {
    if (request.complete) return;
    const { socket } = request;
    const begun = socket.bytesRead;
    const timer = setInterval(() => {
      if (socket.bytesRead - begun > maxDroppedBytes) socket.destroy();
      if (request.complete || socket.destroyed) clearInterval(timer);
    }, checkDroppedMs);
  });
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog }, () => {
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
 * Keeps the responses that are not sent yet, and hands every request on. `onEmpty` is called whenever the last of them is
 * sent or its connection is gone.
 */
function trackResponses(handle: Handler, onEmpty: () => void) {
  const inFlight = new Set<ServerResponse>();
  return {
    inFlight,
    onRequest(request: IncomingMessage, response: ServerResponse): void {
      inFlight.add(response);
      limitDropped(request);
      response.on('close', () => {
        inFlight.delete(response);
        if (inFlight.size === 0) onEmpty();
      });
      handle(request, response);
    },
    /** Garbage behind a whole request must not take the place of its answer: the connection ends after it. */
    onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
      stopParsing(socket);
      const last = [...inFlight].filter(({ req }) => req.socket === socket && req.complete).at(-1);
      if (last) last.on('close', () => socket.destroySoon());
      else refuseGarbage(error, socket);
    },
  };
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
  const { host, port, tls } = options;
  const server: Server = tls
    ? createHttpsServer({ ...limits, handshakeTimeout: limits.headersTimeout, ...tls })
    : createHttpServer(limits);
  let draining = false;
  /** What is still open then waits for nothing, or has not even sent a whole request. */
  const closeRest = () => draining && server.closeAllConnections();
  const { inFlight, onRequest, onClientError } = trackResponses((request, response) => {
    if (draining) response.setHeader('Connection', 'close');
    handle(request, response);
  }, closeRest);
  Object.assign(server, { maxConnections, maxHeadersCount });
  server.on('request', onRequest);
  server.on('clientError', onClientError);
  await listen(server, host, port);

  function cutUploads(): void {
    for (const { req } of inFlight) if (!req.complete) req.destroy();
  }

  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      draining = true;
      for (const response of inFlight) if (!response.headersSent) response.setHeader('Connection', 'close');
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      if (inFlight.size === 0) closeRest();
      server.closeIdleConnections();
      const timer = setTimeout(cutUploads, drainUploadMs);
      await closed.finally(() => clearTimeout(timer));
    },
  };
}

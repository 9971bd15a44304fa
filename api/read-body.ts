import type { IncomingMessage } from 'node:http';
import { HttpError } from './http-error.ts';

const xmlTypes = /^(text|application)\/xml\s*(;|$)/i;

function tooLarge(maxBytes: number): HttpError {
  return new HttpError(413, `The body is larger than ${maxBytes} bytes: send less in one call.`);
}

/**
 * Refuses by its headers what can never be a call: another content type than XML, a compressed body, one that says it is
 * too large. A missing content type is accepted.
 * @throws HttpError 413 or 415
 */
export function checkHeaders({ headers }: IncomingMessage, maxBytes: number): void {
  const type = headers['content-type'];
  if (type !== undefined && !xmlTypes.test(type)) {
    throw new HttpError(415, 'The Content-Type must be text/xml or application/xml.');
  }
  if (!/^(identity)?$/i.test(headers['content-encoding'] ?? '')) {
    throw new HttpError(415, 'The body must not be compressed: leave Content-Encoding out.', {
      'Accept-Encoding': 'identity',
    });
  }
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

/**
 * Reads the body, up to the limit and not a byte further. The time that it may take is limited by the server. Beyond the
 * limit the stream stays open, for the refusal must still go out on its connection. Listening to the stream costs a fifth of
 * what iterating over it does.
 * @throws HttpError 413; the stream's own error when the client goes away
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;

    function take(chunk: Buffer): void {
      length += chunk.length;
      if (length <= maxBytes) {
        chunks.push(chunk);
        return;
      }
      stop();
      request.resume();
      reject(tooLarge(maxBytes));
    }

    function end(): void {
      stop();
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, length));
    }

    function fail(error = new Error('The client went away before the body was whole')): void {
      stop();
      reject(error);
    }

    function stop(): void {
      request.off('data', take).off('end', end).off('error', fail).off('close', fail);
    }

    if (request.destroyed) return fail();
    request.on('data', take).on('end', end).on('error', fail).on('close', fail);
  });
}

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
 * limit the stream stays open, for the refusal must still go out on its connection.
 * @throws HttpError 413; the stream's own error when the client goes away
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  const body: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) break;
    chunks.push(chunk);
  }
  if (length > maxBytes) {
    request.resume();
    throw tooLarge(maxBytes);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, length);
}

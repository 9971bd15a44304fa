import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler, Response } from 'express';

/** Counts failed logins. */
interface Throttle {
  waitSeconds(attempt: { readonly address: string; readonly login: string }): Promise<number>;
  fail(attempt: { readonly address: string; readonly login: string }): Promise<void>;
}

interface Login {
  readonly user: string;
  readonly password: string;
}

/** User and password of a header `Authorization: Basic …` (RFC 7617), or undefined when it is none. */
export function readBasic(header: string | undefined): Login | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Compares in a time that depends on neither text: their hashes have one length, and both are always compared. */
function sameLogin(one: Login, other: Login): boolean {
  const sameUser = timingSafeEqual(digest(one.user), digest(other.user));
  const samePassword = timingSafeEqual(digest(one.password), digest(other.password));
  return sameUser && samePassword;
}

function refuse(response: Response, waitSeconds: number): void {
  response.status(429).set('Retry-After', `${waitSeconds}`).type('text').send('Too many failed logins: wait.\n');
}

function challenge(response: Response): void {
  const scheme = 'Basic realm="createcustomer monitor", charset="UTF-8"';
  response.status(401).set('WWW-Authenticate', scheme).type('text').send('Log in as the user of the monitor.\n');
}

/** Lets in who has the one login, by HTTP Basic. Who fails too often waits (429). */
export function createBasicAuth(options: Login & { readonly throttle: Throttle }): RequestHandler {
  const { throttle, ...login } = options;
  return async (request, response, next) => {
    const given = readBasic(request.headers.authorization);
    if (!given) return challenge(response);
    const attempt = { address: request.socket.remoteAddress ?? '', login: given.user };
    const waitSeconds = await throttle.waitSeconds(attempt);
    if (waitSeconds > 0) return refuse(response, waitSeconds);
    if (sameLogin(given, login)) return next();
    await throttle.fail(attempt);
    challenge(response);
  };
}

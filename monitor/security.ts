import type { Request, RequestHandler } from 'express';
import { boardPath } from './board.ts';

const ownPages = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Bull Board has styles in its page, and names its own base. */
const boardPages = ownPages
  .replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
  .replace("base-uri 'none'", "base-uri 'self'");

/** Nothing is loaded from elsewhere, no script stands in a page, no page is framed, and nothing is shown that is old. */
export const safeHeaders: RequestHandler = (request, response, next) => {
  const isBoard = request.path === boardPath || request.path.startsWith(`${boardPath}/`);
  response.set({
    'Content-Security-Policy': isBoard ? boardPages : ownPages,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-cache',
  });
  next();
};

/**
 * Whether a browser sends this for another site. `Sec-Fetch-Site` says so, but browsers send it over https and to this machine
 * alone; without it, the host of `Origin` must be the one that was asked. Programs that are no browsers send neither.
 */
function isForeign({ headers }: Request): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers;
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
}

/** A browser sends the login along with whatever another site makes it send: such requests change nothing. */
export const requireSameOrigin: RequestHandler = (request, response, next) => {
  if (request.method !== 'GET' && request.method !== 'HEAD' && isForeign(request)) {
    response.status(403).type('text').send('Another site must not change anything here.\n');
  } else {
    next();
  }
};

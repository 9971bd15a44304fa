import type { RequestHandler } from 'express';
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

/** A browser sends the login along with whatever another site makes it send: such requests change nothing. */
export const requireSameOrigin: RequestHandler = (request, response, next) => {
  const site = request.headers['sec-fetch-site'];
  const isForeign = site !== undefined && site !== 'same-origin' && site !== 'none';
  if (isForeign && request.method !== 'GET' && request.method !== 'HEAD') {
    response.status(403).type('text').send('Another site must not change anything here.\n');
  } else {
    next();
  }
};

import express from 'express';
import { describe, expect, test } from 'vitest';
import { requireSameOrigin } from '../../monitor/security.ts';

const host = 'monitor.example:8081';

/** The status that a request is answered with, or 200 when it may pass. */
function ask(method: string, headers: Readonly<Record<string, string>>): number {
  let status = 200;
  const response = Object.assign(Object.create(express.response), {
    status(code: number) {
      status = code;
      return this;
    },
    type: () => response,
    send: () => response,
  });
  const request = Object.assign(Object.create(express.request), { method, headers: { host, ...headers } });
  requireSameOrigin(request, response, () => {});
  return status;
}

describe('A request that changes something', () => {
  test.each([
    ['from a program that is no browser', {}],
    ['from a page of the monitor', { 'sec-fetch-site': 'same-origin' }],
    ['that the user began', { 'sec-fetch-site': 'none' }],
    ['from a page of the monitor, over plain http', { origin: `http://${host}` }],
    ['from a page of the monitor, where a proxy speaks https', { origin: `https://${host}` }],
    [
      'from a page of the monitor, where a proxy names another host',
      { 'sec-fetch-site': 'same-origin', origin: 'https://monitor.example' },
    ],
  ])('passes when it comes %s', (_from, headers) => {
    expect(ask('PUT', headers)).toBe(200);
  });

  test.each([
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
    ['from another host of the same site', { 'sec-fetch-site': 'same-site', origin: `http://${host}` }],
    ['from another host, over plain http', { origin: 'http://evil.example' }],
    ['from another port, over plain http', { origin: 'http://monitor.example:8082' }],
    ['from a host that begins with the name of this one', { origin: `http://${host}.evil.example` }],
    ['from a page that hides where it is from', { origin: 'null' }],
  ])('is refused when it comes %s', (_from, headers) => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) expect(ask(method, headers)).toBe(403);
    for (const method of ['GET', 'HEAD']) expect(ask(method, headers)).toBe(200);
  });
});

import express from 'express';
import { describe, expect, test } from 'vitest';
import { createLoginThrottle } from '../../api/login-throttle.ts';
import { createBasicAuth, readBasic } from '../../monitor/basic-auth.ts';

type Handler = ReturnType<typeof createBasicAuth>;

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

/** Asks the handler, without a network: the status that it answers with, or 200 when it lets the request pass. */
async function ask(auth: Handler, authorization?: string) {
  const headers: Record<string, string> = {};
  let status = 200;
  const response = Object.assign(Object.create(express.response), {
    status(code: number) {
      status = code;
      return this;
    },
    set(name: string, value: string) {
      headers[name] = value;
      return this;
    },
    type: () => response,
    send: () => response,
  });
  const request = Object.assign(Object.create(express.request), {
    headers: authorization === undefined ? {} : { authorization },
    socket: { remoteAddress: '192.0.2.1' },
  });
  await auth(request, response, () => {});
  return { status, headers };
}

describe('HTTP Basic', () => {
  test.each([
    [basic('admin:secret'), { user: 'admin', password: 'secret' }],
    [basic('admin:with:colons'), { user: 'admin', password: 'with:colons' }],
    [basic('ädmin:pässword'), { user: 'ädmin', password: 'pässword' }],
    [`basic  ${Buffer.from(':').toString('base64')}`, { user: '', password: '' }],
    [basic('no colon'), undefined],
    ['Basic !', undefined],
    ['Digest username="admin"', undefined],
    [undefined, undefined],
  ])('reads %s', (header, login) => {
    expect(readBasic(header)).toEqual(login);
  });

  test('lets in who has user and password, and nobody else', async () => {
    const auth = createBasicAuth({ user: 'admin', password: 'secret', throttle: createLoginThrottle() });
    expect((await ask(auth, basic('admin:secret'))).status).toBe(200);
    for (const wrong of ['admin:secre', 'admin:secret1', 'Admin:secret', ':secret', 'admin:']) {
      expect((await ask(auth, basic(wrong))).status).toBe(401);
    }
  });

  test('asks for a login where there is none, and counts that as no failure', async () => {
    const auth = createBasicAuth({ user: 'admin', password: 'secret', throttle: createLoginThrottle() });
    for (let time = 0; time < 50; time += 1) {
      const { status, headers } = await ask(auth);
      expect([status, headers['WWW-Authenticate']]).toEqual([401, expect.stringMatching(/^Basic realm=/)]);
    }
    expect((await ask(auth, basic('admin:secret'))).status).toBe(200);
  });

  test('makes who fails too often wait, even with the right password', async () => {
    const auth = createBasicAuth({ user: 'admin', password: 'secret', throttle: createLoginThrottle() });
    for (let time = 0; time < 10; time += 1) await ask(auth, basic('admin:guess'));
    const { status, headers } = await ask(auth, basic('admin:secret'));
    expect([status, Number(headers['Retry-After']) > 0]).toEqual([429, true]);
  });
});

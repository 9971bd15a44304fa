import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createClientAddress, plainAddress } from '../../api/client-address.ts';

function requestFrom(peer: string | undefined, forwarded?: string) {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: peer });
  const request = new IncomingMessage(socket);
  if (forwarded !== undefined) request.headers['x-forwarded-for'] = forwarded;
  return request;
}

describe('An address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    [' 192.0.2.1 ', '192.0.2.1'],
    ['192.0.2.1:8080', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['[::ffff:192.0.2.1]:443', '192.0.2.1'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25]:80', 'fe80::1'],
    ['::ffff:192.0.2.1%eth0', '192.0.2.1'],
  ])('%s is told as %s', (text, address) => {
    expect(plainAddress(text)).toBe(address);
  });

  it.each([
    '',
    'unknown',
    '_hidden',
    'localhost',
    '192.0.2',
    '192.0.2.256',
    '192.0.2.01',
    '192.0.2.1%eth0',
    '192.0.2.1:80:80',
    '192.0.2.0/24',
    '2001:db8::1::2',
    '[::1',
    '::1]',
    '::ffff:192.0.2.256',
    'for=192.0.2.1',
  ])('is none: "%s"', (text) => {
    expect(plainAddress(text)).toBeUndefined();
  });
});

describe('The address of a client', () => {
  const client = '203.0.113.9';

  it('is that of the peer where no proxy is trusted, whatever the request says', () => {
    const addressOf = createClientAddress('');
    expect(addressOf(requestFrom(client))).toBe(client);
    expect(addressOf(requestFrom(client, '10.0.0.1'))).toBe(client);
    expect(addressOf(requestFrom(`::ffff:${client}`, '127.0.0.1'))).toBe(client);
  });

  it('is that of the peer that is no trusted proxy itself', () => {
    const addressOf = createClientAddress('10.0.0.0/8');
    expect(addressOf(requestFrom(client, '10.0.0.1'))).toBe(client);
  });

  it('is that of the trusted proxy that forwarded nothing', () => {
    const addressOf = createClientAddress('10.0.0.0/8');
    for (const header of [undefined, '', ' , ']) expect(addressOf(requestFrom('10.0.0.1', header))).toBe('10.0.0.1');
  });

  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['10.0.0.0/8', '10.255.255.255'],
    ['192.0.2.7, 10.0.0.0/8 ,', '10.1.2.3'],
    ['10.0.0.0/8', '::ffff:10.0.0.1'],
    ['::ffff:10.0.0.0/104', '10.0.0.1'],
    ['2001:db8::/32', '2001:db8:ffff::1'],
    ['2001:DB8:0::1', '2001:db8::1'],
    ['fe80::/10', 'fe80::1%eth0'],
    ['0.0.0.0/0', '198.51.100.1'],
  ])('is the forwarded one where %s is trusted and %s is the peer', (proxies, peer) => {
    const addressOf = createClientAddress(proxies);
    const forwarded = proxies === '0.0.0.0/0' ? '2001:db8::9' : client;
    expect(addressOf(requestFrom(peer, forwarded))).toBe(forwarded);
  });

  it.each([
    ['10.0.0.0/8', '11.0.0.1'],
    ['10.0.0.1', '10.0.0.2'],
    ['10.0.0.0/24', '10.0.1.0'],
    ['2001:db8::/32', '2001:db9::1'],
  ])('is that of the peer where %s is trusted and %s is the peer', (proxies, peer) => {
    expect(createClientAddress(proxies)(requestFrom(peer, client))).toBe(peer);
  });

  it.each([
    ['one proxy', client],
    ['a client that pretends to be another', `10.9.9.9, 127.0.0.1, ${client}`],
    ['two proxies', `127.0.0.1, ${client}, 10.0.0.2`],
    ['three proxies, and a client that pretends', `192.0.2.1, ${client}, 10.0.0.3,10.0.0.2`],
    ['empty elements of the list', `192.0.2.1, ,${client}, ,10.0.0.2, `],
    ['a port', `${client}:51234`],
    ['the IPv4-mapped form', `::ffff:${client}`],
  ])('is the last that is no proxy, behind %s', (_title, forwarded) => {
    expect(createClientAddress('10.0.0.0/8')(requestFrom('10.0.0.1', forwarded))).toBe(client);
  });

  it('is that of the first proxy when all are trusted', () => {
    expect(createClientAddress('10.0.0.0/8')(requestFrom('10.0.0.1', '10.0.0.3, 10.0.0.2'))).toBe('10.0.0.3');
  });

  it.each(['unknown', `${client}, unknown`, `${client}, _hidden, 10.0.0.2`, `${client};10.0.0.2`])(
    'is unknown when a proxy forwarded "%s"',
    (forwarded) => {
      expect(createClientAddress('10.0.0.0/8')(requestFrom('10.0.0.1', forwarded))).toBeUndefined();
    },
  );

  it('is unknown when the peer has gone or came by a socket of the file system', () => {
    for (const peer of [undefined, '']) {
      expect(createClientAddress('0.0.0.0/0')(requestFrom(peer, client))).toBeUndefined();
    }
  });
});

#!/usr/bin/env node
// Creates a customer with the npm package xmlrpc.
//
// usage: node node-xmlrpc.mjs [MEMBERS.json]
// XMLAPI_URL is the service; XMLAPI_LOGIN and XMLAPI_PASSWORD log in by HTTP Digest, and without a login this must be a
// trusted host.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { argv, env, exit } from 'node:process';
import xmlrpc from 'xmlrpc';

const { XMLAPI_URL: url, XMLAPI_LOGIN: login, XMLAPI_PASSWORD: password } = env;
const md5 = (text) => createHash('md5').update(text).digest('hex');

/** Answers the challenge to an empty request (RFC 7616), for the package knows Basic authentication only. */
async function digest() {
  const probe = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'text/xml' } });
  const challenge = probe.headers.get('www-authenticate') ?? '';
  const [realm, nonce] = ['realm', 'nonce'].map((name) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1]);
  const uri = new URL(url).pathname; // The package sends no query: use the header Idempotency-Key.
  const cnonce = randomBytes(16).toString('hex');
  const proof = [md5(`${login}:${realm}:${password}`), nonce, '00000001', cnonce, 'auth', md5(`POST:${uri}`)].join(':');
  const quoted = { username: login, realm, nonce, uri, cnonce, response: md5(proof) };
  const fields = Object.entries(quoted).map(([name, value]) => `${name}="${value}"`);
  return `Digest ${[...fields, 'algorithm=MD5', 'qop=auth', 'nc=00000001'].join(', ')}`;
}

const [file] = argv.slice(2);
const sample = { name: `Example of Node, ${Date.now()}`, web_password: 'correct7horse', i_tariff: 1 };
const members = file ? JSON.parse(readFileSync(file, 'utf8')) : sample;

const headers = login ? { Authorization: await digest() } : {};
const create = url.startsWith('https:') ? xmlrpc.createSecureClient : xmlrpc.createClient;
create({ url, headers }).methodCall('createCustomer', [members], (error, answer) => {
  if (error?.res && error.res.statusCode !== 200) throw new Error(`HTTP ${error.res.statusCode}`);
  if (error && error.faultCode === undefined) throw error;
  writeSync(1, error ? `fault ${error.faultCode}: ${error.faultString}\n` : `OK ${answer.i_customer}\n`);
  exit(error ? 1 : 0);
});

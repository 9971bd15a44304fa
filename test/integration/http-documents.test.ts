import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeResponse } from '../../api/decode.ts';
import { type Encodable, encodeCall } from '../../api/encode.ts';
import { createCustomer, createdId, faultOf, post as postWithCurl } from '../services/calls.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { type Service, serviceSettings, startService } from '../services/service.ts';
import { isInstalled } from '../services/tools.ts';
import { waitFor } from '../services/wait-for.ts';

const mandatory = { web_password: 'correct7horse', i_tariff: 1 };

let database: TestDatabase;
let service: Service;

/** Posts from 127.0.0.1, which is trusted. */
async function post(body: string | Buffer, { query = '', contentType = 'text/xml', headers = {} } = {}) {
  const init = { method: 'POST', headers: { 'Content-Type': contentType, ...headers }, body };
  const response = await fetch(`${service.url}${query}`, init);
  return { status: response.status, answer: decodeResponse(await response.text()) };
}

function call(name: string, more: Readonly<Record<string, Encodable>> = {}): string {
  return encodeCall('createCustomer', [{ ...mandatory, name, i_wholesaler: 1, ...more }]);
}

async function names(): Promise<string[]> {
  return (await database.db('customers').whereNot({ i_customer: 1 }).select('name')).map(({ name }) => name);
}

beforeAll(async () => {
  database = await createTestDatabase();
  await database.db('trusted_hosts').insert({ ip: '127.0.0.1' });
  service = await startService(serviceSettings(database.url));
});

afterAll(async () => {
  expect(await service.stop()).toBe(0);
  await database.drop();
});

describe('characters', () => {
  const name = 'Žlutý kůň €';
  const western = 'Müller & Söhne ½';
  const marked = { addBOM: true };
  const rows: readonly (readonly [
    encoding: string,
    declared: string,
    contentType: string,
    name: string,
    bom: boolean,
  ])[] = [
    ['ISO-8859-1', 'ISO-8859-1', 'text/xml', western, false],
    ['ISO-8859-1', '', 'text/xml; charset=iso-8859-1', `${western} 2`, false],
    ['ISO-8859-1', 'iso-8859-1', 'text/xml; charset=utf-8', `${western} 3`, false],
    ['windows-1252', 'windows-1252', 'text/xml', 'Für 5 € „alles“', false],
    ['UTF-16LE', 'UTF-16', 'text/xml', `${name} 1`, true],
    ['UTF-16BE', 'UTF-16', 'application/xml', `${name} 2 𝄞`, true],
    ['UTF-16LE', '', 'text/xml; charset=UTF-16LE', `${name} 3`, false],
    ['UTF-8', 'UTF-8', 'text/xml', `${name} 4`, true],
    ['UTF-8', 'US-ASCII', 'text/xml', `${name} 5`, false],
  ];

  test.each(rows)('When a document comes in %s (declared %j, %s), then %j is stored', async (...row) => {
    const [encoding, declared, contentType, wanted, bom] = row;
    const declaration = declared === '' ? '<?xml version="1.0"?>' : `<?xml version="1.0" encoding="${declared}"?>`;
    const document = declaration + call(wanted).replace(/^<\?xml.*?\?>/, '');
    const { answer } = await post(iconv.encode(document, encoding, bom ? marked : {}), { contentType });
    const i_customer = createdId(answer);
    expect(await database.db('customers').where({ i_customer }).first('name')).toEqual({ name: wanted });
  });

  test('When bytes are invalid or the encoding is unknown, then the fault says so and nothing is stored', async () => {
    const before = await names();
    const latin = Buffer.from(call('Grün'), 'latin1');
    const rows: readonly (readonly [body: Buffer, contentType: string, code: number])[] = [
      [latin, 'text/xml', -32702],
      [latin, 'text/xml; charset=utf-8', -32702],
      [latin, 'text/xml; charset=klingon', -32701],
      [Buffer.from('<?xml version="1.0" encoding="EBCDIC"?><x/>'), 'text/xml', -32701],
    ];
    for (const [body, contentType, code] of rows) {
      const { status, answer } = await post(body, { contentType });
      expect([status, faultOf(answer).code], contentType).toEqual([200, code]);
    }
    expect(await names()).toEqual(before);
  });
});

describe('faults', () => {
  const none = '<?xml version="1.0"?><methodCall><methodName>createCustomer</methodName></methodCall>';
  const takesOne = 'Wrong value of params: createCustomer takes exactly one struct';
  const rows: readonly (readonly [what: string, body: string, code: number, text: string])[] = [
    ['an unknown method', encodeCall('deleteCustomer', []), 404, 'No such method: deleteCustomer'],
    ['a method named like a property', encodeCall('constructor', []), 404, 'No such method: constructor'],
    ['the method in other letters', encodeCall('createcustomer', [{}]), 404, 'No such method: createcustomer'],
    ['no parameter', none, 400, takesOne],
    ['an empty list of parameters', encodeCall('createCustomer', []), 400, takesOne],
    ['two structs', encodeCall('createCustomer', [{ name: 'a' }, { name: 'b' }]), 400, takesOne],
    ['an array', encodeCall('createCustomer', [[{ name: 'a' }]]), 400, takesOne],
    ['a string', encodeCall('createCustomer', ['name']), 400, takesOne],
    ['nil', encodeCall('createCustomer', [null]), 400, takesOne],
    [
      'no member',
      encodeCall('createCustomer', [{}]),
      410,
      'Parameter i_tariff is required\nParameter name is required',
    ],
    ['no XML', 'name=value', -32700, 'Not well-formed XML (line 1): text stands outside'],
    ['other XML', '<html/>', -32600, 'Not XML-RPC (line 1): <html> may not stand'],
  ];

  test.each(rows)('When the call holds %s, then HTTP 200 brings the fault', async (...[, body, code, text]) => {
    const { status, answer } = await post(body);
    expect([status, faultOf(answer)]).toEqual([200, { code, text: expect.stringContaining(text) }]);
    expect(faultOf(answer).text.indexOf(text)).toBe(0);
  });

  test('When the body is empty, then it is a probe without credentials and a parse fault with them', async () => {
    const probe = await fetch(service.url, { method: 'POST', headers: { 'Content-Type': 'text/xml' } });
    expect([probe.status, probe.headers.get('www-authenticate')]).toEqual([
      401,
      expect.stringMatching(/^Digest realm=/),
    ]);
    const chunked = { args: ['--header', 'Transfer-Encoding: chunked'] };
    for (const manner of [{}, chunked, { ...chunked, login: 'none' } as const]) {
      const { status, body } = await postWithCurl(service.url, '', manner);
      expect([status, faultOf(decodeResponse(body)).code]).toEqual([200, -32700]);
    }
  });
});

describe('options of a call', () => {
  const form = 'Wrong value of idempotency_key: must be 1 to 255 visible ASCII characters';
  const twice = (name: string) => `Wrong value of ${name}: is given twice, differently`;
  const binary = 'Wrong value of dry_run: must be 0 or 1';
  const rows: readonly (readonly [query: string, key: string, text: string])[] = [
    ['?idempotency_key=', '', form],
    ['?idempotency_key=a%20b', '', form],
    ['?idempotency_key=%C3%A4', '', form],
    [`?idempotency_key=${'k'.repeat(256)}`, '', form],
    ['', 'a b', form],
    ['?idempotency_key=a&idempotency_key=b', '', twice('idempotency_key')],
    ['?idempotency_key=a', 'b', twice('idempotency_key')],
    ['?dry_run=yes', '', binary],
    ['?dry_run', '', binary],
    ['?dry_run=1&dry_run=0', '', twice('dry_run')],
  ];

  test.each(rows)(
    'When the query is %j and the key %j, then fault 400 says what is wrong',
    async (query, key, text) => {
      const headers = key === '' ? {} : { 'Idempotency-Key': key };
      const { status, answer } = await post(call('Optional'), { query, headers });
      expect([status, faultOf(answer)]).toEqual([200, { code: 400, text }]);
      expect(await names()).not.toContain('Optional');
    },
  );

  test('When a key stands in header and URL alike, then the call is made once', async () => {
    const options = {
      query: `?idempotency_key=${'k'.repeat(255)}&dry_run=0`,
      headers: { 'Idempotency-Key': 'k'.repeat(255) },
    };
    const first = createdId((await post(call('Once'), options)).answer);
    expect(createdId((await post(call('Once'), options)).answer)).toBe(first);
  });
});

describe.runIf(isInstalled('openssl'))('TLS', () => {
  let folder: string;
  let secure: Service;
  let cert: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'createcustomer-tls-'));
    cert = join(folder, 'cert.pem');
    const key = join(folder, 'key.pem');
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const made = spawnSync('openssl', [
      'req',
      '-x509',
      '-nodes',
      '-newkey',
      'rsa:2048',
      '-keyout',
      key,
      '-out',
      cert,
      ...subject,
    ]);
    if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.stderr}`);
    secure = await startService({ ...serviceSettings(database.url), TLS_CERT_FILE: cert, TLS_KEY_FILE: key });
  });

  afterAll(async () => {
    expect(await secure.stop()).toBe(0);
    rmSync(folder, { recursive: true });
  });

  test('When a certificate is configured, then calls are answered over https, with Digest', async () => {
    expect(secure.url).toMatch(/^https:/);
    const args = ['--cacert', cert];
    createdId(await createCustomer(secure.url, { ...mandatory, name: 'Encrypted' }, { args }));
    expect(await names()).toContain('Encrypted');
  });

  test('When a client speaks plain HTTP or garbage to it, then only that connection ends', async () => {
    for (const bytes of ['GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n', '\x16\x03\x01\xff\xff', '\0'.repeat(10_000)]) {
      const socket = connect(Number(new URL(secure.url).port), '127.0.0.1', () => socket.end(bytes));
      socket.on('error', () => {});
      socket.resume();
      await waitFor(() => socket.closed);
    }
    const args = ['--cacert', cert];
    createdId(await createCustomer(`${secure.url}?dry_run=0`, { ...mandatory, name: 'After garbage' }, { args }));
  });
});

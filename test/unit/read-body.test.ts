import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { HttpError } from '../../api/http-error.ts';
import { checkHeaders, readBody } from '../../api/read-body.ts';

const maxBytes = 10;

function requestWith(headers: Readonly<Record<string, string>>) {
  const request = new IncomingMessage(new Socket());
  Object.assign(request.headers, headers);
  return request;
}

function refusalOf(headers: Readonly<Record<string, string>>): HttpError | undefined {
  try {
    checkHeaders(requestWith(headers), maxBytes);
  } catch (error) {
    if (error instanceof HttpError) return error;
    throw error;
  }
  return undefined;
}

/** A request whose body arrives in these chunks; `null` is its end. */
function requestOf(...chunks: readonly (string | Buffer | null)[]) {
  const request = requestWith({});
  for (const chunk of chunks) request.push(chunk === null ? null : Buffer.from(chunk));
  return request;
}

describe('The headers of a call', () => {
  it.each([
    'text/xml',
    'application/xml',
    'TEXT/XML',
    'text/xml; charset=utf-8',
    'text/xml;charset="ISO-8859-1"; x=y',
    'application/xml ; charset=utf-16',
  ])('may name the content type %s', (type) => {
    expect(refusalOf({ 'content-type': type })).toBeUndefined();
  });

  it('may name none', () => {
    expect(refusalOf({})).toBeUndefined();
  });

  it.each([
    'application/json',
    'text/plain',
    'text/xmlx',
    'text/xml-external',
    'application/soap+xml',
    'xml',
    'x/text/xml',
  ])('may not name the content type %s', (type) => {
    expect(refusalOf({ 'content-type': type })).toMatchObject({ status: 415, message: expect.stringMatching('xml') });
  });

  it.each(['identity', 'Identity', ''])('may name the content encoding "%s"', (encoding) => {
    expect(refusalOf({ 'content-encoding': encoding })).toBeUndefined();
  });

  it.each(['gzip', 'deflate', 'br', 'identity, gzip', 'gzip, identity'])(
    'may not name the content encoding "%s", and hear which one they may',
    (encoding) => {
      expect(refusalOf({ 'content-encoding': encoding })).toMatchObject({
        status: 415,
        headers: { 'Accept-Encoding': 'identity' },
      });
    },
  );

  it.each(['0', '10'])('may announce %s of 10 bytes', (length) => {
    expect(refusalOf({ 'content-length': length })).toBeUndefined();
  });

  it.each(['11', '99999999999999999999'])('may not announce %s of 10 bytes', (length) => {
    const refusal = refusalOf({ 'content-length': length });
    expect(refusal?.status).toBe(413);
    expect(refusal?.message).toContain('10 bytes');
  });
});

describe('A body', () => {
  it.each([
    ['nothing', [null], ''],
    ['one chunk', ['0123456789', null], '0123456789'],
    ['several chunks', ['01', '', '234', '56789', null], '0123456789'],
  ])('that is %s is read to its end', async (_title, chunks, text) => {
    const body = await readBody(requestOf(...chunks), maxBytes);
    expect(body.toString()).toBe(text);
  });

  it('is given byte for byte, a character cut between chunks included', async () => {
    const bytes = Buffer.from([0xc3, 0xa4, 0x00, 0xff]);
    const body = await readBody(requestOf(bytes.subarray(0, 1), bytes.subarray(1), null), maxBytes);
    expect(body).toEqual(bytes);
  });

  it.each([
    ['in one chunk', ['0123456789x', null]],
    ['in many', ['01234', '56789', 'x', null]],
    ['without an end', ['01234567890']],
  ])('that is larger than the limit is refused, %s', async (_title, chunks) => {
    const error = await readBody(requestOf(...chunks), maxBytes).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({ status: 413, message: expect.stringContaining('10 bytes') });
  });

  it('that is larger than the limit is read to its end, with the connection open, so that the client hears why', async () => {
    const request = requestOf('01234567890');
    const ended = once(request, 'end');
    await readBody(request, maxBytes).catch(() => undefined);
    for (let sent = 0; sent < 100; sent += 1) {
      request.push('x'.repeat(65_536));
      await new Promise(setImmediate);
    }
    expect(request.readableLength).toBe(0);
    expect([request.destroyed, request.socket.destroyed]).toEqual([false, false]);
    request.push(null);
    await ended;
  });

  it('that breaks off is no body', async () => {
    const request = requestOf('01234');
    const body = readBody(request, maxBytes);
    request.destroy(new Error('aborted'));
    await expect(body).rejects.toThrow('aborted');
  });
});

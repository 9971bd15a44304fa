import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { readCallOptions } from '../../api/call-options.ts';

function optionsOf(url: string, key?: string) {
  const request = new IncomingMessage(new Socket());
  request.url = url;
  if (key !== undefined) request.headers['idempotency-key'] = key;
  return readCallOptions(request);
}

const refusal = (member: string, why: string) => ({
  problem: { code: 400, member, text: `Wrong value of ${member}: ${why}` },
});

describe('The options of a call', () => {
  it.each(['/xmlapi/xmlapi', '/RPC2?', ''])('are none at %s', (url) => {
    expect(optionsOf(url)).toEqual({ dryRun: false });
  });

  it('take the idempotency key from the header, or from the URL', () => {
    expect(optionsOf('/RPC2', 'order-1')).toEqual({ idempotencyKey: 'order-1', dryRun: false });
    expect(optionsOf('/RPC2?idempotency_key=order-1')).toEqual({ idempotencyKey: 'order-1', dryRun: false });
    expect(optionsOf('/RPC2?idempotency_key=order%2F1%3F')).toEqual({ idempotencyKey: 'order/1?', dryRun: false });
  });

  it('take the same key from both', () => {
    expect(optionsOf('/RPC2?idempotency_key=a&idempotency_key=a', 'a')).toEqual({ idempotencyKey: 'a', dryRun: false });
  });

  it.each<[string, string | undefined]>([
    ['/RPC2?idempotency_key=a', 'b'],
    ['/RPC2?idempotency_key=a&idempotency_key=b', undefined],
    ['/RPC2?idempotency_key=', 'b'],
  ])('refuse two different keys: %s with the header %s', (url, key) => {
    expect(optionsOf(url, key)).toEqual(refusal('idempotency_key', 'is given twice, differently'));
  });

  it.each(['!', '~', 'x'.repeat(255), '{"order":1}', 'a?b'])('accept the key %s', (key) => {
    expect(optionsOf('/RPC2', key)).toEqual({ idempotencyKey: key, dryRun: false });
    const url = `/RPC2?idempotency_key=${encodeURIComponent(key)}`;
    expect(optionsOf(url)).toEqual({ idempotencyKey: key, dryRun: false });
  });

  it.each(['', ' ', 'a b', 'a, b', 'ä', 'a\n', '\u007f', 'x'.repeat(256)])('refuse the key "%s"', (key) => {
    const says = 'must be 1 to 255 visible ASCII characters';
    expect(optionsOf('/RPC2', key)).toEqual(refusal('idempotency_key', says));
    expect(optionsOf(`/RPC2?idempotency_key=${encodeURIComponent(key)}`)).toEqual(refusal('idempotency_key', says));
  });

  it('ask for a dry run with 1 alone', () => {
    expect(optionsOf('/RPC2?dry_run=1')).toEqual({ dryRun: true });
    expect(optionsOf('/RPC2?dry_run=1&dry_run=1')).toEqual({ dryRun: true });
    expect(optionsOf('/RPC2?dry_run=0')).toEqual({ dryRun: false });
    expect(optionsOf('/RPC2?dry_run=1', 'a')).toEqual({ idempotencyKey: 'a', dryRun: true });
  });

  it.each(['dryrun', 'dry-run', 'DRY_RUN', 'idempotencyKey', '__proto__'])(
    'refuse %s, for it may be misspelt',
    (name) => {
      const text = `Unknown parameter ${name} in the URL: it takes idempotency_key and dry_run`;
      expect(optionsOf(`/RPC2?${name}=1`)).toMatchObject({ problem: { code: 400, text } });
    },
  );

  it.each(['', 'true', 'yes', '2', '01', '1 ', '-1', '1\n'])('refuse dry_run=%s, for it may mean anything', (value) => {
    const url = `/RPC2?dry_run=${encodeURIComponent(value)}`;
    expect(optionsOf(url)).toEqual(refusal('dry_run', 'must be 0 or 1'));
  });

  it.each(['0&dry_run=1', '1&dry_run=0'])('refuse two different wishes: dry_run=%s', (values) => {
    expect(optionsOf(`/RPC2?dry_run=${values}`)).toEqual(refusal('dry_run', 'is given twice, differently'));
  });

  it('name each problem on one line, and repeat nothing of the key', () => {
    for (const key of ['a\nb', 'x'.repeat(300)]) {
      const options = optionsOf('/RPC2', key);
      expect('problem' in options && options.problem.text).toMatch(/^Wrong value of idempotency_key: [a-zA-Z0-9 ]+$/);
    }
  });
});

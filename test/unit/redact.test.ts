import { describe, expect, test } from 'vitest';
import { hidden, redactJobData, secretsOf, withoutTexts } from '../../monitor/redact.ts';

const secret = 'Clear-Secret-1';

describe('redaction of jobs', () => {
  test('hides what is sealed and what is clear, and shows the rest of a call', () => {
    const params = { name: 'Shown', i_tariff: null, web_password: secret, api_password: secret };
    const job = { version: 1, request_id: 'r-1', caller: { mode: 'trusted', address: '::1' }, params, sealed: secret };
    expect(redactJobData(job)).toEqual({
      ...job,
      params: { ...params, web_password: hidden, api_password: hidden },
      sealed: hidden,
    });
  });

  test('hides in the rows of an import what it hides in a call', () => {
    const row = { line: 2, params: { name: 'Shown', web_password_hash: secret } };
    expect(redactJobData({ import_id: 'i', rows: [row] })).toEqual({
      import_id: 'i',
      rows: [{ line: 2, params: { name: 'Shown', web_password_hash: hidden } }],
    });
  });

  test('hides every value under a name that the contract does not know, whatever it holds', () => {
    const stranger = { web_pasword: secret, params: { pass: { word: secret }, name: 'Shown' } };
    expect(redactJobData(stranger)).toEqual({ web_pasword: hidden, params: { pass: hidden, name: 'Shown' } });
  });

  test.each([
    ['a bare text', secret, hidden],
    ['a bare number', 12_345_678, hidden],
    ['an array of texts and numbers', [secret, 12_345_678, [secret], null], [hidden, hidden, [hidden], null]],
    ['parameters that were encoded twice', { params: `{"web_password":"${secret}"}` }, { params: hidden }],
    ['rows that are texts', { rows: [`name=x&web_password=${secret}`] }, { rows: [hidden] }],
    ['rows of rows', { rows: { params: [[secret]] } }, { rows: { params: [[hidden]] } }],
    ['a caller that is a text', { caller: secret }, { caller: hidden }],
    ['a fault that is a text', { ok: false, fault: secret }, { ok: false, fault: hidden }],
    ['an array where a text belongs', { params: { name: [secret] } }, { params: { name: hidden } }],
    ['an object where a text belongs', { text: { name: secret } }, { text: hidden }],
  ])('hides what has another shape than the contract: %s', (_shape, data, shown) => {
    expect(redactJobData(data)).toEqual(shown);
    expect(JSON.stringify(redactJobData(data))).not.toMatch(/Clear-Secret-1|12345678/);
  });

  test.each([
    [secret],
    [[secret]],
    [{ params: secret }],
    [{ rows: [secret] }],
    [{ name: [secret] }],
    [{ name: { name: secret } }],
    [{ rows: [{ params: { web_password: secret, name: 'Shown' } }] }],
  ])('finds in %j the text that it hides', (data) => {
    expect(secretsOf(data)).toEqual([secret]);
  });

  test('knows outcomes, and shows them whole', () => {
    const outcomes = [
      { ok: true, i_customer: 7, replayed: false },
      { ok: true, dry_run: true },
      { ok: false, fault: { code: 409, text: 'name is already in use' } },
      { created: 10, failed: 2 },
      null,
    ];
    for (const outcome of outcomes) expect(redactJobData(outcome)).toEqual(outcome);
  });

  test('finds the hidden texts of a job, and takes them out wherever else they stand', () => {
    const data = { params: { name: 'Shown', web_password: secret, odd: [`${secret}-2`] } };
    const texts = secretsOf(data);
    expect([...texts].sort()).toEqual([secret, `${secret}-2`]);
    const rest = { failedReason: `no good: ${secret}`, stacktrace: [`at ${secret}-2`], attemptsMade: 1 };
    expect(JSON.stringify(withoutTexts(rest, texts))).not.toContain('Clear-Secret');
    expect(withoutTexts(rest, texts)).toMatchObject({ failedReason: `no good: ${hidden}`, attemptsMade: 1 });
  });
});

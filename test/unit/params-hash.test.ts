import { describe, expect, it } from 'vitest';
import { createParamsHasher } from '../../runtime/params-hash.ts';

const oldKey = Buffer.alloc(32, 1);
const newKey = Buffer.alloc(32, 2);
const params = { name: 'Acme', web_password: 'pass word 1', i_tariff: null, balance: 1.5, dncl_enabled: false };
const hash = createParamsHasher([newKey]);

describe('The hash of a call', () => {
  it('is the same for the same parameters in any order', () => {
    const reversed = Object.fromEntries(Object.entries(params).reverse());
    expect(Object.keys(reversed)[0]).toBe('dncl_enabled');
    expect(hash(reversed)).toEqual(hash(params));
  });

  it('is the same for parameters that have travelled as JSON, whatever object holds them', () => {
    expect(hash(JSON.parse(JSON.stringify(params)))).toEqual(hash(params));
    expect(hash(Object.assign(Object.create(null), params))).toEqual(hash(params));
  });

  it('is the same for a member that is undefined and for one that is not there', () => {
    expect(hash({ ...params, city: undefined })).toEqual(hash(params));
  });

  it.each<[string, Record<string, unknown>]>([
    ['a value', { ...params, name: 'Acme 2' }],
    ['a password', { ...params, web_password: 'pass word 2' }],
    ['a type', { ...params, balance: '1.5' }],
    ['nil for 0', { ...params, i_tariff: 0 }],
    ['a further member', { ...params, city: '' }],
    ['a member less', { name: 'Acme' }],
    ['the value of another member', { ...params, name: 'pass word 1', web_password: 'Acme' }],
    ['a border moved between members', { name: 'Acme","b', c: '' }],
  ])('differs when %s does', (_title, other) => {
    expect(hash(other)).not.toEqual(hash(params));
  });

  it('tells nothing to who has no key', () => {
    expect(createParamsHasher([oldKey])(params)).not.toEqual(hash(params));
    expect(hash(params)[0]).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('is one for each key, the newest first, so that a rotation forgets no call', () => {
    const [before] = createParamsHasher([oldKey])(params);
    const during = createParamsHasher([newKey, oldKey])(params);
    expect(during).toEqual([...hash(params), before]);
  });

  it('needs a key', () => {
    expect(() => createParamsHasher([])).toThrow('at least one key');
  });
});

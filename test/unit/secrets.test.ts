import { describe, expect, it } from 'vitest';
import { hasSecrets, openSecrets, sealSecrets } from '../../queue/secrets.ts';
import { createSealer, SealError } from '../../runtime/seal.ts';
import { createJobCheck } from '../../schemas/jobs.ts';

const sealer = createSealer([Buffer.alloc(32, 1)]);
const secrets = { web_password: 'hunter2 "ä"\n', api_password: 'hunter3' };
const others = { name: 'Acme', i_tariff: null, description: 'web_password' };

describe('The secrets of a job', () => {
  it('are seen wherever a password stands among the parameters', () => {
    expect(hasSecrets({ ...others, web_password: '' })).toBe(true);
    expect(hasSecrets({ api_password: null })).toBe(true);
    expect(hasSecrets(others)).toBe(false);
    expect(hasSecrets(Object.create(secrets))).toBe(false);
  });

  it('are taken out of the parameters, which stay as they are', () => {
    const given = { ...others, ...secrets };
    const { params, sealed } = sealSecrets(sealer, '1', given);
    expect(params).toEqual(others);
    expect(JSON.stringify({ params, sealed })).not.toContain('hunter');
    expect(given).toEqual({ ...others, ...secrets });
  });

  it('open to what they were', () => {
    const { sealed } = sealSecrets(sealer, '1', { ...others, ...secrets });
    expect(openSecrets(sealer, '1', sealed)).toEqual(secrets);
  });

  it('may be none', () => {
    const { params, sealed } = sealSecrets(sealer, '1', others);
    expect(params).toEqual(others);
    expect(openSecrets(sealer, '1', sealed)).toEqual({});
  });

  it('keep what is no text, for the check of parameters to refuse', () => {
    const odd = { web_password: ['x'], api_password: null };
    expect(openSecrets(sealer, '1', sealSecrets(sealer, '1', odd).sealed)).toEqual(odd);
  });

  it('leave a parameter named __proto__ where it is', () => {
    const { params } = sealSecrets(sealer, '1', JSON.parse('{"__proto__": {"web_password": "x"}}'));
    expect(Object.keys(params)).toEqual(['__proto__']);
    expect(params.web_password).toBeUndefined();
  });

  it('open in no other job, and with no other key', () => {
    const { sealed } = sealSecrets(sealer, '1', secrets);
    const stranger = createSealer([Buffer.alloc(32, 2)]);
    expect(() => openSecrets(sealer, '2', sealed)).toThrow(SealError);
    expect(() => openSecrets(stranger, '1', sealed)).toThrow(SealError);
  });

  it('fit into a job at their longest', () => {
    const longest = '\u{1f600}'.repeat(128);
    const { params, sealed } = sealSecrets(sealer, '1', { web_password: longest, api_password: longest });
    const caller = { mode: 'trusted', address: '::1' };
    const isJob = createJobCheck();
    expect(isJob({ version: 1, request_id: 'r', i_wholesaler: 1, caller, params, sealed })).toBe(true);
  });
});

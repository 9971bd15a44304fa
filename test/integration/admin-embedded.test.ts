import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { post } from '../services/calls.ts';
import { cheapHashing } from '../services/constants.ts';
import { runProgram, startService } from '../services/service.ts';

const list = '<methodCall><methodName>system.listMethods</methodName></methodCall>';

describe('Administration of the embedded database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'createcustomer-admin-'));

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function run(...args: readonly string[]) {
    const program = runProgram(args, {}, folder);
    return { code: await program.exited, output: program.output() };
  }

  test('When no service runs, then it is started for the command; when one runs, then it is shared', async () => {
    expect(await run('admin', 'tariff', 'list')).toMatchObject({ code: 1 });
    expect(existsSync(join(folder, '.data'))).toBe(false);
    expect(await run('migrate')).toMatchObject({ code: 0 });
    const table = { code: 0, output: 'i_tariff  owner   name     currency\n       1  1 root  Default  USD\n' };
    expect(await run('admin', 'tariff', 'list')).toEqual(table);

    const service = await startService({ PORT: '0', MONITOR_PORT: '0', ...cheapHashing }, [], folder);
    const kept = join('.data', 'root-api-password');
    expect(existsSync(join(folder, kept))).toBe(true);
    writeFileSync(join(folder, 'password'), 'another-password-1\n');
    expect(await run('admin', 'api-access', 'set', 'root', '--password-file', 'password')).toEqual({
      code: 0,
      output: `The customer 1 "root" may call the API now, as root.\n${kept}, which held the old password, is removed.\n`,
    });
    expect(existsSync(join(folder, kept))).toBe(false);
    const login = { user: 'root', password: 'another-password-1' };
    expect((await post(service.url, list, { login })).status).toBe(200);
    expect(await service.stop()).toBe(0);
  });
});

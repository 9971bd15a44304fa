import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { cheapHashing } from '../services/constants.ts';
import { goodRows, startImport } from '../services/importing.ts';
import { runProgram, startService } from '../services/service.ts';

describe('An import into the embedded database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'createcustomer-import-'));

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function run(name: string) {
    writeFileSync(join(folder, name), goodRows(name, 300));
    return startImport([name, '--set', 'i_tariff=1'], cheapHashing, { folder }).ended;
  }

  test('When no service runs, then the command does the work itself; when one runs, then that does it', async () => {
    expect(await run('early.csv')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('createcustomer migrate'),
    });
    expect(existsSync(join(folder, '.data'))).toBe(false);
    expect(await runProgram(['migrate'], {}, folder).exited).toBe(0);
    expect(await run('alone.csv')).toMatchObject({ code: 0, stderr: '' });

    const service = await startService({ PORT: '0', ...cheapHashing }, [], folder);
    expect(await run('beside.csv')).toMatchObject({ code: 0, stderr: '' });
    expect(service.output()).toContain('"chunk":2');
    expect(await service.stop()).toBe(0);
    expect(readFileSync(join(folder, 'beside.csv.created.csv'), 'utf8').trim().split('\n')).toHaveLength(301);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdmin, jsonLines } from '../services/admin.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { serviceSettings } from '../services/service.ts';

const program = resolve(import.meta.dirname, '../../dist/cli/createcustomer.cjs');
const manyTariffs = 5000;

let database: TestDatabase;
let admin: ReturnType<typeof createAdmin>;

beforeAll(async () => {
  database = await createTestDatabase();
  admin = createAdmin(database.url);
});

afterAll(() => database.drop());

/** What a shell line prints that pipes the program, `$PROGRAM`, into others; its code is that of the program. */
async function pipe(line: string) {
  const child = spawn('bash', ['--norc', '-c', `${line}; exit "\${PIPESTATUS[0]}"`], {
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, PROGRAM: `${process.execPath} ${program}`, ...serviceSettings(database.url) },
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  return { code: Number(code), output: Buffer.concat(chunks).toString('utf8') };
}

describe('What a command prints', () => {
  test('When the reader of a long list goes away, then the command ends without a complaint; a slow one gets all of it', async () => {
    await database.db.raw(
      "INSERT INTO tariffs (i_customer, name, currency) SELECT 1, 'Tariff ' || n, 'EUR' FROM generate_series(1, ?) AS n",
      [manyTariffs],
    );
    const first = await pipe('$PROGRAM admin tariff list | head -1');
    expect(first).toEqual({ code: 0, output: expect.stringMatching(/^i_tariff +owner +name +currency\n$/) });
    const slow = await pipe('$PROGRAM admin tariff list --json | (sleep 0.3; wc -l)');
    expect({ ...slow, output: Number(slow.output) }).toEqual({ code: 0, output: manyTariffs + 1 });
  });

  test('When names in the database hold orders to a terminal, then no sentence and no table carries them', async () => {
    const rows = [{ i_customer: 1, name: 'red\u001b[31m\u009b\u202etext', currency: 'EUR' }];
    const [row] = await database.db('tariffs').insert(rows, ['i_tariff']);
    const [table, json, removed] = [
      await admin('tariff', 'list'),
      await admin('tariff', 'list', '--json'),
      await admin('tariff', 'remove', String(row?.i_tariff)),
    ];
    expect(table.output).toContain('red [31m text');
    expect(removed.output).toBe(`Removed tariff ${row?.i_tariff} "red\\u001b[31m\\u009b\\u202etext".\n`);
    const all = `${table.output}${json.output}${removed.output}`;
    for (const order of ['\u001b', '\u009b', '\u202e']) expect(all).not.toContain(order);
    expect(jsonLines(json).at(-1)?.name).toBe('red\u001b[31m\u009b\u202etext');
  });

  test('When something is added or removed with --json, then a program can read what', async () => {
    const tariff = jsonLines(
      await admin('tariff', 'add', '--owner', '1', '--name', 'Read', '--currency', 'EUR', '--json'),
    );
    const id = Number(tariff[0]?.i_tariff);
    expect(jsonLines(await admin('tariff', 'remove', String(id), '--json'))).toEqual([
      { removed: { i_tariff: id, name: 'Read' } },
    ]);
    const host = await admin('trusted-host', 'add', '192.0.2.7', '--description', 'one', '--json');
    expect(jsonLines(host)).toEqual([{ ip: '192.0.2.7', description: 'one' }]);
    await admin('trusted-host', 'add', '192.0.2.0/24');
    expect(jsonLines(await admin('trusted-host', 'remove', '192.0.2.7', '--json'))).toEqual([
      { removed: { ip: '192.0.2.7' }, still_in: ['192.0.2.0/24'] },
    ]);
    expect(jsonLines(await admin('key', 'purge', '--json'))).toEqual([{ deleted: 0, older_than_days: 30 }]);
    expect(jsonLines(await admin('reencrypt', '--json'))).toEqual([{ resealed: 0, up_to_date: 1, not_opened: 0 }]);
  });

  test('When an argument is huge or no UTF-8, then the sentence is short', async () => {
    const huge = await admin('customer', 'show', 'x'.repeat(100_000));
    expect(huge).toEqual({
      code: 1,
      output: expect.stringMatching(/^There is no customer .* "x{128}…": see "[^"]+"\.\n$/),
    });
    const latin1 = await pipe(`$PROGRAM admin tariff add --owner root --currency EUR --name $'M\\xfcller' | cat`);
    expect(latin1).toEqual({ code: 1, output: 'The name is no UTF-8 text: look how the terminal encodes it.\n' });
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rootPassword } from '../services/constants.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { program, type Service, serviceSettings, startService } from '../services/service.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/tree.md'), 'utf8');

/** A step of the page: what is typed, and what is printed then. */
interface Step {
  readonly commands: string;
  readonly printed: string;
}

/** Each block of commands with the block that follows it. */
const steps: readonly Step[] = [...page.matchAll(/^```sh\n(.*?)^```\n```text\n(.*?)^```$/gms)].map(
  ([, commands = '', printed = '']) => ({ commands, printed }),
);
/** Tells when a block of commands has nothing below it, and would not be run. */
const blocksOfCommands = page.split('\n').filter((line) => line.startsWith('```sh')).length;

/** Lets `npx --no-install createcustomer`, and nothing else, run the built program. */
const shell = `npx() {
  test "$1 $2" = '--no-install createcustomer' || return 127
  shift 2
  "$NODE" "$PROGRAM" "$@"
}
`;

/** The columns of the table of money, as text, under its headings. */
const moneySql = `
  SELECT i_customer::text, i_wholesaler::text AS parent, coalesce(i_tariff::text, 'nil') AS i_tariff, payment_currency,
    balance::text, credit_limit::text, coalesce(amount::text, 'none') AS "opening entry"
  FROM customers LEFT JOIN balance_entries USING (i_customer)
  WHERE i_customer <> 1 ORDER BY customers.i_customer`;

let database: TestDatabase;
let service: Service;
const folder = mkdtempSync(join(tmpdir(), 'createcustomer-page-'));

beforeAll(async () => {
  mkdirSync(join(folder, '.data'));
  writeFileSync(join(folder, '.data/root-api-password'), rootPassword);
  database = await createTestDatabase();
  service = await startService(serviceSettings(database.url));
});

afterAll(async () => {
  expect(await service.stop()).toBe(0);
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Types the commands into a shell, as a reader of the page would, and gives what they print. */
async function type({ commands }: Step): Promise<Step> {
  const own = { ...serviceSettings(database.url), PORT: new URL(service.url).port };
  const env = { PATH: process.env.PATH, NODE: process.execPath, PROGRAM: program, ...own };
  const child = spawn('sh', ['-c', `exec 2>&1\n${shell}${commands}`], { cwd: folder, env });
  const [printed] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { commands, printed };
}

function cellsOf(line: string): readonly string[] {
  return line.split(/ *\| */).slice(1, -1);
}

/** The rows of the page's table of money, by heading. */
function moneyTable(): readonly Readonly<Record<string, string>>[] {
  const [table = ''] = /^\| i_customer .*?\n\n/ms.exec(page) ?? [];
  const [head = [], , ...rows] = table.trim().split('\n').map(cellsOf);
  return rows.map((row) => Object.fromEntries(head.map((name, at) => [name, row[at] ?? ''])));
}

interface Drawn {
  readonly i_customer: number;
  readonly name: string;
  readonly i_wholesaler: number | null;
}

/** The customers of the drawing. Each level is four characters further to the right. */
function drawnTree(): readonly Drawn[] {
  const line: number[] = [];
  return [...page.matchAll(/^ {4}([│├└─ ]*)(\S.*?) \((\d+)\) /gm)].map(([, branch = '', name = '', id]) => {
    const depth = branch.length / 4;
    line[depth] = Number(id);
    return { i_customer: Number(id), name, i_wholesaler: line[depth - 1] ?? null };
  });
}

test('When the commands of the page are typed in order, then each prints what stands below it', async () => {
  expect(steps).toHaveLength(blocksOfCommands);
  const typed: Step[] = [];
  for (const step of steps) typed.push(await type(step));
  expect(typed).toEqual(steps);
});

test('When they have been typed, then the tree is the one that is drawn', async () => {
  const stored = await database.db('customers').orderBy('i_customer').select('i_customer', 'name', 'i_wholesaler');
  expect(stored).toEqual(drawnTree());
});

test('When they have been typed, then money and currencies are those of the table', async () => {
  const { rows } = await database.db.raw(moneySql);
  expect(rows).toEqual(moneyTable());
});

test('When they have been typed, then agent, commission and rights are stored as the page says', async () => {
  const { db } = database;
  expect(await db('customers').where({ i_customer: 3 }).first()).toMatchObject({
    i_commission_agent: 2,
    commission_size: 5,
    customers_mgmt: 1,
    max_depth: 1,
    use_own_tariff: 1,
    api_mgmt: 0,
  });
  expect(await db('balance_entries').distinct('kind').pluck('kind')).toEqual(['opening']);
  const callers = await db('audit_log').orderBy('i_customer').select('i_customer', 'mode', 'i_caller');
  expect(callers).toEqual([
    { i_customer: 2, mode: 'customer', i_caller: 1 },
    { i_customer: 3, mode: 'customer', i_caller: 1 },
    { i_customer: 4, mode: 'customer', i_caller: 3 },
    { i_customer: 5, mode: 'customer', i_caller: 3 },
    { i_customer: 7, mode: 'trusted', i_caller: null },
  ]);
  expect(await db('trusted_hosts')).toEqual([]);
});

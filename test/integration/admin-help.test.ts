import { describe, expect, test } from 'vitest';
import { runToEnd } from '../services/service.ts';

const policyOptions = [
  ...['--name', '--min-length', '--needs-letter', '--needs-digit', '--needs-lower', '--needs-upper', '--needs-special'],
  ...['--forbids-name-and-login', '--forbidden', '--json'],
];

const commands: readonly (readonly [command: string, mentions: readonly string[]])[] = [
  ['tariff list', ['--owner', '--json']],
  ['tariff add', ['--owner', '--name', '--currency', '--json']],
  ['tariff remove', ['<id>', '--json']],
  ['routing-group list', ['--owner', '--json']],
  ['routing-group add', ['--owner', '--name', '--json']],
  ['routing-group remove', ['<id>', '--json']],
  ['trusted-host list', ['--json']],
  ['trusted-host add', ['<cidr>', '--description', '--json']],
  ['trusted-host remove', ['<cidr>', '--json']],
  ['password-policy list', ['--json']],
  ['password-policy add', policyOptions],
  ['password-policy change', ['<id>', ...policyOptions]],
  ['password-policy remove', ['<id>', '--json']],
  ['customer list', ['--parent', '--limit', '--json']],
  ['customer show', ['<customer>', '--json']],
  ['api-access set', ['<customer>', '--password-file', '--json']],
  ['api-access list', ['--json']],
  ['api-access remove', ['<customer>', '--json']],
  ['reencrypt', ['SECRET_KEYS', 'interrupted', '--json']],
  ['key purge', ['--older-than-days', 'IDEMPOTENCY_TTL_DAYS', '--json', 'once an hour']],
  ['audit', ['--customer', '--request-id', '--since', '--until', '--limit', '--json', '30m, 2h, 7d']],
];

const groups = [...new Set(commands.map(([command]) => command.split(' ')[0] ?? ''))];

describe('createcustomer --help', () => {
  test.concurrent.each([[], ['serve'], ['migrate'], ['call'], ['schema'], ['admin']].map((words) => [words]))(
    'gives an example: %j',
    async (words) => {
      const { code, output } = await runToEnd([...words, '--help'], {});
      expect(code).toBe(0);
      expect(output).toMatch(/\nExamples?:\n {2}createcustomer /);
      if (words[0]) expect(output).toContain(`\n  createcustomer ${words[0]}`);
    },
  );
});

describe('createcustomer admin --help', () => {
  test('names every group, and each group every command of its own', async () => {
    const admin = await runToEnd(['admin', '--help'], {});
    expect(admin.code).toBe(0);
    for (const group of groups) expect(admin.output).toMatch(new RegExp(`^ {2}${group} `, 'm'));
    const nested = commands.filter(([command]) => command.includes(' '));
    const outputs = new Map(
      await Promise.all(
        groups.map(async (group) => [group, (await runToEnd(['admin', group, '--help'], {})).output] as const),
      ),
    );
    for (const [command] of nested) {
      const [group = '', verb] = command.split(' ');
      expect(outputs.get(group)).toMatch(new RegExp(`^ {2}${verb} `, 'm'));
      expect(outputs.get(group)).toMatch(/\nExamples?:\n {2}createcustomer admin /);
    }
  });

  test.concurrent.each(commands)(
    '%s: tells its arguments and options, with an example, without settings or a database',
    async (command, mentions) => {
      const { code, output } = await runToEnd(['admin', ...command.split(' '), '--help'], { DATABASE_URL: 'nonsense' });
      expect(code).toBe(0);
      expect(output).toMatch(new RegExp(`^Usage: createcustomer admin ${command} `));
      expect(output).toContain(`\n  createcustomer admin ${command} `.trimEnd());
      for (const mention of mentions) expect(output.replaceAll(/\s+/g, ' ')).toContain(mention);
    },
  );

  test('An unknown or a missing command ends with code 1', async () => {
    const unknown = await runToEnd(['admin', 'tarif'], {});
    expect(unknown).toMatchObject({ code: 1, output: expect.stringMatching(/^error: unknown command 'tarif'/) });
    expect(await runToEnd(['admin', 'tariff'], {})).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^Usage: /),
    });
  });
});

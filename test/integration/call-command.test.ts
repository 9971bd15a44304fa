import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCustomerSchema } from '../../schemas/create-customer.ts';
import { rootPassword } from '../services/constants.ts';
import { createTestDatabase, type TestDatabase } from '../services/database.ts';
import { freePort } from '../services/redis.ts';
import { runToEnd, type Service, serviceSettings, startService } from '../services/service.ts';

describe('createcustomer call', () => {
  let database: TestDatabase;
  let service: Service;

  beforeAll(async () => {
    database = await createTestDatabase();
    service = await startService(serviceSettings(database.url));
  });

  afterAll(async () => {
    expect(await service.stop()).toBe(0);
    await database.drop();
  });

  function callAs(password: string, ...args: readonly string[]) {
    return runToEnd(['call', '--url', service.url, '--user', 'root', '--password', password, ...args], {});
  }

  const members = ['web_password=correct7horse', 'i_tariff=1'];

  test('creates a customer with Digest and prints the answer', async () => {
    const { code, output } = await callAs(
      rootPassword,
      'createCustomer',
      'name=By command = mine',
      'balance=1.50',
      ...members,
    );
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^ {2}result {6}OK\n {2}i_customer {2}\d+\n$/),
    });
    expect(await database.db('customers').where({ name: 'By command = mine', balance: 1.5 })).toHaveLength(1);
  });

  test('takes an empty value for nil', async () => {
    const { code } = await callAs(
      rootPassword,
      'createCustomer',
      'name=Own tariff',
      'web_password=correct7horse',
      'i_tariff=',
    );
    expect(code).toBe(0);
    expect(await database.db('customers').where({ name: 'Own tariff', i_tariff: null })).toHaveLength(1);
  });

  test('prints a fault and ends with code 1', async () => {
    const { code, output } = await callAs(rootPassword, 'createCustomer', 'name=x');
    expect(code).toBe(1);
    expect(output).toBe('  fault 410: Parameter i_tariff is required\n    Parameter web_password is required\n');
  });

  test('prints JSON for programs, one line', async () => {
    const { output } = await callAs(rootPassword, '--json', 'createCustomer', 'name=x');
    expect(JSON.parse(output)).toMatchObject({ fault: { code: 410 } });
    const dry = await callAs(rootPassword, '--json', '--dry-run', 'createCustomer', 'name=Rehearsed', ...members);
    expect(JSON.parse(dry.output)).toEqual({ result: { result: 'OK', dry_run: true } });
  });

  test('says what to change when the login, the service or an argument is wrong', async () => {
    expect(await callAs('wrong-1', 'createCustomer')).toEqual({ code: 1, output: 'User or password is wrong.\n' });
    const noLogin = await runToEnd(['call', '--url', service.url, 'createCustomer'], {});
    expect(noLogin).toEqual({ code: 1, output: 'The service asks for a login: give --user and --password.\n' });
    const nobody = `http://127.0.0.1:${await freePort()}/xmlapi`;
    const away = await runToEnd(['call', '--url', nobody, 'createCustomer'], {});
    expect(away).toMatchObject({
      code: 1,
      output: expect.stringMatching(/does not answer .*is the service running there\?$/m),
    });
    const page = await runToEnd(['call', '--url', new URL('/healthz', service.url).href, 'createCustomer'], {});
    expect(page).toMatchObject({ code: 1, output: expect.stringMatching(/^The service answered HTTP 405/) });
    const control = await callAs(rootPassword, 'createCustomer', 'name=\u0001');
    expect(control).toMatchObject({ code: 1, output: expect.stringMatching(/^The call cannot be written as XML-RPC/) });
    const ftp = await runToEnd(['call', '--url', 'ftp://x', 'createCustomer'], {});
    expect(ftp).toMatchObject({ code: 1, output: expect.stringMatching(/^"ftp:\/\/x" is no URL/) });
    expect(await callAs(rootPassword, 'createCustomer', 'name')).toMatchObject({
      code: 1,
      output: '"name" must have the form NAME=VALUE.\n',
    });
  });
});

describe('createcustomer call, when the server ends the connection', () => {
  test('says so, and ends with code 1', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const refused = await runToEnd(['call', '--url', `http://127.0.0.1:${port}/xmlapi`, 'createCustomer'], {});
    expect(refused).toMatchObject({ code: 1, output: expect.stringMatching(/does not answer \(ECONNRESET\)/) });
    server.close();
  });
});

describe('createcustomer', () => {
  test('schema prints the JSON Schema of the parameters, and of the job', async () => {
    expect(JSON.parse((await runToEnd(['schema'], {})).output)).toEqual(createCustomerSchema);
    expect(JSON.parse((await runToEnd(['schema', '--job'], {})).output)).toMatchObject({ $id: 'create-customer-job' });
  });

  test.each(['', 'serve', 'migrate', 'call', 'schema'])('%s --help explains itself', async (command) => {
    const { code, output } = await runToEnd([...command.split(' ').filter(Boolean), '--help'], {});
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringMatching(/^Usage: createcustomer/) });
  });

  test('tells its version', async () => {
    expect((await runToEnd(['--version'], {})).output).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('names what it does not know', async () => {
    expect(await runToEnd(['sevre'], {})).toMatchObject({
      code: 1,
      output: expect.stringContaining('Did you mean serve?'),
    });
    const role = await runToEnd(['serve', '--role', 'web'], {});
    expect(role).toMatchObject({ code: 1, output: expect.stringContaining('Allowed choices are api, worker') });
  });
});

import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../runtime/config.ts';
import { loadSecretKeys } from '../../runtime/secret-keys.ts';

const one = Buffer.alloc(32, 1);
const two = Buffer.alloc(32, 255);
const permissions = 0o777;
const root = join(import.meta.dirname, '../..');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'secret-keys-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('Secret keys that are set', () => {
  it('are read in their order', () => {
    const SECRET_KEYS = ` ${one.toString('base64')} , ${two.toString('base64')}\n`;
    expect(loadSecretKeys({ SECRET_KEYS, DATA_DIR: folder })).toEqual([one, two]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([31, 33, 0])('are refused when one has %i bytes, without a word of it', (bytes) => {
    const wrong = Buffer.alloc(bytes, 'S').toString('base64');
    const load = () => loadSecretKeys({ SECRET_KEYS: `${one.toString('base64')},${wrong}`, DATA_DIR: folder });
    expect(load).toThrow(ConfigurationError);
    expect(load).toThrow(/^SECRET_KEYS: key 2 must be 32 bytes in base64; make one with: openssl rand -base64 32$/);
  });

  it('are needed when the database is not the embedded one', () => {
    const load = () => loadSecretKeys({ DATABASE_URL: 'postgresql://db/name', DATA_DIR: folder });
    expect(load).toThrow(ConfigurationError);
    expect(load).toThrow(/^SECRET_KEYS is needed, because DATABASE_URL is set/);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('Secret keys that are not set', () => {
  it('are made at the first start and found at the next', () => {
    const settings = { DATA_DIR: join(folder, 'deep', 'data') };
    const made = loadSecretKeys(settings);
    expect(made.map((key) => key.length)).toEqual([32]);
    expect(loadSecretKeys(settings)).toEqual(made);
    expect(loadSecretKeys({ DATA_DIR: folder })).not.toEqual(made);
  });

  it('are for their owner alone', () => {
    const DATA_DIR = join(folder, 'data');
    loadSecretKeys({ DATA_DIR });
    expect(statSync(join(DATA_DIR, 'secret-keys')).mode & permissions).toBe(0o600);
    expect(statSync(DATA_DIR).mode & permissions).toBe(0o700);
    expect(readdirSync(DATA_DIR)).toEqual(['secret-keys']);
  });

  it('may be several in the file', () => {
    const file = join(folder, 'secret-keys');
    writeFileSync(file, `${one.toString('base64')},${two.toString('base64')}\n`);
    expect(loadSecretKeys({ DATA_DIR: folder })).toEqual([one, two]);
  });

  it('are never made anew over a file that cannot be read', () => {
    const file = join(folder, 'secret-keys');
    writeFileSync(file, 'damaged');
    expect(() => loadSecretKeys({ DATA_DIR: folder })).toThrow(ConfigurationError);
    expect(readFileSync(file, 'utf8')).toBe('damaged');
  });

  it('are the same for processes that start at the same moment', { timeout: 30_000 }, async () => {
    const rounds = 100;
    const program = `
      import { readdirSync, statSync, writeFileSync } from 'node:fs';
      import { loadSecretKeys } from './runtime/secret-keys.ts';
      const [folder] = process.argv.slice(1);
      writeFileSync(folder + '/ready-' + process.pid, '');
      const ready = () => readdirSync(folder).filter((name) => name.startsWith('ready-'));
      while (ready().length < 3);
      const from = Math.max(...ready().map((name) => statSync(folder + '/' + name).mtimeMs)) + 20;
      const keys = [];
      for (let round = 0; round < ${rounds}; round += 1) {
        while (Date.now() < from + 5 * round);
        keys.push(loadSecretKeys({ DATA_DIR: folder + '/' + round })[0].toString('hex'));
      }
      process.stdout.write(keys.join());`;
    const options = ['--import', 'tsx', '--input-type', 'module', '--eval', program, folder];
    const run = () => promisify(execFile)(process.execPath, options, { cwd: root, timeout: 20_000 });
    const [first, second, third] = (await Promise.all([run(), run(), run()])).map(({ stdout }) => stdout);
    expect(new Set(first?.split(',')).size).toBe(rounds);
    expect([second, third]).toEqual([first, first]);
  });
});

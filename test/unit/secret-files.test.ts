import { expect, test } from 'vitest';
import { readSettings } from '../../runtime/config.ts';
import { readSecretFiles } from '../../runtime/secret-files.ts';

const key = Buffer.alloc(32, 1).toString('base64');

const files: Readonly<Record<string, string>> = {
  '/run/secrets/keys': `${key}\n`,
  '/run/secrets/database': 'postgresql://user:secret@db/name\r\n',
  '/run/secrets/lines': 'two\nlines\n\n',
  '/run/secrets/empty': '\n',
};

function readFile(path: string): string {
  const text = files[path];
  if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
  return text;
}

function problemsIn(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    readSettings(env, readFile);
  } catch (error) {
    return (error as Error).message.split('\n').slice(1);
  }
  return [];
}

test('When secrets stand in files, then the settings hold them without the newline at the end', () => {
  const env = { SECRET_KEYS_FILE: '/run/secrets/keys', DATABASE_URL_FILE: '/run/secrets/database' };
  expect(readSettings(env, readFile)).toMatchObject({
    SECRET_KEYS: key,
    DATABASE_URL: 'postgresql://user:secret@db/name',
  });
});

test('When a file ends in several newlines, then one is cut off', () => {
  const { env } = readSecretFiles({ A_FILE: '/run/secrets/lines' }, ['A'], readFile);
  expect(env.A).toBe('two\nlines\n');
});

test('When the path is empty, or the setting is no secret, then no file is read', () => {
  expect(problemsIn({ SECRET_KEYS_FILE: '', PORT_FILE: '/nowhere' })).toEqual([]);
});

test('When a secret is given in both ways, then one sentence says so', () => {
  const says = '  SECRET_KEYS and SECRET_KEYS_FILE are both set: remove one of them';
  expect(problemsIn({ SECRET_KEYS: key, SECRET_KEYS_FILE: '/run/secrets/keys' })).toEqual([says]);
  expect(problemsIn({ SECRET_KEYS: key, SECRET_KEYS_FILE: '/nowhere' })).toEqual([says]);
});

test('When files cannot be read or are empty, then a sentence names each, and no secret is called missing', () => {
  const env = { DATABASE_URL: 'postgresql://db/name', SECRET_KEYS_FILE: '/nowhere' };
  expect(problemsIn({ ...env, REDIS_URL_FILE: '/run/secrets/empty' })).toEqual([
    '  REDIS_URL_FILE names /run/secrets/empty, which is empty',
    '  SECRET_KEYS_FILE names /nowhere, which cannot be read (ENOENT)',
  ]);
});

test('When a file holds a wrong value, then the message names the setting and does not show the value', () => {
  const [problem = ''] = problemsIn({ REDIS_URL_FILE: '/run/secrets/lines' });
  expect(problem).toMatch(/^ {2}REDIS_URL must look like this: /);
  expect(problem).not.toContain('two');
});

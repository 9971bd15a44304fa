import { randomBytes, randomUUID } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { EmbeddedPostgresError, errorCode } from './embedded-postgres-error.ts';

const passwordBytes = 32;

/**
 * The superuser's password from its file, or a new one that is written there (mode 0600, complete or not at all). Call
 * it under the folder lock.
 */
export async function readOrMakePassword(path: string): Promise<string> {
  const known = await readPassword(path);
  if (known !== '') return known;
  const password = randomBytes(passwordBytes).toString('base64url');
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${password}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  return password;
}

/** The password of a cluster that exists. Throws an EmbeddedPostgresError when its file is gone or empty. */
export async function requirePassword(path: string): Promise<string> {
  const password = await readPassword(path);
  if (password !== '') return password;
  throw new EmbeddedPostgresError(
    `The password of the database is missing: restore the file "${path}" from a backup, or set DATA_DIR to another folder.`,
  );
}

async function readPassword(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}

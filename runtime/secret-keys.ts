import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from './config.ts';

const keyBytes = 32;
const ownerOnly = 0o600;
const ownerOnlyFolder = 0o700;
const how = 'make one with: openssl rand -base64 32';

function parse(text: string): readonly Buffer[] {
  return text
    .trim()
    .split(',')
    .map((part, index) => {
      const key = Buffer.from(part.trim(), 'base64');
      if (key.length === keyBytes) return key;
      throw new ConfigurationError(`SECRET_KEYS: key ${index + 1} must be 32 bytes in base64; ${how}`);
    });
}

/**
 * Makes a key file, complete or not at all: it is written and flushed under another name, and gets its own by a hard
 * link, which of several processes at once one alone can make.
 */
function make(file: string): void {
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, `${randomBytes(keyBytes).toString('base64')}\n`, { mode: ownerOnly, flag: 'wx', flush: true });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
}

function readOrMake(dataDir: string): string {
  const file = join(dataDir, 'secret-keys');
  mkdirSync(dataDir, { recursive: true, mode: ownerOnlyFolder });
  if (!existsSync(file)) make(file);
  return readFileSync(file, 'utf8');
}

/**
 * The secret keys of the installation: from SECRET_KEYS, or, with the embedded database alone, made at the first start
 * and kept in `DATA_DIR/secret-keys`, which only its owner can read. Whoever loses them loses the API passwords.
 * @throws ConfigurationError when they are needed and absent, or have another form
 */
export function loadSecretKeys(settings: {
  readonly SECRET_KEYS?: string | undefined;
  readonly DATABASE_URL?: string | undefined;
  readonly DATA_DIR: string;
}): readonly Buffer[] {
  if (settings.SECRET_KEYS !== undefined) return parse(settings.SECRET_KEYS);
  if (settings.DATABASE_URL === undefined) return parse(readOrMake(settings.DATA_DIR));
  throw new ConfigurationError(`SECRET_KEYS is needed, because DATABASE_URL is set; ${how}`);
}

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ConfigurationError } from './config.ts';
import { readOrMakeSecret } from './kept-secret.ts';

const keyBytes = 32;
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
  if (settings.DATABASE_URL === undefined) {
    const file = join(settings.DATA_DIR, 'secret-keys');
    return parse(readOrMakeSecret(file, () => randomBytes(keyBytes).toString('base64')));
  }
  throw new ConfigurationError(`SECRET_KEYS is needed, because DATABASE_URL is set; ${how}`);
}

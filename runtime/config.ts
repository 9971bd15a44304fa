import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { Ajv2019, type ErrorObject } from 'ajv/dist/2019.js';
import { wrongRedis } from './redis-url.ts';
import { readSecretFiles } from './secret-files.ts';
import { type Settings, settingsSchema } from './settings.ts';

/** Settings that cannot be used; the message names every wrong one and says what it must be. */
export class ConfigurationError extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;
type SettingName = keyof typeof settingsSchema.properties;

/** Values that must not stand in an error message, because they may hold a password. NAME_FILE reads each from a file. */
export const secretNames = [
  'DATABASE_URL',
  'DATABASE_DIRECT_URL',
  'REDIS_URL',
  'SECRET_KEYS',
  'ROOT_API_PASSWORD',
  'MONITOR_PASSWORD',
];

function requirement(error: ErrorObject): string {
  const schema = (error.parentSchema ?? {}) as Readonly<Record<string, unknown>>;
  if (error.keyword === 'pattern') return `must look like this: ${schema.description}`;
  if (error.keyword === 'enum') return `must be one of ${error.params.allowedValues.join(', ')}`;
  if ('minimum' in schema) return `must be an integer from ${schema.minimum} to ${schema.maximum}`;
  if ('minLength' in schema) return `must have ${schema.minLength} to ${schema.maxLength} characters`;
  return error.message ?? 'is wrong';
}

function sentence(error: ErrorObject, env: Environment): string {
  if (error.keyword === 'dependentRequired') {
    const missing: SettingName = error.params.missingProperty;
    return `${missing} is needed, because ${error.params.property} is set: ${settingsSchema.properties[missing].description}`;
  }
  const name = error.instancePath.slice(1);
  const given = secretNames.includes(name) ? '' : `, not ${JSON.stringify(env[name])}`;
  return `${name} ${requirement(error)}${given}`;
}

const addressBits: Readonly<Record<number, number>> = { 4: 32, 6: 128 };

/** Whether a text is an address, or a CIDR range: an address, a slash and the number of leading bits that count. */
function isRange(text: string): boolean {
  const [, address = '', prefix = '0'] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  return Number(prefix) <= (addressBits[isIP(address)] ?? -1);
}

/** What JSON Schema cannot say: a sentence for each trusted proxy that is neither an address nor a range. */
function wrongProxies({ TRUSTED_PROXIES: list = '' }: Environment): readonly string[] {
  const parts = list.split(',').map((part) => part.trim());
  const wrong = parts.filter((part) => part !== '' && !isRange(part));
  return wrong.map((part) => `TRUSTED_PROXIES must hold addresses and CIDR ranges; ${JSON.stringify(part)} is neither`);
}

/** Forms of REDIS_URL with several hosts have rules of their own. */
const urlOfOneHost = /^[a-z]+:\/\//;

function wrongUrls(env: Environment): readonly string[] {
  return (['DATABASE_URL', 'DATABASE_DIRECT_URL', 'REDIS_URL'] as const)
    .filter((name) => urlOfOneHost.test(env[name] ?? '') && !URL.canParse(env[name] ?? ''))
    .map((name) => `${name} is no URL: in a password, write # as %23, / as %2F, @ as %40 and : as %3A`);
}

/** Names and addresses of this machine alone. */
const loopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** What other machines can reach has a password that somebody chose. */
function unprotectedHosts(env: Environment): readonly string[] {
  if (env.MONITOR_PASSWORD) return [];
  return (['MONITOR_HOST', 'METRICS_HOST'] as const)
    .filter((name) => !loopback.test(env[name] || settingsSchema.properties[name].default))
    .map((name) => `MONITOR_PASSWORD is needed, because ${name} is not the loopback address`);
}

/**
 * Reads the settings from an environment, secrets also from the files that it names. Every problem is found before any is
 * reported.
 * @throws ConfigurationError, one line for each setting that is wrong
 */
export function readSettings(given: Environment, readFile = (path: string) => readFileSync(path, 'utf8')): Settings {
  const { env, problems } = readSecretFiles(given, secretNames, readFile);
  const ajv = new Ajv2019({ allErrors: true, verbose: true, coerceTypes: true, useDefaults: true, strict: true });
  const isValid = ajv.compile<Settings>(settingsSchema);
  const isSetting = (name: string) => Object.hasOwn(settingsSchema.properties, name);
  const settings: unknown = Object.fromEntries(Object.entries(env).filter(([name, value]) => isSetting(name) && value));
  const others = [
    ...problems.values(),
    ...wrongProxies(env),
    ...wrongUrls(env),
    ...wrongRedis(env),
    ...unprotectedHosts(env),
  ];
  if (isValid(settings) && others.length === 0) return settings;
  // A secret whose file cannot be read is not missing.
  const errors = (isValid.errors ?? []).filter(({ params }) => !problems.has(params.missingProperty));
  const lines = new Set([...errors.map((error) => sentence(error, env)), ...others]);
  throw new ConfigurationError(`Settings that need a change:\n${[...lines].map((line) => `  ${line}`).join('\n')}`);
}

/**
 * Reads the settings from the process's environment, and from the file `.env` in the current folder, if there is one,
 * for what the environment does not set. The only reader of `process.env`.
 */
export function loadSettings(): Settings {
  try {
    if (existsSync('.env')) process.loadEnvFile('.env');
  } catch {
    throw new ConfigurationError(
      'The file .env is there but cannot be read: give this user the right to, or remove it.',
    );
  }
  return readSettings(process.env);
}

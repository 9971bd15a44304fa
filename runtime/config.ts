import { existsSync } from 'node:fs';
import { Ajv2019, type ErrorObject } from 'ajv/dist/2019.js';
import { type Settings, settingsSchema } from './settings.ts';

/** Settings that cannot be used; the message names every wrong one and says what it must be. */
export class ConfigurationError extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;

/** Values that must not stand in an error message, because they may hold a password. */
const secretNames = ['DATABASE_URL', 'REDIS_URL', 'SECRET_KEYS', 'ROOT_API_PASSWORD'];

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
    return `${error.params.missingProperty} is needed, because ${error.params.property} is set`;
  }
  const name = error.instancePath.slice(1);
  const given = secretNames.includes(name) ? '' : `, not "${env[name]}"`;
  return `${name} ${requirement(error)}${given}`;
}

/**
 * Reads the settings from an environment. Every problem is found before any is reported.
 * @throws ConfigurationError, one line for each setting that is wrong
 */
export function readSettings(env: Environment): Settings {
  const ajv = new Ajv2019({ allErrors: true, verbose: true, coerceTypes: true, useDefaults: true, strict: true });
  const isValid = ajv.compile<Settings>(settingsSchema);
  const set = Object.entries(env).filter(([name, value]) => name in settingsSchema.properties && value !== '');
  const settings: unknown = Object.fromEntries(set);
  if (isValid(settings)) return settings;
  const lines = new Set((isValid.errors ?? []).map((error) => sentence(error, env)));
  throw new ConfigurationError(`Settings that need a change:\n${[...lines].map((line) => `  ${line}`).join('\n')}`);
}

/**
 * Reads the settings from the process's environment, and from the file `.env` in the current folder, if there is one,
 * for what the environment does not set. The only reader of `process.env`.
 */
export function loadSettings(): Settings {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return readSettings(process.env);
}

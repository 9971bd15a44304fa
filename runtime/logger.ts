import pino from 'pino';
import pretty from 'pino-pretty';

export type Logger = pino.Logger;

const standardError = 2;

/**
 * Logs to standard error: JSON lines, or readable ones on a terminal. Passwords are removed wherever a careless caller
 * puts them, one level deep; nothing here logs parameters of a call in the first place.
 */
export function createLogger(level: string): Logger {
  const secrets = ['web_password', 'api_password', '*.web_password', '*.api_password', '*.authorization'];
  const options: pino.LoggerOptions = { level, base: { pid: process.pid }, redact: { paths: secrets, remove: true } };
  return process.stderr.isTTY
    ? pino(options, pretty({ destination: standardError, colorize: true, ignore: 'pid' }))
    : pino(options, pino.destination({ fd: standardError, sync: true }));
}

import { EmbeddedPostgresError } from '../embedded/postgres.ts';
import { ConfigurationError } from '../runtime/config.ts';

/** Something that the operator has to change; the message says what. Shown without a stack. */
export class OperatorError extends Error {}

interface SystemError {
  readonly code?: string;
  readonly syscall?: string;
  readonly address?: string;
  readonly port?: number;
  readonly path?: string;
}

const wrongCredentials = /^28/;
const noSuchDatabase = '3D000';

/** Sentences for errors of the system and of PostgreSQL that an operator can do something about. */
function sentence({ code = '', syscall, address, port, path }: SystemError): string | undefined {
  if (code === 'EADDRINUSE') return `Port ${port} on ${address} is in use: end the other program, or set PORT.`;
  if (code === 'EADDRNOTAVAIL') return `This machine has no address ${address}: set HOST to one of its own.`;
  if (code === 'EACCES' && syscall === 'listen')
    return `Port ${port} is reserved for root: set PORT to 1024 or higher.`;
  if (code === 'EACCES' || code === 'EPERM') return `No permission for ${path}: change its owner, or set DATA_DIR.`;
  if (code === 'ENOSPC') return 'The disk is full: make room, or set DATA_DIR to a folder on another disk.';
  if (wrongCredentials.test(code)) return 'PostgreSQL refuses user or password: correct DATABASE_URL.';
  if (code === noSuchDatabase)
    return 'The database of DATABASE_URL does not exist: create it, or correct DATABASE_URL.';
  return undefined;
}

/** The sentence for an error that an operator can mend, or undefined for one that is a fault of ours. */
export function explain(error: unknown): string | undefined {
  const known = [OperatorError, ConfigurationError, EmbeddedPostgresError].some((kind) => error instanceof kind);
  return known ? (error as Error).message : sentence(error as SystemError);
}

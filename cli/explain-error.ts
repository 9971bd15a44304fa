import { ImportProblem } from '../bulk-import/import-problem.ts';
import { EmbeddedPostgresError } from '../embedded/postgres.ts';
import { ConfigurationError } from '../runtime/config.ts';
import { OperatorError } from './operator-error.ts';

interface SystemError {
  readonly code?: string;
  readonly message?: string;
  readonly syscall?: string;
  readonly address?: string;
  readonly port?: number;
  readonly path?: string;
  readonly hostname?: string;
}

/** Sentences for errors of the system and of PostgreSQL that an operator can do something about, by code. */
const sentences: readonly (readonly [code: RegExp, says: (error: SystemError) => string])[] = [
  [/^EADDRINUSE$/, ({ port, address }) => `Port ${port} on ${address} is in use: end the other program, or set PORT.`],
  [/^EADDRNOTAVAIL$/, ({ address }) => `This machine has no address ${address}: set HOST to one of its own.`],
  [/^(ENOTFOUND|EAI_AGAIN)$/, ({ hostname }) => `There is no host ${hostname}: correct HOST or the URL.`],
  [/^(EEXIST|ENOTDIR)$/, ({ path }) => `${path} is no folder: set DATA_DIR to one.`],
  [/^EROFS$/, ({ path }) => `${path} is on a disk that cannot be written: set DATA_DIR to a folder elsewhere.`],
  [/^ENOSPC$/, () => 'The disk is full: make room, or set DATA_DIR to a folder on another disk.'],
  [/^28/, () => 'PostgreSQL refuses user or password: correct DATABASE_URL.'],
  [
    /^08P01$/,
    ({ message }) =>
      /startup parameter/.test(message ?? '')
        ? 'DATABASE_URL goes through PgBouncer: set DATABASE_DIRECT_URL to the server itself, too.'
        : `PostgreSQL, or what stands before it, does not take this connection: ${message}`,
  ],
  [/^3D000$/, () => 'The database of DATABASE_URL does not exist: create it, or correct DATABASE_URL.'],
  [
    /^(EACCES|EPERM)$/,
    ({ syscall, port, path }) =>
      syscall === 'listen'
        ? `Port ${port} is reserved for root: set PORT to 1024 or higher.`
        : `No permission for ${path}: change its owner, or set DATA_DIR.`,
  ],
];

function sentence(error: SystemError): string | undefined {
  return sentences.find(([code]) => code.test(error.code ?? ''))?.[1](error);
}

/** The sentence for an error that an operator can mend, or undefined for one that is a fault of ours. */
export function explain(error: unknown): string | undefined {
  const known = [OperatorError, ConfigurationError, EmbeddedPostgresError, ImportProblem].some(
    (kind) => error instanceof kind,
  );
  return known ? (error as Error).message : sentence(error as SystemError);
}
